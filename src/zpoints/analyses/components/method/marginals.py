"""Shape and normality of each axis, correlations of all pairs of axes, and the place of the origin in the cloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.stats.normality import anderson_darling, holm, p_values
from zpoints.stats.reference_distributions import Moments

BIN_WIDTH, N_SIGMA = 0.25, 6.0  # bins of a component's histogram, in its standard deviations about its mean

TRACY_WIDOM_95 = 0.9793  # 95% quantile of the law for real matrices


@dataclass(frozen=True)
class Shapes:
    """Skewness and excess kurtosis of each axis, float64 (z_dim,): both 0 for a normal."""

    skewness: np.ndarray
    kurtosis: np.ndarray

    def describe(self) -> dict[str, Any]:
        """How far from a normal the axes are on average, and the worst of them."""
        return {
            "skewness": {"mean_abs": float(abs(self.skewness).mean()), "max_abs": float(abs(self.skewness).max())},
            "excess_kurtosis": {"mean": float(self.kurtosis.mean()), "max_abs": float(abs(self.kurtosis).max())},
        }


def shapes(parts: Iterable[np.ndarray], moments: Moments) -> Shapes:
    """Shapes of all axes in one pass: sums of powers of (x - mean) / std, with the moments of about the same points.

    No axis may be constant. What is left of mean and variance is taken out exactly.
    """
    powers = np.zeros((4, len(moments.mean)))
    count = 0
    for part in parts:
        values = (part - moments.mean) / moments.std
        count += len(values)
        power = values.copy()
        for exponent in range(4):
            powers[exponent] += power.sum(axis=0)
            power *= values
    m1, m2, m3, m4 = powers / count
    variance = m2 - m1**2
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return Shapes(third / variance**1.5, fourth / variance**2 - 3)


@dataclass(frozen=True)
class Normality:
    """The Anderson-Darling test of each axis, float64 (z_dim,): A*², its p, and p adjusted for all axes by Holm."""

    statistic: np.ndarray
    p: np.ndarray
    adjusted: np.ndarray

    @classmethod
    def test(cls, sample: np.ndarray) -> "Normality":
        """Test each column of `sample` (n, z_dim). More points see smaller deviations: state n with the result."""
        statistic = anderson_darling(sample)
        p = p_values(statistic)
        return cls(statistic, p, holm(p))

    def describe(self, alpha: float) -> dict[str, Any]:
        """How many axes fail at the level alpha, after and before the correction for as many tests."""
        return {
            "failing": int((self.adjusted <= alpha).sum()),
            "failing_uncorrected": int((self.p <= alpha).sum()),
            "median_statistic": float(np.median(self.statistic)),
        }


def correlations(moments: Moments) -> np.ndarray:
    """The correlation matrix, float64 (z_dim, z_dim). No axis may be constant."""
    return moments.covariance / np.outer(moments.std, moments.std)


def describe_correlations(matrix: np.ndarray, count: int, alpha: float) -> dict[str, Any]:
    """How many pairs of axes are correlated beyond chance, and how strongly, for the matrix of `count` points.

    Under independence r sqrt((n - 2) / (1 - r²)) is Student's t with n - 2 degrees of freedom; p is adjusted for all
    pairs by Holm. `critical` is |r| at the level alpha for a single pair. With many points the faintest correlation is
    beyond chance: read the share beside `mean_abs`, which is about sqrt(2 / (pi n)) by chance alone. None where there
    is no pair, or where so few points decide nothing.
    """
    from scipy.stats import t

    r = np.abs(matrix[np.triu_indices(len(matrix), 1)])
    freedom = count - 2
    if not r.size or freedom < 1:
        return {"pairs": int(r.size), "beyond_chance": None, "critical": None, "mean_abs": None, "max_abs": None}
    statistic = r * np.sqrt(freedom / np.maximum(1 - r**2, np.finfo(np.float64).eps))
    quantile = float(t.isf(alpha / 2, freedom))
    return {
        "pairs": int(r.size),
        "beyond_chance": float((holm(2 * t.sf(statistic, freedom)) <= alpha).mean()),
        "critical": quantile / float(np.sqrt(freedom + quantile**2)),
        "mean_abs": float(r.mean()),
        "max_abs": float(r.max()),
    }


def describe_correlation_spectrum(matrix: np.ndarray, count: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Eigenvalues of the correlation matrix, descending (z_dim,), and how many noise alone does not explain.

    Independent axes leave the eigenvalues below (1 + sqrt(z_dim / n))², Marchenko and Pastur's edge, but for a fringe
    whose largest follows Tracy and Widom's law. `noise_edge` includes its 95%: Johnstone (2001), theorem 1.1, stated
    for covariances of unit variance; correlations scatter less and pass it by chance in fewer than 5% of cases.
    """
    values = np.maximum(np.linalg.eigvalsh(matrix)[::-1], 0)
    rows, columns = np.sqrt(max(count - 1, 1)), np.sqrt(len(matrix))
    fringe = (rows + columns) * (1 / rows + 1 / columns) ** (1 / 3)
    edge = ((rows + columns) ** 2 + TRACY_WIDOM_95 * fringe) / count
    return values, {
        "largest": float(values[0]),
        "smallest": float(values[-1]),
        "noise_edge": float(edge),
        "above_noise_edge": int((values > edge).sum()),
    }


def describe_origin(parts: Iterable[np.ndarray], moments: Moments) -> dict[str, Any]:
    """Where the origin lies in the cloud: its Mahalanobis distance from the mean, in one pass over the points.

    `farther` is the share of the points that lie farther out than the origin, `gaussian_farther` that of a Gaussian of
    equal mean and covariance (chi-square with `axes` degrees of freedom) and `gaussian_median` the distance of half of
    its points. Principal axes without variance are left out.
    """
    from scipy.stats import chi2

    variances, axes = np.linalg.eigh(moments.covariance)
    # The rounding of float32 points hides variances below its square.
    kept = variances > variances[-1] * len(variances) * np.finfo(np.float32).eps ** 2
    whiten = axes[:, kept] / np.sqrt(variances[kept])
    distance = float(np.square(moments.mean @ whiten).sum())
    farther = sum(int((np.square((part - moments.mean) @ whiten).sum(axis=1) > distance).sum()) for part in parts)
    freedom = int(kept.sum())
    return {
        "axes": freedom,
        "mahalanobis": float(np.sqrt(distance)),
        "gaussian_median": float(np.sqrt(chi2.median(freedom))),
        "gaussian_farther": float(chi2.sf(distance, freedom)),
        "farther": farther / moments.count,
    }


def plotted_axes(moments: Moments) -> dict[str, int]:
    """The axes that are plotted: the strongest, of the largest variance, and the one of median (or next) variance."""
    order = np.argsort(moments.std)[::-1]
    return {"strongest": int(order[0]), "median": int(order[len(order) // 2])}


def histograms(parts: Iterable[np.ndarray], moments: Moments, axes: dict[str, int]) -> dict[str, np.ndarray]:
    """Shares of the points in bins of (x - mean) / std, float64 (bins,), of each of these axes by its name.

    `deviation` are the centres of the bins and `normal` the shares of a normal; what lies beyond stands in the
    outermost bins.
    """
    from scipy.stats import norm

    bins = round(2 * N_SIGMA / BIN_WIDTH)
    edges = np.linspace(-N_SIGMA, N_SIGMA, bins + 1)
    counts = {name: np.zeros(bins, np.int64) for name in axes}
    for part in parts:
        for name, axis in axes.items():
            values = (part[:, axis] - moments.mean[axis]) / moments.std[axis]
            index = np.clip(np.floor((values + N_SIGMA) / BIN_WIDTH), 0, bins - 1).astype(np.int64)
            counts[name] += np.bincount(index, minlength=bins)
    below = norm.cdf(edges)
    below[0], below[-1] = 0, 1
    shares = {name: count / count.sum() for name, count in counts.items()}
    return {"deviation": (edges[:-1] + edges[1:]) / 2, **shares, "normal": np.diff(below)}
