"""The z-points that a sampler may look at: those of the training images, and what is fitted to them once for all."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zpoints.stats.reference_distributions import Gaussian, Moments, Null, blocks, moments, null_models


@dataclass(frozen=True)
class Cloud:
    """mu, float32 (n, z_dim), maybe memory-mapped, and the rows of it that belong to training images.

    kept_out: rows whose own points are never drawn: images with which the drawn ones will be compared.
    """

    mu: np.ndarray
    rows: np.ndarray
    kept_out: np.ndarray | None = None

    @property
    def z_dim(self) -> int:
        return self.mu.shape[1]

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance. Raises UserError for fewer than two points."""
        return moments(blocks(self.mu, self.rows, "mean and covariance"))

    @cached_property
    def gaussian(self) -> Gaussian:
        """The Gaussian of equal mean and covariance."""
        return Gaussian.like(self.moments)

    @cached_property
    def nulls(self) -> dict[str, Null]:
        """The null models by name; what they draw from keeps out what is kept out."""
        return null_models(self.mu, self._drawn, self.moments, (0, 7))

    @property
    def _drawn(self) -> np.ndarray:
        return self.rows if self.kept_out is None else np.setdiff1d(self.rows, self.kept_out)

    def chosen(self, count: int, seed: tuple[int, ...]) -> np.ndarray:
        """`count` of the points with replacement, float32 (count, z_dim): of the same images for every model."""
        rows = self._drawn
        return self.mu[rows[np.random.default_rng(seed).integers(len(rows), size=count)]]
