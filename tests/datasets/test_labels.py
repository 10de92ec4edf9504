import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datasets_support import attributes_of, table
from zpoints.datasets import labels
from zpoints.datasets.csv_labels import read_rows
from zpoints.datasets.labels import ATTRIBUTES
from zpoints.errors import UserError

IDS = ["000001", "000002", "000003"]


def attribute_lines(ids=IDS, names=ATTRIBUTES):
    values = attributes_of(ids)
    columns = [ATTRIBUTES.index(name) if name in ATTRIBUTES else 0 for name in names]
    words = [" ".join(str(2 * value - 1) for value in row) for row in values[:, columns]]
    rows = [f"{image}.jpg {row}" for image, row in zip(ids, words, strict=True)]
    return [str(len(ids)), " ".join(names), *rows]


def write(path, lines, end="\n"):
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def test_attributes_written_are_read_back(tmp_path):
    written = table(IDS, ATTRIBUTES, attributes_of(IDS))
    labels.write(tmp_path / labels.ATTRIBUTE_FILE, written)
    read = labels.read_attributes(tmp_path / labels.ATTRIBUTE_FILE)
    assert (read.ids, read.names, read.values.dtype) == (written.ids, ATTRIBUTES, np.int8)
    np.testing.assert_array_equal(read.values, written.values)


@pytest.mark.parametrize("quirk", ["crlf", "trailing blanks", "two blanks", "tabs", "byte order mark", "empty end"])
def test_quirks_of_the_published_file_change_nothing(tmp_path, quirk):
    lines = attribute_lines()
    end = "\n"
    if quirk == "crlf":
        end = "\r\n"
    elif quirk == "trailing blanks":
        lines = [line + "  " for line in lines]
    elif quirk == "two blanks":
        lines = [line.replace(" 1", "  1") for line in lines]
    elif quirk == "tabs":
        lines = [line.replace(" ", "\t") for line in lines]
    elif quirk == "byte order mark":
        lines[0] = "\ufeff" + lines[0]
    else:
        lines += ["", " "]
    read = labels.read_attributes(write(tmp_path / "a.txt", lines, end))
    assert read.ids == [f"{image}.jpg" for image in IDS]
    np.testing.assert_array_equal(read.values, attributes_of(IDS))


def test_a_last_line_without_its_end_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(attribute_lines()))
    np.testing.assert_array_equal(labels.read_attributes(path).values, attributes_of(IDS))


def test_columns_in_another_order_come_in_the_official_order(tmp_path):
    read = labels.read_attributes(write(tmp_path / "a.txt", attribute_lines(names=ATTRIBUTES[::-1])))
    assert read.names == ATTRIBUTES
    np.testing.assert_array_equal(read.values, attributes_of(IDS))


def move_last_word_on(lines):
    lines[3], moved = lines[3].rsplit(" ", 1)
    return [*lines[:4], f"{moved} {lines[4]}"]  # as many words as before


def move_id_back(lines):
    moved, rest = lines[4].split(" ", 1)
    return [*lines[:3], f"{lines[3]} {moved}", rest]


def change(line, old, new):
    def apply(lines):
        assert old in lines[line]
        lines[line] = lines[line].replace(old, new, 1)
        return lines

    return apply


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (change(0, "3", "4"), "line 1: expected the number of rows that follow, 3, received '4'"),
        (change(0, "3", "three"), "line 1: expected the number of images, received 'three'"),
        (lambda lines: lines[:-1], "line 1: expected the number of rows that follow, 2, received '3'"),
        (lambda lines: lines[:2], "line 3: expected rows of labels, received none"),
        (change(1, "Young", "Old"), "line 2: expected the 40 attribute names, received 40 names; unknown: 'Old'"),
        (change(1, "Young", ""), "received 39 names; missing: 'Young'"),
        (change(1, "Young", "Young Male"), "line 2: expected the 40 attribute names, received 41 names"),
        (change(3, "-1", "0"), "line 4, column 2: expected -1 or 1, received '0'"),
        (change(3, "-1", "11"), "line 4, column 2: expected -1 or 1, received '11'"),
        (change(3, "-1", "-1-1"), "line 4, column 2: expected -1 or 1, received '-1-1'"),
        (change(3, "-1", "+1"), "line 4, column 2: expected -1 or 1, received '+1'"),
        (change(3, "-1", ""), "line 4: expected an id and 40 values, received 40 words"),
        (change(4, "-1", "-1 1"), "line 5: expected an id and 40 values, received 42 words"),
        (change(3, "000002.jpg", ""), "line 4: expected an id and 40 values, received 40 words"),
        (change(4, "000003", "000001"), "line 5: expected each image once, received 000001.jpg again (see line 3)"),
        (change(4, ".jpg", ".png"), "line 5: expected an image id such as 000001.jpg, received '000003.png'"),
        (lambda lines: [*lines[:3], "", *lines[3:]], "line 1: expected the number of rows that follow, 4"),
        (move_last_word_on, "line 4: expected an id and 40 values, received 40 words"),
        (move_id_back, "line 4: expected an id and 40 values, received 42 words"),
        (
            lambda lines: ["2", *lines[1:3], f"{lines[3]} 1 {lines[4]}"],
            "line 4: expected an id and 40 values, received 83",
        ),
        (lambda lines: ["4", *lines[1:4], "", lines[4][10:]], "line 5: expected an id and 40 values, received 0 words"),
    ],
)
def test_what_could_shift_a_label_is_an_error_naming_file_and_line(tmp_path, spoil, expected):
    path = write(tmp_path / "attributes.txt", spoil(attribute_lines()))
    with pytest.raises(UserError) as error:
        labels.read_attributes(path)
    assert str(error.value).startswith(str(path))
    assert expected in str(error.value)


def test_an_absent_file_is_an_error_naming_it(tmp_path):
    for read in (labels.read_attributes, labels.read_partition, labels.read_identities, labels.read_factors):
        with pytest.raises(UserError, match=r"none\.txt: expected a readable label file"):
            read(tmp_path / "none.txt")


@pytest.mark.parametrize("read", [*labels.READERS.values(), read_rows])
def test_a_file_whose_disk_fails_is_one_line(read):
    """/proc/self/mem is a regular file that cannot be read at its begin: EIO, as from a failing disk."""
    with pytest.raises(UserError, match="/proc/self/mem: expected a readable label file, received: Input/output error"):
        read(Path("/proc/self/mem"))


@pytest.mark.parametrize("read", [*labels.READERS.values(), read_rows])
def test_a_pipe_or_device_is_not_read(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(UserError, match=rf"{path}: expected a readable label file, received a "):
            read(path)


@pytest.mark.parametrize("read", labels.READERS.values())
def test_a_file_larger_than_the_bound_is_not_read(tmp_path, read, monkeypatch):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(labels.MAX_BYTES + 1)
    monkeypatch.setattr(labels, "MAX_BYTES", 100)
    monkeypatch.setattr(labels.text_of, "__defaults__", (100,))
    with pytest.raises(UserError, match="large: expected a readable label file of at most 100 bytes, received 1"):
        read(tmp_path / "large")


@pytest.mark.parametrize(
    ("read", "name", "values"),
    [
        (labels.read_partition, "partition", np.array([[0], [2], [1]], dtype=np.int8)),
        (labels.read_identities, "identity", np.array([[2880], [7], [10177]], dtype=np.int32)),
    ],
)
def test_whole_numbers_written_are_read_back_with_any_line_end(tmp_path, read, name, values):
    labels.write(tmp_path / "t.txt", table(IDS, (name,), values))
    (tmp_path / "crlf.txt").write_bytes((tmp_path / "t.txt").read_bytes().replace(b"\n", b" \r\n"))
    for file in ("t.txt", "crlf.txt"):
        found = read(tmp_path / file)
        assert (found.ids, found.names, found.values.dtype) == ([f"{i}.jpg" for i in IDS], (name,), values.dtype)
        np.testing.assert_array_equal(found.values, values)


@pytest.mark.parametrize("word", ["3", "-1", "1.0", "x", "99999999999", "0 1", ""])
def test_a_partition_is_0_1_or_2(tmp_path, word):
    with pytest.raises(UserError, match="line 2: expected"):
        labels.read_partition(write(tmp_path / "p.txt", ["000001.jpg 0", f"000002.jpg {word}", "000003.jpg 1"]))


def test_an_image_named_twice_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"line 2: expected each image once, received 000001\.jpg"):
        labels.read_identities(write(tmp_path / "i.txt", ["000001.jpg 5", "000001.jpg 6"]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=6, max_size=6))
def test_factors_are_restored_bit_for_bit(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("factors") / "factors.csv"
    values = np.array(numbers, dtype=np.float32).reshape(3, 2)
    labels.write(path, table(IDS, ("yaw", "smile"), values))
    read = labels.read_factors(path)
    assert (read.ids, read.names) == ([f"{image}.jpg" for image in IDS], ("yaw", "smile"))
    np.testing.assert_array_equal(read.values, values)
    assert read.values.dtype == np.float32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected image_id"),
        ("name,yaw\n000001.jpg,1\n", "line 1: expected image_id"),
        ("image_id,yaw,yaw\n000001.jpg,1,2\n", "line 1: expected image_id"),
        ("image_id,yaw\n000001.jpg,1,2\n", "line 2: expected 2 columns, received 3"),
        ("image_id,yaw\n000001.jpg,nan\n", "line 2: expected a finite number, received 'nan'"),
        ("image_id,yaw\n000001.jpg,3.4028236e38\n", "line 2: expected a finite number"),
        ("image_id,yaw\n000001.jpg,1e39\n", "line 2: expected a finite number"),
        ("image_id,yaw\n000001.jpg,left\n", "line 2: expected a finite number, received 'left'"),
        ("image_id,yaw\n000001.jpg,1\n000001.jpg,2\n", "line 3: expected each image once"),
    ],
)
def test_malformed_factors_are_errors(tmp_path, text, expected):
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(UserError, match=expected):
        labels.read_factors(tmp_path / "f.csv")
