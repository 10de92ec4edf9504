"""Is the cloud of z-points one multivariate normal, as a whole and without its outliers?

Everything is asked along the first principal axes, with unit variance each: the squared distance from the mean is then
Mahalanobis', chi-square with as many degrees of freedom as axes for a Gaussian. The core is what is left without the
points that have any score beyond 3 standard deviations, the way of the posts. In many dimensions that takes a good part
of a true Gaussian, and what is left of it is one no more: the null goes through the very same removal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.stats.envelope import Envelope, beside, upper_p
from zpoints.stats.multinormality import henze_zirkler
from zpoints.stats.multinormality import mardia_skewness
from zpoints.stats.multinormality import passing
from zpoints.stats.multinormality import whitened
from zpoints.stats.neighbors import interval
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments
from zpoints.stats.pca import principal_axes
from zpoints.errors import UserError

TAILS = {"95": 0.95, "99": 0.99, "999": 0.999}
LEVELS = np.concatenate([[0.001, 0.002, 0.005], np.arange(1, 100) / 100, [0.995, 0.998, 0.999]])  # of the Q-Q plot
SPARE = 0.9  # of the points that are sure to be left in a core may go into subsamples: chance varies
PARTS = ("all", "core")
REPEATED = ("shapiro_wilk", "first", "first_p", "every", "every_p", "mardia_skewness")  # numbers of a subsample

Source = Callable[[], Iterable[np.ndarray]]


@dataclass(frozen=True)
class Design:
    """Size and number of the subsamples, the few dimensions of a test, and the level of all tests."""

    size: int
    repeats: int
    dimensions: int
    level: float


@dataclass(frozen=True)
class Scores:
    """Coordinates of all points along the kept principal axes, float32 (n, axes) of unit variance; and who stays.

    `inside`, bool (n,), marks the core: no score beyond the reach.
    """

    values: np.ndarray
    inside: np.ndarray

    @classmethod
    def of(cls, source: Source, cloud: Moments, axes: int, reach: float) -> "Scores":
        """Of the points whose moments are `cloud`, in one pass; their first `axes` axes must have some variance."""
        variances, directions = principal_axes(cloud)
        whiten = directions[:, :axes] / np.sqrt(variances[:axes])
        values = np.empty((cloud.count, axes), np.float32)
        inside = np.empty(cloud.count, bool)
        start = 0
        for part in source():
            place = slice(start, start + len(part))
            values[place] = (part - cloud.mean) @ whiten
            inside[place] = (np.abs(values[place]) <= reach).all(axis=1)
            start += len(part)
        return cls(values, inside)

    @classmethod
    def drawn(cls, null: Gaussian, count: int, seed: tuple[int, ...], reach: float) -> "Scores":
        """Of so many points of the null, about their own mean and along their own principal axes."""

        def source() -> Iterable[np.ndarray]:
            return null.blocks(count, seed, "points of a null")

        return cls.of(source, moments(source()), len(null.mean), reach)

    @property
    def removed(self) -> float:
        """Share of the points that are not of the core."""
        return 1 - float(self.inside.mean())

    def look(self, part: str, design: Design, seed: tuple[int, ...]) -> "Look":
        """At `all` points, or at the `core`."""
        rows = np.flatnonzero(self.inside) if part == "core" else np.arange(len(self.values))
        return Look.at(self.values, rows, design, seed)


@dataclass(frozen=True)
class Look:
    """The numbers of one cloud. `quantiles` (LEVELS,) and `tails` (TAILS,) are of the squared Mahalanobis distances.

    `once` come from all points, `repeated` from each subsample.
    """

    axes: int
    quantiles: np.ndarray
    tails: np.ndarray
    once: dict[str, float]
    repeated: dict[str, list[float]]

    @classmethod
    def at(cls, scores: np.ndarray, rows: np.ndarray, design: Design, seed: tuple[int, ...]) -> "Look":
        """At these rows of `scores` (n, axes), by their own mean and covariance."""
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
        few = min(design.dimensions, axes)
        repeated: dict[str, list[float]] = {name: [] for name in REPEATED}
        for turn in range(design.repeats):
            sample = scores[np.sort(order[turn * design.size : (turn + 1) * design.size])]
            white = whitened(sample)
            first, every = henze_zirkler(whitened(sample[:, :few])), henze_zirkler(white)
            found = passing(sample, design.level), first.excess, first.p, every.excess, every.p, mardia_skewness(white)
            for name, value in zip(REPEATED, found, strict=True):
                repeated[name].append(value)
        return cls(
            axes=axes,
            quantiles=np.quantile(squared, LEVELS, method="median_unbiased"),
            tails=np.array([(squared > limit).mean() for limit in limits]),
            once={
                "excess_kurtosis": float((fourth / len(rows) / np.diagonal(cloud.covariance) ** 2).mean() - 3),
                "mardia_kurtosis": float(np.square(squared).mean() / (axes * (axes + 2))),
            },
            repeated=repeated,
        )


def kept_axes(variances: np.ndarray, share: float) -> int:
    """How many of the descending `variances` hold this share of their sum; the rest are collapsed axes.

    What rounding of float32 points may have made is never kept.
    """
    real = int((variances > variances[0] * len(variances) * np.finfo(np.float32).eps ** 2).sum())
    below = np.cumsum(variances) / variances.sum()
    # A share that is met but for rounding is met.
    return min(int(np.searchsorted(below, share - 1e-12)) + 1, real)


def subsample_size(wanted: int, repeats: int, own: Scores, chance: float) -> int:
    """Points of each subsample: so many that cores have them too, the points' own as well as the null's.

    `chance` is the share of a Gaussian's core. Raises UserError where a subsample has too few points for its axes.
    """
    left = SPARE * len(own.values) * min(chance, 1 - own.removed)
    size, axes = min(wanted, int(left) // repeats), own.values.shape[1]
    if size < max(2 * axes, 20):
        raise UserError(
            f"gaussianity.subsample: expected at least {max(2 * axes, 20)} points for {axes} axes, received {size} "
            f"({len(own.values)} training images, gaussianity.repeats = {repeats})"
        )
    return size


def core_of_a_gaussian(axes: int, reach: float) -> float:
    """The share of a Gaussian that has none of its independent scores beyond `reach` standard deviations."""
    from scipy.special import ndtr

    return float((1 - 2 * ndtr(-reach)) ** axes)


def describe(own: Look, nulls: Sequence[Look], level: float) -> dict[str, Any]:
    """All numbers of one part, each beside that of the nulls.

    A share of passing axes has its 95% interval over the subsamples.
    """
    envelope = Envelope.of(np.array([null.quantiles for null in nulls]))
    means = {name: float(np.mean(values)) for name, values in own.repeated.items()}
    null_means = {name: [float(np.mean(null.repeated[name])) for null in nulls] for name in REPEATED}
    share = interval(own.repeated["shapiro_wilk"])
    return {
        "qq": envelope.describe(own.quantiles, level),
        "beyond": {
            name: beside(float(own.tails[at]), [float(null.tails[at]) for null in nulls]) | {"chance": 1 - TAILS[name]}
            for at, name in enumerate(TAILS)
        },
        **{name: beside(value, [null.once[name] for null in nulls]) for name, value in own.once.items()},
        "mardia_skewness": beside(means["mardia_skewness"], null_means["mardia_skewness"]),
        "shapiro_wilk": beside(means["shapiro_wilk"], null_means["shapiro_wilk"])
        | {"low": max(share["low"] or 0.0, 0.0), "high": min(share["high"] or 0.0, 1.0)},
        "henze_zirkler": {
            name: _henze_zirkler(own.repeated, [null.repeated for null in nulls], name, level)
            for name in ("first", "every")
        },
    }


def _henze_zirkler(
    own: Mapping[str, list[float]], nulls: Sequence[Mapping[str, list[float]]], name: str, level: float
) -> dict[str, float]:
    null = [float(np.mean(each[name])) for each in nulls]
    p = f"{name}_p"
    return {
        "statistic": 1 + float(np.mean(own[name])),
        "null_statistic": 1 + float(np.mean(null)),
        "p": upper_p(float(np.mean(own[name])), null),
        "lognormal_p": float(np.median(own[p])),
        "rejected": float(np.mean(np.array(own[p]) <= level)),
        "null_rejected": float(np.mean([np.array(each[p]) <= level for each in nulls])),
    }


def quantile_rows(own: Mapping[str, Look], nulls: Mapping[str, Sequence[Look]], level: float) -> list[dict[str, float]]:
    """The Q-Q plot, a row for each of LEVELS: quantiles of the squared distances, of `all` points and of the `core`.

    Those of chi-square, of the points, the nulls' mean, and both edges of the simultaneous envelope.
    """
    from scipy.stats import chi2

    columns = {"level": LEVELS, "chi_square": chi2.ppf(LEVELS, own["all"].axes)}
    for part in PARTS:
        envelope = Envelope.of(np.array([null.quantiles for null in nulls[part]]))
        low, high = envelope.band(level)
        found = {"": own[part].quantiles, "_null": envelope.mean, "_low": low, "_high": high}
        columns |= {f"{part}{ending}": values for ending, values in found.items()}
    return [dict(zip(columns, map(float, row), strict=True)) for row in zip(*columns.values(), strict=True)]
