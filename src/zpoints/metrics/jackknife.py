"""A score with its 95% interval: by Hall's t for means over images, by the jackknife for what is no mean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zpoints.stats.confidence import jackknife, mean

GROUPS = 20


@dataclass(frozen=True)
class Score:
    """A number and the ends of its 95% interval, each None where it cannot be told."""

    value: float
    low: float | None = None
    high: float | None = None


def of_mean(values: np.ndarray, scale: float = 1.0) -> Score:
    """Mean of values (n,), times `scale`, with the interval of zpoints.stats.confidence.mean; one value has none."""
    values = scale * values.astype(np.float64)
    return Score(float(values.mean()), *(mean(values) if len(values) > 1 else ()))


def by_jackknife(value: float, without: Callable[[int], float], groups: int) -> Score:
    """A score of all images, with the interval of the delete-a-group jackknife.

    The bootstrap draws images twice, which moves scores that rest on pairs or ranks; leaving some out does not.

    Args: without, the score without the images of group g of `groups`, a random part each.
    """
    return Score(float(value), *jackknife(float(value), np.array([without(group) for group in range(groups)])))
