"""Attributes with amounts as a user writes them: Smiling=2."""

import math
from collections.abc import Sequence

from zpoints.errors import UserError


def parse(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Names and finite amounts of `NAME=AMOUNT`. Raises UserError for what is no such text."""
    found = []
    for text in texts:
        name, _, number = text.partition("=")
        try:
            amount = float(number)
        except ValueError:
            amount = math.nan
        if not name or not math.isfinite(amount):
            raise UserError(f"--add: expected NAME=AMOUNT such as Smiling=2, received {text}")
        found.append((name, amount))
    return found
