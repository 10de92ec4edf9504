"""Is a cloud multivariate normal, when its mean and covariance are its own? Henze-Zirkler, Mardia, Shapiro-Wilk."""

from dataclasses import dataclass

import numpy as np

from zpoints.stats.normality import holm

ROWS = 512  # of the matrix of all pairs that stand in memory at once


@dataclass(frozen=True)
class HenzeZirkler:
    """`excess` is the statistic less 1, and `p` that of the log-normal law which approximates it under normality.

    In many dimensions all but the nearest pairs weigh next to nothing and the statistic is 1 and a hair: the hair is
    kept by itself, with all its digits.
    """

    excess: float
    p: float


def whitened(sample: np.ndarray) -> np.ndarray:
    """The sample (n, d) with mean 0 and covariance I, float64: divided by n, as both papers have it.

    No direction may be without variance.
    """
    centred = sample - sample.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(sample))
    return centred @ (axes / np.sqrt(variances))


def henze_zirkler(white: np.ndarray) -> HenzeZirkler:
    """The test of a whitened sample (n, d), invariant to affine maps; O(n² d). In float32 it takes a third of the time.

    The weighted distance between the sample's characteristic function and the normal's: Henze and Zirkler, Commun.
    Statist. - Theory Meth. 19 (1990) 3595, with their smoothing ((2d + 1) n / 4)^(1 / (d + 4)) / sqrt(2) and the
    log-normal law of their mean and variance. What is near 1 is written as 1 + x, so that x loses no digits.
    """
    from scipy.special import ndtr

    count, d = white.shape
    b = ((2 * d + 1) * count / 4) ** (2 / (d + 4)) / 2  # beta²
    squared = np.square(white).sum(axis=1)
    pairs = 0.0
    for start in range(0, count, ROWS):
        part = slice(start, start + ROWS)
        apart = squared[part, None] + squared - 2 * white[part] @ white.T
        weights = np.exp(-b / 2 * np.maximum(apart, 0))
        own = weights[np.arange(len(weights)), start + np.arange(len(weights))]
        pairs += float(weights.sum(dtype=np.float64) - own.sum(dtype=np.float64))
    middle = 2 * (1 + b) ** (-d / 2) * float(np.exp(-b / (2 * (1 + b)) * squared).sum(dtype=np.float64))
    excess = pairs / count - middle + count * (1 + 2 * b) ** (-d / 2)

    a, w = 1 + 2 * b, (1 + b) * (1 + 3 * b)
    below = a ** (-d / 2) * (1 + d * b / a + d * (d + 2) * b**2 / (2 * a**2))  # 1 - mean
    variance = (
        2 * (1 + 4 * b) ** (-d / 2)
        + 2 * a**-d * (1 + 2 * d * b**2 / a**2 + 3 * d * (d + 2) * b**4 / (4 * a**4))
        - 4 * w ** (-d / 2) * (1 + 3 * d * b**2 / (2 * w) + d * (d + 2) * b**4 / (2 * w**2))
    )
    spread = np.log1p(variance / (1 - below) ** 2)  # of the logarithm
    location = np.log1p(-below) - spread / 2
    deviation = (np.log1p(max(excess, -1 + 1e-15)) - location) / np.sqrt(spread)
    return HenzeZirkler(float(excess), float(ndtr(-deviation)))


def mardia_skewness(white: np.ndarray) -> float:
    """Mardia's b1 of a whitened sample (n, d): the mean over all pairs of (x·y)³; Biometrika 57 (1970) 519; O(n² d).

    Under normality n b1 / 6 follows chi-square with d (d + 1) (d + 2) / 6 degrees of freedom, for large n.
    """
    total = 0.0
    for start in range(0, len(white), ROWS):
        products = white[start : start + ROWS] @ white.T
        total += float((products * products * products).sum())
    return total / len(white) ** 2


def passing(sample: np.ndarray, alpha: float) -> float:
    """Share of the columns of `sample` (n, d) that pass Shapiro and Wilk's test, p adjusted for all of them by Holm.

    Biometrika 52 (1965) 591, by Royston's approximation (1995): n at most 5,000.
    """
    from scipy.stats import shapiro

    p = np.array([shapiro(column).pvalue for column in sample.T.astype(np.float64)])
    return float((holm(p) > alpha).mean())
