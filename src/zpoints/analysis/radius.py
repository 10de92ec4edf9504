"""How far from the origin do the z-points lie? Radii, their histogram, and the chi law of N(0, I) beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zpoints.latent.store import chunks

QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
MAX_BINS = 10_000


def radii(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Euclidean norms of these rows of `points` (n, z_dim), float64 (len(rows),); reads a chunk at a time."""
    return np.concatenate([np.linalg.norm(points[part].astype(np.float64), axis=1) for part in chunks(rows)])


def histogram(values: np.ndarray, bin_width: float, bins: int) -> np.ndarray:
    """Counts in half-open bins [k w, (k + 1) w) from 0, int64: `bins` of them, or as many more as the values need.

    An outlier cannot ask for more than `MAX_BINS`; what lies beyond those is not counted.
    """
    index = np.floor(values / bin_width)
    counts = np.bincount(index[index < MAX_BINS].astype(np.int64), minlength=bins)
    return counts.astype(np.int64)


def chi_expectation(z_dim: int, bin_width: float, bins: int) -> np.ndarray:
    """Share of N(0, I)'s points in each bin: their radius follows the chi law with z_dim degrees of freedom."""
    from scipy.stats import chi

    edges = np.arange(bins + 1) * bin_width
    return np.diff(chi(z_dim).cdf(edges))


def describe(
    values: np.ndarray, bin_width: float, bins: int, intervals: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    """The radius law in numbers.

    `peak` is the centre of the fullest bin, so that the posts' 16.75 is the bin [16.5, 17); None where every radius
    lies beyond `MAX_BINS`. `overflow` counts the radii beyond the first `bins` bins, `share` is that of the
    points in each half-open interval.
    """
    counts = histogram(values, bin_width, bins)
    return {
        "images": len(values),
        "mean": float(values.mean()),
        "std": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
        "peak": float((np.argmax(counts) + 0.5) * bin_width) if counts.any() else None,
        "overflow": int(np.count_nonzero(values >= bins * bin_width)),
        "quantile": {
            f"{q:g}": float(value) for q, value in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
        },
        "share": {f"{low:g} to {high:g}": float(np.mean((values >= low) & (values < high))) for low, high in intervals},
    }
