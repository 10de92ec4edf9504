"""How many directions does the cloud of z-points need? The spectrum of its covariance, and its scores."""

from typing import Any

import numpy as np

from zpoints.stats.reference_distributions import Moments

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)


def principal_axes(moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Variances along the principal axes, descending float64 (z_dim,), and the axes as columns (z_dim, z_dim).

    An axis has no sign of its own: its largest entry is made positive, so that pictures can be compared.
    """
    variances, axes = np.linalg.eigh(moments.covariance)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(len(axes))]
    return variances, axes * np.where(largest < 0, -1, 1)


def describe(variances: np.ndarray) -> dict[str, Any]:
    """A spectrum in numbers: how many components hold a share of the variance, and how many there are in effect.

    `participation_ratio` is (sum l)² / sum l²: k for k equal variances and none else. Some variance must be above 0.
    """
    cumulative = np.cumsum(variances) / variances.sum()
    # A share that is met but for rounding is met.
    needed = np.searchsorted(cumulative, np.array(LEVELS) - 1e-12) + 1
    return {
        "components": {f"{level:g}": int(count) for level, count in zip(LEVELS, needed, strict=True)},
        "participation_ratio": float(variances.sum() ** 2 / np.square(variances).sum()),
        "first_share": float(cumulative[0]),
        "total_variance": float(variances.sum()),
    }


def scores(sample: np.ndarray, moments: Moments, axes: np.ndarray, count: int = 2) -> np.ndarray:
    """Coordinates of a sample (n, z_dim) along the first principal axes, float64 (n, count); 0 where there is none."""
    coordinates = (sample - moments.mean) @ axes[:, :count]
    return np.pad(coordinates, ((0, 0), (0, count - coordinates.shape[1])))
