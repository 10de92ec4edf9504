"""Scores along the principal axes, the core of a cloud, and its tests of normality beside those of Gaussians.

Everything is asked along the first principal axes, with unit variance each: the squared distance from the mean is then
Mahalanobis', chi-square with as many degrees of freedom as axes for a Gaussian. The core is what is left without the
points that have any score beyond 3 standard deviations, as in the posts. In many dimensions that removes a good part
of a true Gaussian, and its core is no Gaussian any more: the null goes through the same removal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from zpoints.analyses.gaussianity.config import SPARE, min_subsample
from zpoints.measurement import NotMeasurable
from zpoints.stats.confidence import wilson
from zpoints.stats.detection import smallest_effect
from zpoints.stats.envelope import Envelope, beside, upper_p
from zpoints.stats.multinormality import henze_zirkler, mardia_skewness, passing, whitened
from zpoints.stats.pca import principal_axes
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments

TAILS = {"95": 0.95, "99": 0.99, "999": 0.999}
LEVELS = np.concatenate([[0.001, 0.002, 0.005], np.arange(1, 100) / 100, [0.995, 0.998, 0.999]])  # of the Q-Q plot
PARTS = ("all", "core")
TESTS = ("shapiro_wilk", "first", "first_p", "every", "every_p", "mardia_skewness")  # numbers of a subsample

Source = Callable[[], Iterable[np.ndarray]]


@dataclass(frozen=True)
class Subsamples:
    """Size and number of the subsamples, the first axes that one of the tests takes, and the level of all tests."""

    size: int
    n_repeats: int
    n_axes: int
    alpha: float


@dataclass(frozen=True)
class Scores:
    """Coordinates of all points along the kept principal axes, float32 (n, axes), of unit variance.

    `inside`, bool (n,), marks the core: no score beyond `n_sigma`.
    """

    values: np.ndarray
    inside: np.ndarray

    @classmethod
    def of(cls, source: Source, cloud: Moments | None, axes: int, n_sigma: float) -> "Scores":
        """Of points with these moments (None: not known yet); their first `axes` axes must have some variance."""
        cloud = moments(source()) if cloud is None else cloud
        variances, directions = principal_axes(cloud)
        whiten = directions[:, :axes] / np.sqrt(variances[:axes])
        values = np.empty((cloud.count, axes), np.float32)
        inside = np.empty(cloud.count, bool)
        start = 0
        for part in source():
            rows = slice(start, start + len(part))
            values[rows] = (part - cloud.mean) @ whiten
            inside[rows] = (np.abs(values[rows]) <= n_sigma).all(axis=1)
            start += len(part)
        return cls(values, inside)

    @classmethod
    def drawn(cls, null: Gaussian, count: int, seed: tuple[int, ...], n_sigma: float) -> "Scores":
        """Of so many points of the null, about their own mean and along their own principal axes."""

        def source() -> Iterable[np.ndarray]:
            return null.blocks(count, seed, "points of a null")

        return cls.of(source, None, len(null.mean), n_sigma)

    @property
    def removed(self) -> float:
        """Share of the points that are not of the core."""
        return 1 - float(self.inside.mean())

    def statistics(self, part: str, subsamples: Subsamples, seed: tuple[int, ...]) -> "Statistics":
        """Of `all` points, or of the `core`."""
        rows = np.flatnonzero(self.inside) if part == "core" else np.arange(len(self.values))
        return Statistics.of(self.values, rows, subsamples, seed)


@dataclass(frozen=True)
class Statistics:
    """The numbers of one cloud. `quantiles` (LEVELS,) and `tails` (TAILS,) are of the squared Mahalanobis distances.

    `kurtoses` come from all points, `tests` from each subsample.
    """

    axes: int
    quantiles: np.ndarray
    tails: np.ndarray
    kurtoses: dict[str, float]
    tests: dict[str, list[float]]

    @classmethod
    def of(cls, scores: np.ndarray, rows: np.ndarray, subsamples: Subsamples, seed: tuple[int, ...]) -> "Statistics":
        """Of these rows of `scores` (n, axes), by their own mean and covariance."""
        from scipy.stats import chi2

        axes = scores.shape[1]
        cloud = moments(blocks(scores, rows))
        variances, directions = principal_axes(cloud)
        whiten = directions / np.sqrt(variances)
        squared = np.empty(len(rows))
        fourth = np.zeros(axes)
        start = 0
        for part in blocks(scores, rows):
            centred = part - cloud.mean
            fourth += np.square(np.square(centred)).sum(axis=0)
            squared[start : start + len(part)] = np.square(centred @ whiten).sum(axis=1)
            start += len(part)
        limits = chi2.ppf(list(TAILS.values()), axes)
        order = np.random.default_rng(seed).permutation(rows)
        size, first_axes = subsamples.size, min(subsamples.n_axes, axes)
        tests: dict[str, list[float]] = {name: [] for name in TESTS}
        for repeat in range(subsamples.n_repeats):
            sample = scores[np.sort(order[repeat * size : (repeat + 1) * size])]
            white = whitened(sample)
            first, every = henze_zirkler(whitened(sample[:, :first_axes])), henze_zirkler(white)
            share = passing(sample, subsamples.alpha)
            values = share, first.excess, first.p, every.excess, every.p, mardia_skewness(white)
            for name, value in zip(TESTS, values, strict=True):
                tests[name].append(value)
        return cls(
            axes=axes,
            quantiles=np.quantile(squared, LEVELS, method="median_unbiased"),
            tails=np.array([(squared > limit).mean() for limit in limits]),
            kurtoses={
                "excess_kurtosis": float((fourth / len(rows) / np.diagonal(cloud.covariance) ** 2).mean() - 3),
                "mardia_kurtosis": float(np.square(squared).mean() / (axes * (axes + 2))),
            },
            tests=tests,
        )


@dataclass(frozen=True)
class HenzeZirklerNull:
    """The statistic of Gaussians' cores along the first axes: its mean over the subsamples, ascending float64 (DRAWS,).

    A Gaussian's core is a Gaussian truncated along every axis, so that its first axes can be drawn alone: a subsample
    costs a millisecond or two. DRAWS subsamples are drawn, and means of as many as the points have, with replacement.
    """

    DRAWS: ClassVar[int] = 999
    SHIFTS: ClassVar[list[float]] = np.geomspace(0.5, 8, 25).tolist()

    subsamples: Subsamples
    axes: int
    n_sigma: float
    seed: tuple[int, ...]
    means: np.ndarray

    @classmethod
    def of(cls, subsamples: Subsamples, axes: int, n_sigma: float, seed: tuple[int, ...]) -> "HenzeZirklerNull":
        """For subsamples of a cloud with so many axes."""
        rng = np.random.default_rng((*seed, 0))
        first = min(subsamples.n_axes, axes)
        pool = np.array([excess(truncated(rng, subsamples.size, first, n_sigma)) for _ in range(cls.DRAWS)])
        means = pool[rng.integers(cls.DRAWS, size=(cls.DRAWS, subsamples.n_repeats))].mean(axis=1)
        return cls(subsamples, first, n_sigma, seed, np.sort(means))

    def describe(self, statistics: Statistics, alpha: float) -> dict[str, Any]:
        """p of the points, the draws that it comes from, and the `limit`: see `shift_limit`."""
        p = upper_p(float(np.mean(statistics.tests["first"])), self.means.tolist())
        return {"p": p, "draws": self.DRAWS, "limit": self.shift_limit(alpha)}

    def shift_limit(self, alpha: float) -> dict[str, float | int | None]:
        """How far apart must the two halves of a cloud be along the first axis, in standard deviations of a half?"""
        critical = float(np.quantile(self.means, 1 - alpha, method="higher"))

        def found(shift: float, draw: int) -> bool:
            rng = np.random.default_rng((*self.seed, 1, draw))
            statistics = []
            for _ in range(self.subsamples.n_repeats):
                points = truncated(rng, self.subsamples.size, self.axes, self.n_sigma)
                points[:, 0] += shift * (rng.random(len(points)) < 0.5)
                statistics.append(excess(points))
            return float(np.mean(statistics)) > critical

        return smallest_effect(found, self.SHIFTS)


def truncated(rng: np.random.Generator, count: int, axes: int, n_sigma: float) -> np.ndarray:
    """Standard normals that are not beyond `n_sigma`, float64 (count, axes)."""
    from scipy.special import ndtr, ndtri

    tail = ndtr(-n_sigma)
    return ndtri(tail + (1 - 2 * tail) * rng.random((count, axes)))


def excess(sample: np.ndarray) -> float:
    """Henze and Zirkler's statistic less 1 of a sample (n, d)."""
    return henze_zirkler(whitened(sample).astype(np.float32)).excess


def describe_null(draws: Sequence[Statistics]) -> dict[str, float]:
    """Means over draws of another null: what of the points' numbers it shows as well."""
    return {
        "beyond_999": float(np.mean([draw.tails[list(TAILS).index("999")] for draw in draws])),
        "mardia_kurtosis": float(np.mean([draw.kurtoses["mardia_kurtosis"] for draw in draws])),
        "shapiro_wilk": float(np.mean([draw.tests["shapiro_wilk"] for draw in draws])),
        "henze_zirkler": 1 + float(np.mean([draw.tests["first"] for draw in draws])),
    }


def kept_axes(variances: np.ndarray, share: float) -> int:
    """How many of the descending `variances` hold this share of their sum; the rest are collapsed axes.

    What rounding of float32 points may have made is never kept.
    """
    real = int((variances > variances[0] * len(variances) * np.finfo(np.float32).eps ** 2).sum())
    cumulative = np.cumsum(variances) / variances.sum()
    # A share that is met but for rounding is met.
    return min(int(np.searchsorted(cumulative, share - 1e-12)) + 1, real)


def subsample_size(wanted: int, n_repeats: int, scores: Scores, chance: float) -> int:
    """Points of each subsample: so many that the cores of the points and of the nulls have them too.

    `chance` is the share of a Gaussian's core. Raises NotMeasurable where a subsample has too few points for its axes.
    """
    count, axes = scores.values.shape
    left = SPARE * count * min(chance, 1 - scores.removed)
    size, needed = min(wanted, int(left) // n_repeats), min_subsample(axes)
    if size < needed:
        raise NotMeasurable(
            f"needs {needed} points in each of {n_repeats} subsamples of the core, for {axes} axes, has {size} "
            f"({count} training images)"
        )
    return size


def describe(statistics: Statistics, nulls: Sequence[Statistics], alpha: float) -> dict[str, Any]:
    """All numbers of one part, each beside that of the nulls.

    A share of passing axes has Wilson's 95% interval, as if the axes were independent.
    """
    envelope = Envelope.of(np.array([null.quantiles for null in nulls]))
    means = {name: float(np.mean(values)) for name, values in statistics.tests.items()}
    null_means = {name: [float(np.mean(null.tests[name])) for null in nulls] for name in TESTS}
    low, high = wilson(means["shapiro_wilk"], statistics.axes)
    return {
        "qq": envelope.describe(statistics.quantiles, alpha),
        "beyond": {
            name: beside(float(statistics.tails[at]), [float(null.tails[at]) for null in nulls])
            | {"chance": 1 - TAILS[name]}
            for at, name in enumerate(TAILS)
        },
        **{name: beside(value, [null.kurtoses[name] for null in nulls]) for name, value in statistics.kurtoses.items()},
        "mardia_skewness": beside(means["mardia_skewness"], null_means["mardia_skewness"]),
        "shapiro_wilk": beside(means["shapiro_wilk"], null_means["shapiro_wilk"]) | {"low": low, "high": high},
        "henze_zirkler": {
            name: _henze_zirkler(statistics.tests, [null.tests for null in nulls], name, alpha)
            for name in ("first", "every")
        },
    }


def _henze_zirkler(
    tests: Mapping[str, list[float]], nulls: Sequence[Mapping[str, list[float]]], name: str, alpha: float
) -> dict[str, float]:
    excess, null_excess = float(np.mean(tests[name])), [float(np.mean(null[name])) for null in nulls]
    p = f"{name}_p"
    return {
        "statistic": 1 + excess,
        "null_statistic": 1 + float(np.mean(null_excess)),
        "p": upper_p(excess, null_excess),
        "lognormal_p": float(np.median(tests[p])),
        "rejected": float(np.mean(np.array(tests[p]) <= alpha)),
        "null_rejected": float(np.mean([np.array(null[p]) <= alpha for null in nulls])),
    }


def quantile_table(
    statistics: Mapping[str, Statistics], nulls: Mapping[str, Sequence[Statistics]], alpha: float
) -> pd.DataFrame:
    """The Q-Q plot, a row for each of LEVELS: quantiles of the squared distances, of `all` points and of the `core`.

    Those of chi-square, of the points, the nulls' mean, and both edges of the simultaneous envelope.
    """
    from scipy.stats import chi2

    columns = {"level": LEVELS, "chi_square": chi2.ppf(LEVELS, statistics["all"].axes)}
    for part in PARTS:
        envelope = Envelope.of(np.array([null.quantiles for null in nulls[part]]))
        low, high = envelope.band(alpha)
        columns |= {
            part: statistics[part].quantiles,
            f"{part}_null": envelope.mean,
            f"{part}_low": low,
            f"{part}_high": high,
        }
    return pd.DataFrame(columns)
