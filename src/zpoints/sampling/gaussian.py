"""z-points drawn where the data's are: from the Gaussian of equal mean and covariance."""

from dataclasses import dataclass

import numpy as np

from zpoints.latent.store import chunks
from zpoints.sampling.prior import normal


@dataclass(frozen=True)
class FittedGaussian:
    """Mean (z_dim,) and a factor (z_dim, z_dim) with factor @ factor.T the covariance; both float64."""

    mean: np.ndarray
    factor: np.ndarray

    @classmethod
    def fit(cls, points: np.ndarray, rows: np.ndarray) -> "FittedGaussian":
        """Fit to these rows of `points` (n, z_dim), a chunk at a time; axes without variance are kept at their mean."""
        count = len(rows)
        total, products = np.zeros(points.shape[1]), np.zeros((points.shape[1], points.shape[1]))
        for part in chunks(rows):
            total += points[part].sum(axis=0, dtype=np.float64)
        mean = total / count
        for part in chunks(rows):
            centred = points[part] - mean
            products += centred.T @ centred
        variances, axes = np.linalg.eigh(products / max(count - 1, 1))
        return cls(mean, axes * np.sqrt(np.maximum(variances, 0)))

    def sample(self, images: int, seed: int) -> np.ndarray:
        """Points, float32 (images, z_dim): the draws of `normal` with this seed, stretched along the principal axes."""
        draws = normal(images, len(self.mean), seed)
        return (self.mean + draws @ self.factor.T).astype(np.float32)
