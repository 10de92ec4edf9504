"""Attributes with amounts as a user writes them: Smiling=2."""

import math
from collections.abc import Sequence

from zpoints.errors import UserError

MAX_AMOUNT = 1000  # far beyond any face, and far below what overflows in float32


def parse(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Names and amounts of `NAME=AMOUNT`. Raises UserError for any other text."""
    pairs = []
    for text in texts:
        name, _, number = text.partition("=")
        try:
            amount = float(number)
        except ValueError:
            amount = math.nan
        if not name or not abs(amount) <= MAX_AMOUNT:
            limits = f"with an amount from -{MAX_AMOUNT} to {MAX_AMOUNT}"
            raise UserError(f"--add: expected NAME=AMOUNT such as Smiling=2, {limits}, received {text}")
        pairs.append((name, amount))
    return pairs


def label(amounts: Sequence[tuple[str, float]]) -> str:
    """A line for each attribute: `Smiling +2`."""
    return "\n".join(f"{name} {amount:+g}" for name, amount in amounts)
