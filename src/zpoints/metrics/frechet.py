"""The Frechet distance of two sets of features, each taken for a Gaussian.

Named after what it is made of: face-FD is not comparable with a published FID, whose features are another network's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from zpoints.metrics.feature_scaler import refuse_too_few
from zpoints.metrics.jackknife import GROUPS, Score
from zpoints.stats.confidence import jackknife

PER_AXIS = 10  # images for each principal axis
FAKES, REALS = range(2)


class Side(NamedTuple):
    """A Gaussian of reals: mean (axes,), trace of its covariance, and a root R of it, R R' (axes, axes)."""

    mean: np.ndarray
    trace: float
    root: np.ndarray


@dataclass(frozen=True)
class Frechet:
    """Reals (m, d), float64, with which sets of fakes are compared; what depends on them alone is computed once.

    Squared distance of the Gaussians of equal moments: Dowson and Landau (1982), |m - m'|² + tr(C + C' - 2 (C C')^½). A
    covariance needs some ten images for each axis: with fewer, both sides are seen along the first principal axes of
    the reals alone; with `every_axis`, as publications have it, where there are no more images than axes. The estimate
    is biased upwards, the more the fewer images: compare at one count, beside the floor.
    """

    reals: np.ndarray
    seed: int
    every_axis: bool = False
    _seen: dict[int, tuple[np.ndarray, list[Side]]] = field(default_factory=dict, repr=False)

    def score(self, fakes: np.ndarray) -> tuple[Score, int]:
        """Distance of fakes (n, d), with the interval of the delete-a-group jackknife, and the number of axes.

        Raises NotMeasurable for fewer images than it takes.
        """
        count = min(len(fakes), len(self.reals))
        refuse_too_few(count, "the Frechet distance")
        axes = dimension = self.reals.shape[1]
        if not (self.every_axis and count > dimension):
            axes = min(dimension, count // PER_AXIS)
        if axes not in self._seen:
            self._seen[axes] = self._along(axes)
        basis, sides = self._seen[axes]
        drawn = _moments(fakes @ basis, self._groups(FAKES, len(fakes)))
        value, *left_out = (_distance(*moments, side) for moments, side in zip(drawn, sides, strict=True))
        return Score(value, *jackknife(value, np.array(left_out))), axes

    def _along(self, axes: int) -> tuple[np.ndarray, list[Side]]:
        """The first principal axes (d, axes), and along them the Gaussians of all reals and of all but each group."""
        basis = np.linalg.eigh(np.cov(self.reals.T).reshape(2 * self.reals.shape[1:]))[1][:, -axes:]
        sides = []
        for mean, covariance in _moments(self.reals @ basis, self._groups(REALS, len(self.reals))):
            variances, directions = np.linalg.eigh(covariance)
            sides.append(Side(mean, float(np.trace(covariance)), directions * np.sqrt(np.maximum(variances, 0))))
        return basis, sides

    def _groups(self, side: int, count: int) -> np.ndarray:
        return np.random.default_rng([self.seed, 1, side]).permutation(count) % GROUPS


def _moments(points: np.ndarray, group: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Mean (d,) and covariance (d, d) of points (n, d): of all, then without each group (n,)."""
    centre = points.mean(axis=0)
    parts = [points[group == number] - centre for number in range(GROUPS)]
    counts = np.array([len(part) for part in parts])
    sums = np.array([part.sum(axis=0) for part in parts])
    products = np.array([part.T @ part for part in parts])
    total, whole, square = counts.sum(), sums.sum(axis=0), products.sum(axis=0)
    for left in (slice(0), *(slice(number, number + 1) for number in range(GROUPS))):
        count = total - counts[left].sum()
        mean = (whole - sums[left].sum(axis=0)) / count
        covariance = (square - products[left].sum(axis=0) - count * np.outer(mean, mean)) / (count - 1)
        yield centre + mean, covariance


def _distance(mean: np.ndarray, covariance: np.ndarray, real: Side) -> float:
    # The eigenvalues of C C' are those of R' C R with C' = R R': symmetric, and nowhere negative but for rounding.
    shared = np.linalg.eigvalsh(real.root.T @ covariance @ real.root)
    shift = mean - real.mean
    return float(shift @ shift + np.trace(covariance) + real.trace - 2 * np.sqrt(np.maximum(shared, 0)).sum())
