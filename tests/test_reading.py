"""Our own outs, damaged in every way: what fits is read to the bit, what does not is one line that names the file."""

import json
import os
from pathlib import Path

import numpy as np
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zpoints.errors import UserError, printable
from zpoints.reading import MAX_DEPTH, read_array, read_json, read_table

ARRAY = np.arange(12, dtype=np.float32).reshape(6, 2)
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fault(read, *arguments, **options) -> str:
    """The one line with which a read fails."""
    with pytest.raises(UserError) as caught:
        read(*arguments, **options)
    line = str(caught.value)
    assert line.isprintable() and line.startswith(f"{printable(arguments[0])}: ")
    assert ("expected" in line) and ("received" in line) and len(line) < 1000
    return line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def array(tmp_path: Path) -> Path:
    np.save(tmp_path / "z.npy", ARRAY)
    return tmp_path / "z.npy"


class Model(pydantic.BaseModel, extra="forbid", strict=True):
    kind: str
    z_dim: int
    filters: tuple[int, ...] = ()


# Errors


@pytest.mark.parametrize("read", [read_json, read_table, read_array])
def test_a_disk_that_fails_is_one_line(read):
    """/proc/self/mem is a regular file that cannot be read at its begin: EIO."""
    with pytest.raises(UserError, match=r"^/proc/self/mem: expected .*, received: Input/output error$"):
        read(Path("/proc/self/mem"))


def test_foreign_text_is_escaped_in_every_error():
    error = UserError("a\nerror: forged \x1b[2J \ud800 \u202e", "second")
    assert str(error).splitlines() == ["a\\nerror: forged \\x1b[2J \\ud800 \\u202e", "second"]


def test_printable_text_stays_as_it_is():
    assert printable("Grüße, 東京: C:\\x") == "Grüße, 東京: C:\\x"


# Arrays


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("shape", [None, (6, 2), (None, 2), (None, None)])
def test_an_array_is_read_to_the_bit(array, mapped, shape):
    values = read_array(array, np.float32, shape=shape, ndim=2, mapped=mapped, finite=True)
    assert values.dtype == np.float32 and np.array_equal(values, ARRAY)
    assert isinstance(values, np.memmap) == mapped and values.flags.writeable != mapped


@pytest.mark.parametrize("shape", [(0, 3), (0,), ()])
def test_arrays_without_rows_or_axes_are_read(path, shape):
    with path.open("wb") as file:
        np.save(file, np.zeros(shape))
    assert read_array(path, np.floating, shape=shape, finite=True).shape == shape


@pytest.mark.parametrize(
    ("dtype", "options", "line"),
    [
        (np.float64, {}, "expected float64, received float32 of shape (6, 2)"),
        (np.str_, {}, "expected str, received float32 of shape (6, 2)"),
        (np.float32, {"shape": (None, 3)}, "expected float32 of shape (any, 3), received float32 of shape (6, 2)"),
        (np.float32, {"shape": (12,)}, "expected float32 of shape (12,), received float32 of shape (6, 2)"),
        (np.float32, {"ndim": 1}, "expected float32 of shape (any,), received float32 of shape (6, 2)"),
    ],
)
def test_another_type_or_shape_is_named(array, dtype, options, line):
    assert fault(read_array, array, dtype, **options) == f"{array}: {line}"


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_row_that_is_not_finite_is_named(path, monkeypatch, mapped, value):
    monkeypatch.setattr("zpoints.reading.CHUNK", 4)
    spoilt = np.zeros((7, 3))
    spoilt[5, 1] = spoilt[6, 0] = value
    with path.open("wb") as file:
        np.save(file, spoilt)
    line = fault(read_array, path, np.float64, mapped=mapped, finite=True)
    assert line == f"{path}: expected finite numbers, received {value} in row 5"
    assert len(read_array(path, np.float64, mapped=mapped)) == 7


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what is resident")
def test_what_was_checked_does_not_stay_resident(path):
    def resident() -> int:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssFile")]
        return 1024 * int(line.split()[1])

    values = np.ones((1 << 16, 64))  # 32 MB
    with path.open("wb") as file:
        np.save(file, values)
    before = resident()
    array = read_array(path, np.float64, mapped=True, finite=True)
    assert resident() < before + values.nbytes / 4
    assert np.array_equal(array, values)


def test_a_file_longer_or_shorter_than_its_header_is_named(array):
    content = array.read_bytes()
    for size in (0, 5, 100, len(content) - 1):
        array.write_bytes(content[:size])
        fault(read_array, array, np.float32)
    array.write_bytes(content + b"x")
    assert "expected 176 bytes, as its header says, received 177" in fault(read_array, array, np.float32)


def test_pickles_archives_and_other_byte_orders_are_refused(array):
    np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    fault(read_array, array, np.object_)
    np.savez(array.with_suffix(".npz"), a=ARRAY)
    fault(read_array, array.with_suffix(".npz"), np.float32)
    np.save(array, ARRAY.astype(">f4"))
    fault(read_array, array, np.float32)


@pytest.mark.parametrize(
    "shape", ["(-1,)", "(2L,)", "(True,)", "(3.0,)", "(2**9,)", "(9999999999,)", f"({'9' * 4000},)" * 2, "(" * 200, "3"]
)
@pytest.mark.parametrize("descr", ["'<f4'", "[]", "[('a', '<f4')]", "'|V0'", "'<U0'", "'<U999999999'", "'|O'", "None"])
def test_a_hostile_header_is_one_line(path, descr, shape):
    """numpy itself crashes over some of these, with a signal."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8))
    fault(read_array, path, np.generic)


@pytest.mark.parametrize("read", [lambda path: read_array(path, np.float32), read_json, read_table])
def test_what_is_no_readable_file_is_named(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", ".", "a\nb", "\0", "n" * 300, "missing/below"):
        fault(read, tmp_path / name)
    fault(read, Path("/dev/zero"))


@many
@given(header=st.data())
def test_a_damaged_header_is_one_line(array, header):
    content = bytearray(array.read_bytes())
    for _ in range(header.draw(st.integers(1, 3))):
        content[header.draw(st.integers(0, 127))] = header.draw(st.integers(0, 255))
    spoilt = array.with_name("spoilt.npy")
    spoilt.write_bytes(content)
    try:
        read_array(spoilt, np.float32, ndim=2, mapped=True)
    except UserError as error:
        assert str(error).isprintable()


# JSON


def test_json_is_read_as_written_or_as_a_model(path):
    content = {"kind": "vae", "z_dim": 2, "filters": [1, 2]}
    path.write_text(json.dumps(content))
    assert read_json(path) == content
    assert read_json(path, Model) == Model(kind="vae", z_dim=2, filters=(1, 2))


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("[NaN]", "NaN, which is no finite number"),
        ("[-Infinity]", "-Infinity, which is no finite number"),
        ("[1e999]", "1e999, which is no finite number"),
        ('{"a": {"b": 1, "b": 2}}', "the key b twice"),
        ('["\\ud800"]', "surrogates not allowed"),
        ("[" + "9" * 5000 + "]", "4300 digits"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "more"),
        ("[" * 100_000 + "]" * 100_000, "more"),
        ("[" * 100_000, "more"),
        ('{"a":' * 100_000, "more"),
    ],
)
def test_what_is_not_our_json_is_named(path, text, received):
    path.write_text(text)
    assert received in fault(read_json, path).partition("received")[2]


def test_json_of_bounded_depth_is_read(path):
    depth = MAX_DEPTH - 1
    path.write_text("[" * depth + "]" * depth)
    read_json(path)


def test_json_that_is_too_large_is_refused_unread(path):
    path.write_text("[" + " " * 100 + "]")
    assert "expected JSON of at most 100 bytes, received 102" in fault(read_json, path, max_bytes=100)


def test_bytes_that_are_no_utf_8_are_named(path):
    path.write_bytes(b'{"a": "\xff"}')
    assert "in UTF-8" in fault(read_json, path)
    assert "in UTF-8" in fault(read_table, path)


def test_each_key_that_does_not_fit_a_model_has_a_line(path):
    path.write_text('{"z_dim": "2\\n", "more": 1, "filters": [1, null]}')
    with pytest.raises(UserError) as caught:
        read_json(path, Model)
    assert str(caught.value).splitlines() == [
        f"{path}: kind: expected a value, received none",
        f'{path}: z_dim: expected a valid integer, received "2\\n"',
        f"{path}: filters.1: expected a valid integer, received null",
        f"{path}: more: expected no such key, received one",
    ]


def test_a_thousand_faults_are_ten_lines(path):
    path.write_text(json.dumps({"kind": "", "z_dim": 1, "filters": ["x"] * 1000}))
    with pytest.raises(UserError) as caught:
        read_json(path, Model)
    lines = str(caught.value).splitlines()
    assert len(lines) == 10 and lines[-1] == f"{path}: and 991 faults more"


@many
@given(content=st.one_of(st.binary(max_size=60), st.text('{}[]",:1eE+-.\\u dnaN\n', max_size=60).map(str.encode)))
def test_any_bytes_are_json_or_one_line(path, content):
    path.write_bytes(content)
    for model in (None, Model):
        try:
            read_json(path, model)
        except UserError as error:
            assert all(line.isprintable() for line in str(error).splitlines())


# Tables

TABLE = 'name,k,value,null\nMale,1,0.1,\n"a,b",2,1e-300,0.30000000000000004\n'


def test_a_table_holds_numbers_and_texts(path):
    path.write_text(TABLE)
    table = read_table(path, ["k", "name"], optional=["null"])
    assert list(table.columns) == ["name", "k", "value", "null"]
    assert list(table["name"]) == ["Male", "a,b"] and list(table["k"]) == [1, 2] and table["k"].dtype == np.int64
    assert list(table["value"]) == [0.1, 1e-300] and table["value"].dtype == np.float64
    assert np.isnan(table["null"][0]) and table["null"][1] == 0.30000000000000004


@pytest.mark.parametrize("words", [["NA", "null"], ["nan", "x"], ["1", "02"], ["", "a"]])
def test_texts_stay_as_written(path, words):
    path.write_text("name,k\n" + "".join(f"{word},1\n" for word in words))
    assert list(read_table(path, text=["name"])["name"]) == words


def test_labels_that_look_like_numbers_are_texts(path):
    path.write_text("name,k\nMale,1\n5,\nnan,3\n")
    table = read_table(path, optional=None)
    assert list(table["name"]) == ["Male", "5", "nan"] and list(table["k"].dropna()) == [1, 3]


def test_a_table_without_rows_has_its_columns(path):
    path.write_text("name,k\n")
    assert list(read_table(path, ["k"]).columns) == ["name", "k"]


def test_a_column_that_is_empty_is_nan_where_optional_alone(path):
    path.write_text("k,null\n1,\n2,\n")
    assert read_table(path, optional=["null"])["null"].isna().all()
    assert "null: expected finite numbers, received an empty cell in row 0" in fault(read_table, path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "expected CSV with a header, received an empty file"),
        ("k,k\n1,2\n", "expected columns of different names, received k, k"),
        ("k,\n1,2\n", "expected columns of different names, received k,"),
        ("k,v\n1\n", "line 2: expected 2 cells, received 1"),
        ("k,v\n1,2,3\n", "line 2: expected 2 cells, received 3"),
        ("k,v\n1,2\n\n", "line 3: expected 2 cells, received 0"),
        ('k,v\n1,"2\n', "line 2: expected CSV, received"),
        ("k,v\n1,nan\n", "v: expected finite numbers, received 'nan' in row 0"),
        ("k,v\n1,2\n2,-inf\n", "v: expected finite numbers, received '-inf' in row 1"),
        ("k,v\n1,2\n2,x\n", "v: expected finite numbers, received 'x' in row 1"),
        ("k,w\n1,2\n", "expected a column v, received k, w"),
        ("k,v\n1," + "x" * 200_000 + "\n", "line 2: expected CSV, received"),
    ],
)
def test_a_table_that_does_not_fit_is_named(path, text, line):
    path.write_text(text)
    assert f"{path}: {line}" in fault(read_table, path, ["k", "v"])


def test_a_column_of_texts_is_no_column_of_numbers_where_texts_are_named(path):
    path.write_text("name,k\na,x\n")
    assert "k: expected finite numbers, received 'x' in row 0" in fault(read_table, path, text=["name"])


def test_a_table_that_is_too_large_is_refused_unread(path):
    path.write_text("k\n" + "1\n" * 100)
    assert "expected CSV of at most 100 bytes, received 202" in fault(read_table, path, max_bytes=100)


@many
@given(content=st.one_of(st.binary(max_size=60), st.text('abk,"\n\r1.e- naif', max_size=60).map(str.encode)))
def test_any_bytes_are_a_table_or_one_line(path, content):
    path.write_bytes(content)
    try:
        read_table(path)
    except UserError as error:
        assert str(error).isprintable()
