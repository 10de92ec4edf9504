"""YAML of any kind is read within seconds, or refused in one line that says where."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from zpoints.config.yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, load_yaml
from zpoints.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


def fault(source, name: str = "x") -> str:
    """The one line with which a source is refused, within seconds: what grows faster than the text takes minutes."""
    start = time.process_time()
    with pytest.raises(UserError) as caught:
        load_yaml(source, name)
    assert time.process_time() - start < 10
    line = str(caught.value)
    assert line.isprintable() and len(line) < 400
    return line


@pytest.mark.parametrize("file", ["params.yaml", "params.celeba.yaml", "params.folder.yaml", "dvc.yaml"])
def test_the_projects_own_files_are_read_as_by_the_library(file):
    path = ROOT / file
    assert load_yaml(path) == YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-5", 1e-5), ("0o10", 8), ("yes", "yes"), ("", None), ("[1, 'a']", [1, "a"]), ("\ufeffa: 1", {"a": 1})],
)
def test_values_are_those_of_yaml_1_2(text, value):
    assert load_yaml(text) == value


def test_aliases_and_merges_are_read():
    assert load_yaml("a: &a {x: 1}\nb: *a\nc:\n  <<: *a\n  y: 2\n") == {
        "a": {"x": 1},
        "b": {"x": 1},
        "c": {"x": 1, "y": 2},
    }


def bomb(levels: int) -> str:
    """Every line stands for ten times the one above."""
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [x]", *lines])


REFUSED = {
    "alias bomb": (bomb(9), "line 5", f"more than {MAX_NODES} values"),
    "merge bomb": (
        "a0: &a0 {x: 1}\n" + "\n".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 9)),
        "line 5",
        f"more than {MAX_NODES} values",
    ),
    "self-alias": ("a: &a\n  - *a", "line 2, column 5", "the alias a within what it stands for"),
    "merge with itself": ("a: &a\n  <<: *a", "line 2, column 7", "the alias a within what it stands for"),
    "deep alias": (
        f"a: &a [{'[' * 30}{']' * 30}, 1]\nb: {'[' * 25}*a{']' * 25}",
        "line 2",
        f"more than {MAX_DEPTH} levels",
    ),
    "unknown alias": ("a: *b", "line 1, column 4", "found undefined alias"),
    "600 levels": ("[" * 600 + "]" * 600, "line 1, column 51", f"more than {MAX_DEPTH} levels"),
    "100,000 levels": ("[" * 100_000, "line 1, column 51", f"more than {MAX_DEPTH} levels"),
    "levels of a block": ("? " * 600, "line 1, column 101", f"more than {MAX_DEPTH} levels"),
    "levels of aliases": (
        "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 100)),
        "line 49",
        f"more than {MAX_DEPTH} levels",
    ),
    "values": ("[" + "1," * 100_000 + "]", "line 1", f"more than {MAX_NODES} values"),
    "keys": ("".join(f"k{i}: 1\n" for i in range(100_000)), "line 10000,", f"more than {MAX_NODES} values"),
    "empty whole number": ("a: !!int ''", "line 1, column 4", "the tag tag:yaml.org,2002:int"),
    "tag of a program": ("a: !!python/object/apply:os.system ['x']", "line 1, column 4", "the tag"),
    "own tag": ("a:\n  !own {b: 1}", "line 2, column 3", "the tag !own"),
    "no tag": ("a: ! b", "line 1, column 4", "the tag !"),
    "lone surrogate": ('a: "\\ud800"', "line 1, column 4", "received: \\ud800, one half of a letter"),
    "lone surrogate as key": ('"\\udfff": 1', "line 1, column 1", "received: \\udfff, one half of a letter"),
    "tab": ("a:\n\tb: 1", "line 2, column 1", "found character"),
    "key twice": ("a: 1\na: 2", "line 2, column 1", "duplicate key"),
    "anchor twice": ("[&a 1, &a 2]", "line 1, column 8", "the anchor a twice"),
    "two documents": ("a: 1\n---\nb: 2", "line 2, column 1", "another document"),
    "no end": ("a: [1", "line 1, column 6", "while parsing a flow sequence"),
    "list as key": ("? [a]\n: 1", "line 1, column 3", "a list or mapping as a key"),
    "mapping as key": ("a: &a {}\n*a : 1", "line 2, column 1", "a list or mapping as a key"),
    "no date": ("a: 2001-99-99", "line 1, column 4", "month must be in"),
    "a number of 5,000 digits": ("a: " + "9" * 5000, "line 1, column 4", "4300 digits"),
    "version": ("%YAML " + "9" * 5000 + ".1\n---\na: 1", "", ""),
    "escape code": ("a: 1\nb: \x1b[2J", "line 2, column 4", "special characters are not allowed"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("text", "position", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_no_params_hold_is_refused_in_a_line_with_its_position(text, position, reason):
    line = fault(text)
    assert line.startswith(f"x: {position}") and reason in line and "expected YAML 1.2, received: " in line


def test_fifty_million_bytes_are_refused_unread(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_bytes(b"a: 1\n" * 10_000_000)
    assert f"{path}: expected a readable YAML file of at most {MAX_BYTES} bytes, received 50000000" in fault(path, "")
    assert f"x: expected at most {MAX_BYTES} bytes, received " in fault("a" * (MAX_BYTES + 1))


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a: 1\n", "x ", "#", "\n", "[", "{a: ", "- ", "? ", "&a ", "*a ", "'", '"', "---\n"])
def test_a_million_bytes_take_seconds_at_most(unit):
    start = time.process_time()
    try:
        load_yaml(unit * (MAX_BYTES // len(unit)), "x")
    except UserError as error:
        assert str(error).isprintable() and len(str(error)) < 400
    assert time.process_time() - start < 10


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: \xc3"])
def test_bytes_that_are_no_utf_8_are_named(tmp_path, content):
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    assert f"{path}: expected a readable YAML file in UTF-8" in fault(path, "")


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("ab01.-:?[]{}&*!|>'\"\\%@#,~< \n\tu", max_size=60)))
def test_any_text_is_plain_values_or_one_line(text):
    try:
        content = load_yaml(text, "x")
    except UserError as error:
        assert str(error).isprintable()
    else:
        json.dumps(content, default=str, skipkeys=True)
