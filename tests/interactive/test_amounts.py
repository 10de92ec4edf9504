"""NAME=AMOUNT, or one line that says so."""

import pytest

from zpoints.errors import UserError
from zpoints.interactive.amounts import parse


def test_names_and_amounts_in_their_order():
    assert parse(["Smiling=2", "Male=-0.5", "Smiling=1e-1"]) == [("Smiling", 2), ("Male", -0.5), ("Smiling", 0.1)]


@pytest.mark.parametrize(
    "text", ["Smiling", "Smiling=", "=2", "Smiling=two", "Smiling=nan", "Smiling=inf", "a=1=2", ""]
)
def test_anything_else_is_refused(text):
    with pytest.raises(UserError, match="--add: expected NAME=AMOUNT such as Smiling=2, received"):
        parse([text])
