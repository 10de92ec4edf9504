"""A CSV of labels by itself: which words are 0 and 1, and which are whole or finite numbers."""

import numpy as np
import pytest

from zpoints.datasets import csv_labels
from zpoints.datasets.csv_labels import read_rows
from zpoints.errors import UserError


@pytest.fixture
def column(tmp_path):
    """A file of one column of these words, read."""

    def write(*words):
        lines = [f"{row:06d}.jpg,{word}" for row, word in enumerate(words, 1)]
        (tmp_path / "labels.csv").write_text("\n".join(["image,label", *lines]) + "\n", encoding="utf-8")
        return read_rows(tmp_path / "labels.csv")

    return write


def test_yes_and_no_in_all_their_forms_are_one_and_zero(column):
    have = ("1", "1.0", "true", "True", "YES", "yes")
    for have_not in (("0", "0.0", "false", "FALSE", "no", "No"), ("-1", "-1.0", "false", "FALSE", "no", "No")):
        found = column(*have, *have_not).binary("label")
        assert found.dtype == np.int8 and found.tolist() == [1] * len(have) + [0] * len(have_not)


@pytest.mark.parametrize("words", [("-1", "0", "1"), ("-1.0", "1", "0"), ("0", "-1")])
def test_three_levels_are_a_number(column, words):
    rows = column(*words)
    assert rows.binary("label") is None
    assert rows.numbers("label").tolist() == [float(word) for word in words]


def test_a_file_larger_than_the_bound_is_refused(column, monkeypatch):
    monkeypatch.setattr(csv_labels, "MAX_BYTES", 20)
    with pytest.raises(UserError, match=r"labels\.csv: expected a readable label file of at most 20 bytes, received"):
        column("1", "0", "1")


@pytest.mark.parametrize("word", ["2", "", "maybe", "-0", "01"])
def test_a_column_with_any_other_word_is_not_binary(column, word):
    assert column("1", word, "0").binary("label") is None


def test_whole_numbers_up_to_the_bound_are_taken(column):
    found = column("0", "7", "007", "12").whole("label", 12)
    assert found.dtype == np.int64 and found.tolist() == [0, 7, 7, 12]


@pytest.mark.parametrize("word", ["13", "-1", "1.0", "²", "٣", "", "x", "1 2", "0" * 13])
def test_what_is_no_whole_number_up_to_the_bound_is_named(column, word):
    expected = rf"labels.csv, line 3, column label: expected a whole number from 0 to 12, received '{word}'"
    with pytest.raises(UserError, match=expected):
        column("3", word).whole("label", 12)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1e39", "", "x", "1;5"])
def test_what_is_no_finite_number_is_named(column, word):
    with pytest.raises(UserError, match=rf"line 2, column label: expected a finite number, received '{word}'"):
        column(word).numbers("label")


def test_finite_numbers_are_taken_as_they_are(column):
    assert column("1.5", "-2e3", "٣").numbers("label").tolist() == [1.5, -2000, 3]
