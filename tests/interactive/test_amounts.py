"""NAME=AMOUNT, or one line that says so."""

import pytest

from zpoints.errors import UserError
from zpoints.interactive.amounts import label, parse


def test_names_and_amounts_in_order():
    assert parse(["Smiling=2", "Male=-0.5", "Smiling=1e-1"]) == [("Smiling", 2), ("Male", -0.5), ("Smiling", 0.1)]


@pytest.mark.parametrize(
    "text", ["Smiling", "Smiling=", "=2", "Smiling=two", "Smiling=nan", "Smiling=inf", "Smiling=1001", "a=1=2", ""]
)
def test_other_texts_are_refused(text):
    with pytest.raises(UserError, match=r"--add: expected NAME=AMOUNT such as Smiling=2, .*, received"):
        parse([text])


def test_label_has_a_line_for_each_attribute():
    assert label([("Smiling", 2.0), ("Male", -0.5)]) == "Smiling +2\nMale -0.5"
