"""Does a null show the same number, or the same curve? Monte Carlo tests against draws of the null."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def beside(value: float, nulls: Sequence[float]) -> dict[str, float]:
    """A number of the points, and the mean and range of the same number of the nulls."""
    return {
        "mu": value,
        "null": float(np.mean(nulls)),
        "null_low": float(np.min(nulls)),
        "null_high": float(np.max(nulls)),
    }


def upper_p(value: float, nulls: Sequence[float]) -> float:
    """The Monte Carlo p of a number that is the larger the less normal: exact for any number of nulls."""
    return float((1 + np.count_nonzero(np.asarray(nulls) >= value)) / (len(nulls) + 1))


@dataclass(frozen=True)
class Envelope:
    """Where curves of the null lie: their mean, and a band that a further one leaves anywhere with a chance of alpha.

    A simultaneous envelope, of the largest deviation in units of each point's own standard deviation (Myllymäki,
    Mrkvička, Grabarnik, Seijo and Hahn, J. R. Statist. Soc. B 79 (2017) 381); each null is compared with the others.
    """

    mean: np.ndarray
    std: np.ndarray
    deviations: np.ndarray  # the largest of each null

    @classmethod
    def of(cls, curves: np.ndarray) -> "Envelope":
        """Of float64 (nulls, points), at least 3 nulls."""
        deviations = []
        for null in range(len(curves)):
            others = np.delete(curves, null, axis=0)
            deviations.append(_largest(curves[null], others.mean(axis=0), others.std(axis=0, ddof=1)))
        return cls(curves.mean(axis=0), curves.std(axis=0, ddof=1), np.array(deviations))

    def critical(self, alpha: float) -> float:
        """The deviation that a further null exceeds with a chance of `alpha`."""
        rank = int(np.ceil((1 - alpha) * (len(self.deviations) + 1) - 1e-9))
        return float(np.sort(self.deviations)[min(rank, len(self.deviations)) - 1])

    def band(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """Its lower and upper edge."""
        margin = self.critical(alpha) * self.std
        return np.maximum(self.mean - margin, 0), self.mean + margin

    def describe(self, curve: np.ndarray, alpha: float) -> dict[str, float]:
        """How far a curve leaves the nulls', and the chance of as much: never below 1 / (nulls + 1)."""
        largest = _largest(curve, self.mean, self.std)
        low, high = self.band(alpha)
        return {
            "deviation": largest,
            "critical": self.critical(alpha),
            "outside": float(((curve < low) | (curve > high)).mean()),
            "p": upper_p(largest, self.deviations.tolist()),
        }


def _largest(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> float:
    return float(np.max(np.abs(values - mean) / np.maximum(std, np.finfo(float).tiny)))
