"""Is a number, or a whole curve, one that a null shows as well? Monte Carlo: as many nulls as the level asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def beside(own: float, nulls: Sequence[float]) -> dict[str, float]:
    """A number of the points, and the mean and range of the same number of the nulls."""
    return {
        "mu": own,
        "null": float(np.mean(nulls)),
        "null_low": float(np.min(nulls)),
        "null_high": float(np.max(nulls)),
    }


def upper_p(own: float, nulls: Sequence[float]) -> float:
    """The Monte Carlo p of a number that is the larger the less normal: exact for any number of nulls."""
    return float((1 + np.count_nonzero(np.asarray(nulls) >= own)) / (len(nulls) + 1))


@dataclass(frozen=True)
class Envelope:
    """Where the quantiles of the nulls lie: their mean, and a band that a Gaussian leaves anywhere at the level only.

    A simultaneous envelope, of the largest deviation in units of each level's own standard deviation (Myllymäki,
    Mrkvička, Grabarnik, Seijo and Hahn, J. R. Statist. Soc. B 79 (2017) 381); each null is held against the others.
    """

    mean: np.ndarray
    std: np.ndarray
    reached: np.ndarray  # by each null, the largest deviation

    @classmethod
    def of(cls, quantiles: np.ndarray) -> "Envelope":
        """Of float64 (nulls, levels), at least 3 nulls."""
        reached = []
        for turn in range(len(quantiles)):
            others = np.delete(quantiles, turn, axis=0)
            reached.append(_largest(quantiles[turn], others.mean(axis=0), others.std(axis=0, ddof=1)))
        return cls(quantiles.mean(axis=0), quantiles.std(axis=0, ddof=1), np.array(reached))

    def critical(self, level: float) -> float:
        """The deviation that a further Gaussian exceeds with a chance of `level`."""
        place = int(np.ceil((1 - level) * (len(self.reached) + 1) - 1e-9))
        return float(np.sort(self.reached)[min(place, len(self.reached)) - 1])

    def band(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Its lower and upper edge."""
        reach = self.critical(level) * self.std
        return np.maximum(self.mean - reach, 0), self.mean + reach

    def describe(self, own: np.ndarray, level: float) -> dict[str, float]:
        """How far the points' quantiles leave the nulls', and the chance of as much: below 1 in `nulls` + 1 never."""
        largest = _largest(own, self.mean, self.std)
        low, high = self.band(level)
        return {
            "deviation": largest,
            "critical": self.critical(level),
            "outside": float(((own < low) | (own > high)).mean()),
            "p": upper_p(largest, self.reached.tolist()),
        }


def _largest(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> float:
    return float(np.max(np.abs(values - mean) / np.maximum(std, np.finfo(float).tiny)))
