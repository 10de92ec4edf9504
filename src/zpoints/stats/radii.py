"""How far from the origin do the z-points lie? Radii, their law in numbers, and the laws that are its nulls.

The nulls are the chi law of N(0, I), and the law of a Gaussian with the mean and covariance of the z-points.
What the density of the radii shows, its peak and its maxima, is in zpoints.stats.modality.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zpoints.latents.store import CHUNK, chunks
from zpoints.stats.reference_distributions import Gaussian

QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
MAX_BINS = 10_000
PIECES = 2048  # of a null law, in which the part of chance is played
COVERED = (0.025, 0.975)  # quantiles of a bootstrap that bound its 95% interval


def radii(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Euclidean norms of these rows of `points` (n, z_dim), float64 (len(rows),); reads a chunk at a time."""
    norms = [np.linalg.norm(points[part].astype(np.float64), axis=1) for part in chunks(rows)]
    return np.concatenate([np.empty(0), *norms])


def gaussian_radii(gaussian: Gaussian, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """Norms of `count` points of a Gaussian, float64 (count,).

    Only the eigenvectors' frame is drawn in: norms do not change with it, and it needs no product of matrices.
    """
    stds = np.linalg.norm(gaussian.factor, axis=0)
    axes = gaussian.factor / np.where(stds > 0, stds, 1)
    centre = gaussian.mean @ axes
    # What of the mean lies along no axis that varies is the same for all points.
    rest = max(float(gaussian.mean @ gaussian.mean - centre @ centre), 0.0)
    rng = np.random.default_rng(seed)
    squares = [
        np.square(centre + stds * rng.standard_normal((min(CHUNK, count - start), len(stds)))).sum(axis=1)
        for start in range(0, count, CHUNK)
    ]
    return np.sqrt(np.concatenate(squares) + rest)


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


def describe_chi(z_dim: int, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Mean, std and peak, sqrt(z_dim - 1), of the radius of N(0, I), and how far each of `values` is from that law."""
    from scipy.stats import chi, kstest

    law = chi(z_dim)
    distances = {name: float(kstest(radius, law.cdf, method="asymp").statistic) for name, radius in values.items()}
    described = {"mean": float(law.mean()), "std": float(law.std()), "peak": float(np.sqrt(z_dim - 1))}
    return {**described, "kolmogorov_smirnov": distances}


def describe(
    values: np.ndarray, bin_width: float, bins: int, intervals: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    """The radius law in numbers.

    `peak` is the centre of the fullest bin, so that the posts' 16.75 is the bin [16.5, 17); None where every radius
    lies beyond `MAX_BINS`. `overflow` counts the radii beyond the first `bins` bins, `share` is that of the
    points in each half-open interval, `share_interval` its 95% interval (Wilson 1927).
    """
    from scipy.stats import binomtest

    counts = histogram(values, bin_width, bins)
    inside = {f"{low:g} to {high:g}": int(np.sum((values >= low) & (values < high))) for low, high in intervals}
    bounds = {key: binomtest(count, len(values)).proportion_ci(method="wilson") for key, count in inside.items()}
    return {
        "images": len(values),
        "mean": float(values.mean()),
        "std": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
        "peak": _centre(int(np.argmax(counts)), bin_width) if counts.any() else None,
        "overflow": int(np.count_nonzero(values >= bins * bin_width)),
        "quantile": {
            f"{q:g}": float(value) for q, value in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
        },
        "share": {key: count / len(values) for key, count in inside.items()},
        "share_interval": {key: {"low": float(bound.low), "high": float(bound.high)} for key, bound in bounds.items()},
    }


def peak_interval(
    values: np.ndarray, bin_width: float, bins: int, bootstrap: int, seed: tuple[int, ...]
) -> dict[str, float] | None:
    """95% bootstrap interval of the fullest bin's centre: a resample of the radii is a multinomial draw of the counts.

    None where `describe` has no peak.
    """
    counts = histogram(values, bin_width, bins)
    if not counts.any():
        return None
    rng = np.random.default_rng(seed)
    filled = np.flatnonzero(counts)
    # Ties go to a bin at random: the first of equals would pull the interval to the left.
    draws = rng.multinomial(counts.sum(), counts[filled] / counts.sum(), bootstrap) + rng.random(
        (bootstrap, len(filled))
    )
    low, high = np.quantile(filled[draws.argmax(axis=1)], COVERED, method="inverted_cdf")
    return {"low": _centre(int(low), bin_width), "high": _centre(int(high), bin_width)}


def compare(values: np.ndarray, null: np.ndarray, bootstrap: int, seed: tuple[int, ...]) -> dict[str, float]:
    """How far the law of `values` is from that of `null`, both float64 radii, and what chance makes of it.

    `kolmogorov_smirnov` is the largest difference of the cumulative laws, `wasserstein` the mean distance that mass
    has to be moved, in units of R. Two samples of these sizes from the null itself stay below `_chance` in 95% of the
    cases. The null's mean and covariance were fitted to the values, which makes the true chance smaller.
    """
    from scipy.stats import ks_2samp, wasserstein_distance

    # Between quantiles of the null lie equal shares of it, wherever its outliers are.
    edges = np.quantile(null, np.linspace(0, 1, PIECES + 1))
    widths = np.diff(edges)
    shares = np.full(PIECES, 1 / PIECES)
    rng = np.random.default_rng(seed)
    chance = np.empty((bootstrap, 2))
    for row in chance:
        laws = [np.cumsum(rng.multinomial(count, shares)) / count for count in (len(values), len(null))]
        gaps = np.abs(laws[0] - laws[1])
        row[:] = gaps.max(), gaps @ widths
    bounds = np.quantile(chance, 0.95, axis=0)
    return {
        "kolmogorov_smirnov": float(ks_2samp(values, null, method="asymp").statistic),
        "kolmogorov_smirnov_chance": float(bounds[0]),
        "wasserstein": float(wasserstein_distance(values, null)),
        "wasserstein_chance": float(bounds[1]),
    }


def _centre(index: int, bin_width: float) -> float:
    return (index + 0.5) * bin_width
