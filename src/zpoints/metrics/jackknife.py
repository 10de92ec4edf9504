"""A score with its 95% interval: by the bootstrap for means over images, by the jackknife for what is no mean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zpoints.stats.confidence import CONFIDENCE, jackknife

RESAMPLES = 1000
GROUPS = 20


@dataclass(frozen=True)
class Score:
    """A number and the ends of its 95% interval, each None where it cannot be told."""

    value: float
    low: float | None = None
    high: float | None = None


def of_mean(values: np.ndarray, seed: tuple[int, ...], scale: float = 1.0) -> Score:
    """Mean of values (n,), times `scale`, with the percentile bootstrap's interval: Efron (1979).

    The number of resamples is RESAMPLES, and each draws as many values as there are.
    """
    values = scale * values.astype(np.float64)
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Score(float(values.mean()), float(low), float(high))


def by_jackknife(value: float, without: Callable[[int], float], groups: int) -> Score:
    """A score of all images, with the interval of the delete-a-group jackknife.

    The bootstrap draws images twice, which moves scores that rest on pairs or ranks; leaving some out does not.

    Args: without, the score without the images of group g of `groups`, a random part each.
    """
    return Score(float(value), *jackknife(float(value), np.array([without(group) for group in range(groups)])))
