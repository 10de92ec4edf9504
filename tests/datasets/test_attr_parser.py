import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datasets.fuzzing import spoilt
from zpoints.datasets import labels
from zpoints.datasets import attr_parser as signs
from zpoints.datasets.attr_parser import parse_even_signs
from zpoints.datasets.attr_parser import parse_signs

COLUMNS = 3
BITS = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]], dtype=bool)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Of two or three rows."""
    monkeypatch.setattr(signs, "BLOCK_BYTES", 50)


def body(end="\n", pad=True):
    """Rows as the published file has them: a 1 next to the id has one blank alone; with two unless pad is False."""
    rows = []
    for number, row in enumerate(BITS, 1):
        words = " ".join(" 1" if bit else "-1" for bit in row)
        rows.append(f"{number:06d}.jpg {words if pad else words.lstrip()}{end}")
    return "".join(rows).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("pad", [True, False])
@pytest.mark.parametrize("behind", [b"", b"\n", b" \r\n\n"])
def test_rows_as_they_are_published_are_even(end, pad, behind):
    ids, present = parse_even_signs(body(end, pad).rstrip() + behind, COLUMNS)
    assert ids == [f"{number:06d}.jpg".encode() for number in range(1, 6)]
    np.testing.assert_array_equal(present, BITS)


@pytest.mark.parametrize("whole", [body(), body("\r\n", pad=False)], ids=["padded", "published"])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_what_is_taken_for_even_rows_holds_what_it_holds_word_by_word(whole, data):
    text = data.draw(spoilt(whole))
    if (even := parse_even_signs(text, COLUMNS)) is not None:
        ids, present = even
        lines = text.rstrip().split(b"\n")
        assert ids == [line.split(None, 1)[0] for line in lines]
        np.testing.assert_array_equal(present, parse_signs(text.rstrip() + b"\n", COLUMNS))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_plain_pairs_are_those_that_a_look_at_each_line_finds(tmp_path_factory, end, data):
    text = data.draw(spoilt(b"".join(b"%06d.jpg %d" % (i, i * 7) + end for i in range(1, 6))))
    if (plain := labels._parse_plain_pairs(text)) is not None:
        ids, numbers = labels._pairs(tmp_path_factory.getbasetemp(), text, 0, labels.MAX_IDENTITY)
        assert plain[0] == ids
        assert plain[1].tolist() == numbers.tolist()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_published_pairs_are_plain(end):
    ids, numbers = labels._parse_plain_pairs(b"1.jpg 20" + end + b"2.jpg 3" + end)
    assert (ids, numbers.tolist()) == ([b"1.jpg", b"2.jpg"], [20, 3])
