"""Null models of claims about the cloud of z-points, each of the cloud's own mean and covariance.

What a null shows as well is no finding about faces.

gaussian: a Gaussian.
elliptical: a Gaussian's directions, with the Mahalanobis radii of the cloud's own points: one ellipsoid, whatever its
    tails. What it shows as well may come from heavy tails alone.
permuted: the cloud's own scores on each principal axis, of images drawn for each axis anew: marginals without
    dependence. What it shows as well may come from independent skewed axes.

Points pass through in blocks, float32 (at most CHUNK, z_dim),
so that neither the z-points nor their null need to fit into memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zpoints.latents.store import chunks
from zpoints.measurement import NotMeasurable
from zpoints.progress import track

ROUNDING = 1e-10  # share of the largest variance below which an axis of float32 numbers holds rounding
POOL = 20_000  # points of the cloud at most whose radii and scores are drawn from


class Null(Protocol):
    """A law that points can be drawn from."""

    def blocks(self, count: int, seed: tuple[int, ...], label: str = "") -> Iterator[np.ndarray]:
        """`count` points in blocks, float32 (at most CHUNK, z_dim); the same seed draws the same points."""
        ...

    def sample(self, count: int, seed: tuple[int, ...]) -> np.ndarray:
        """The same points in one array, float32 (count, z_dim)."""
        ...


@dataclass(frozen=True)
class Moments:
    """Number of points, their mean (z_dim,) and covariance (z_dim, z_dim, divided by count - 1), both float64."""

    count: int
    mean: np.ndarray
    covariance: np.ndarray

    @property
    def std(self) -> np.ndarray:
        """Standard deviation of each axis, float64 (z_dim,)."""
        return np.sqrt(np.diagonal(self.covariance))

    def varying(self) -> np.ndarray:
        """Indices of the axes that vary by more than the rounding of float32 numbers.

        Raises NotMeasurable where there is none: all points are one.
        """
        axes = np.flatnonzero(self.std > np.finfo(np.float32).eps * np.abs(self.mean))
        if not axes.size:
            raise NotMeasurable(f"needs z-points that differ, has {self.count} identical ones (collapsed model)")
        return axes

    def of_axes(self, axes: np.ndarray) -> "Moments":
        """The moments of these axes alone."""
        return Moments(self.count, self.mean[axes], self.covariance[np.ix_(axes, axes)])


@dataclass(frozen=True)
class Gaussian:
    """Mean (z_dim,) and a factor (z_dim, z_dim), float64, with factor @ factor.T the covariance."""

    mean: np.ndarray
    factor: np.ndarray

    @classmethod
    def like(cls, moments: Moments) -> "Gaussian":
        """Of equal mean and covariance, by eigenvectors: unlike Cholesky's, they need no full rank."""
        variances, axes = np.linalg.eigh(moments.covariance)
        return cls(moments.mean, axes * np.sqrt(np.maximum(variances, 0)))

    @classmethod
    def independent(cls, moments: Moments) -> "Gaussian":
        """Of equal mean and variances, with independent axes."""
        return cls(moments.mean, np.diag(moments.std))

    def blocks(self, count: int, seed: tuple[int, ...], label: str = "") -> Iterator[np.ndarray]:
        """`count` points in blocks, float32; the same seed draws the same points, up to rounding, in any blocks."""
        rng = np.random.default_rng(seed)
        for part in track(chunks(np.arange(count)), label=label):
            draws = rng.standard_normal((len(part), len(self.mean)))
            yield (self.mean + draws @ self.factor.T).astype(np.float32)

    def sample(self, count: int, seed: tuple[int, ...]) -> np.ndarray:
        """The same points in one array, float32 (count, z_dim)."""
        return np.concatenate(list(self.blocks(count, seed)))


@dataclass(frozen=True)
class Elliptical:
    """Mean (z_dim,), a factor (z_dim, rank) of the covariance, and Mahalanobis radii to draw from, (pool,): float64."""

    mean: np.ndarray
    factor: np.ndarray
    radii: np.ndarray

    def blocks(self, count: int, seed: tuple[int, ...], label: str = "") -> Iterator[np.ndarray]:
        """`count` points in blocks, float32; fewer points are the first of more."""
        directions, chosen = np.random.default_rng((*seed, 0)), np.random.default_rng((*seed, 1))
        for part in track(chunks(np.arange(count)), label=label):
            draws = directions.standard_normal((len(part), self.factor.shape[1]))
            lengths = self.radii[chosen.integers(len(self.radii), size=len(part))]
            draws *= (lengths / np.linalg.norm(draws, axis=1))[:, None]
            yield (self.mean + draws @ self.factor.T).astype(np.float32)

    def sample(self, count: int, seed: tuple[int, ...]) -> np.ndarray:
        """The same points in one array, float32 (count, z_dim)."""
        return np.concatenate(list(self.blocks(count, seed)))


@dataclass(frozen=True)
class Permuted:
    """Mean (z_dim,), a factor (z_dim, rank) of the covariance, and scores of unit variance, (pool, rank)."""

    mean: np.ndarray
    factor: np.ndarray
    scores: np.ndarray

    def blocks(self, count: int, seed: tuple[int, ...], label: str = "") -> Iterator[np.ndarray]:
        """`count` points in blocks, float32; fewer points are the first of more."""
        rng = np.random.default_rng(seed)
        axes = np.arange(self.scores.shape[1])
        for part in track(chunks(np.arange(count)), label=label):
            draws = self.scores[rng.integers(len(self.scores), size=(len(part), len(axes))), axes]
            yield (self.mean + draws @ self.factor.T).astype(np.float32)

    def sample(self, count: int, seed: tuple[int, ...]) -> np.ndarray:
        """The same points in one array, float32 (count, z_dim)."""
        return np.concatenate(list(self.blocks(count, seed)))


def null_models(points: np.ndarray, rows: np.ndarray, cloud: Moments, seed: tuple[int, ...]) -> dict[str, Null]:
    """The nulls by name, gaussian, elliptical and permuted, like these rows of `points` (n, z_dim) of moments `cloud`.

    The last two are of at most POOL of the rows. Axes that vary by rounding alone stay at their mean.
    Raises NotMeasurable where no axis varies.
    """
    cloud.varying()
    variances, axes = np.linalg.eigh(cloud.covariance)
    kept = variances > ROUNDING * variances[-1]
    axes, stds = axes[:, kept], np.sqrt(variances[kept])
    pool = points[subsample(rows, POOL, seed)].astype(np.float64)
    scores = (pool - cloud.mean) @ (axes / stds)
    return {
        "gaussian": Gaussian.like(cloud),
        "elliptical": Elliptical(cloud.mean, axes * stds, np.linalg.norm(scores, axis=1)),
        "permuted": Permuted(cloud.mean, axes * stds, scores),
    }


def blocks(points: np.ndarray, rows: np.ndarray, label: str = "") -> Iterator[np.ndarray]:
    """These rows of `points` (n, z_dim), block by block; `label` names them in the progress bar."""
    for part in track(chunks(rows), label=label):
        yield points[part]


def moments(parts: Iterable[np.ndarray]) -> Moments:
    """Count, mean and covariance of blocks of points (n, z_dim) in one pass, summed in float64.

    Sums are taken about the mean of the first block: about 0, a cloud far from it would lose digits.
    Raises NotMeasurable for fewer than two points.
    """
    centre: np.ndarray | None = None
    count = 0
    for part in parts:
        if centre is None:
            centre = part.mean(axis=0, dtype=np.float64)
            total, products = np.zeros(len(centre)), np.zeros((len(centre), len(centre)))
        values = part - centre
        count += len(values)
        total += values.sum(axis=0)
        products += values.T @ values
    if centre is None or count < 2:
        raise NotMeasurable(f"needs 2 training images, has {count}")
    shift = total / count
    covariance = (products - count * np.outer(shift, shift)) / (count - 1)
    # Rounding may leave the variance of a constant axis a hair below zero.
    np.fill_diagonal(covariance, np.maximum(np.diagonal(covariance), 0))
    return Moments(count, centre + shift, covariance)


def subsample(rows: np.ndarray, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """At most `count` of these rows, drawn without replacement, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:count])
