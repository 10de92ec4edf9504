"""Tests over trainings: estimate, 95% interval, and p of a claim and of its contrary.

The unit is a training: a seed on a split of the images. Where there are several splits, a mean is that of the mixed
model y ~ 1 + (1 | split), so its interval holds for other splits too.

difference   mean(a) - mean(b) within a margin (two one-sided t tests, within units where they are shared), or above it
mean_within  a mean lies within [low, high]
share        in at least a share of all trainings the number lies within [low, high]: binomial, Clopper and Pearson
universal    every setting's mean lies within [low, high]: one counterexample refutes, corrected for their number
slope        a slope against the logarithm of a key lies within [low, high]: one slope for each unit
rate         an event is rarer in a than in b: Fisher's exact test
pairs        two settings are as far apart as two trainings of b: pairs of different seeds, jackknife over seeds
paired       the rounds of a benchmark, each with both sides
counts       integers of networks, rounded as they are printed
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest, chi2, fisher_exact, norm, t

from zpoints.stats.confidence import wilson
from zpoints.sweeps.random_effects import random_effects_mean

ALPHA = 0.05
POWER = 0.9
MAX_N = 1000
MAX_PERMUTATIONS = 4999
CONTENT = 0.9  # of all trainings, that a tolerance interval holds with 95% confidence


@dataclass(frozen=True)
class Evidence:
    """What was measured.

    n: trainings (or seeds, or rounds), for each setting. low, high: the 95% interval of the estimate.
    p_for, p_against: p values, small where claim or contrary is shown.
    detects: the least distance of the truth from a bound that is found with POWER, at the level ALPHA.
    std: of one training, and bounds that it must be told from: for `needed`.
    differs: whether an estimated difference is not 0.
    """

    n: tuple[int, ...]
    estimate: float
    low: float
    high: float
    p_for: float
    p_against: float
    detects: float | None = None
    std: float = 0.0
    bounds: tuple[float, ...] = ()
    differs: bool = False
    successes: bool = False  # the estimate is a share of trainings
    detail: Mapping[str, Any] = field(default_factory=dict)

    def needed(self, alpha: float = ALPHA) -> int | None:
        """Trainings of each setting that would tell the nearest bound from the estimate; None beyond MAX_N."""
        if self.successes:
            return _needed_share(self.estimate, self.bounds[0], alpha)
        distance = min((abs(self.estimate - bound) for bound in self.bounds), default=0.0)
        if not distance or not self.std:
            return None
        reach = float(norm.isf(alpha / 2) + norm.isf(1 - POWER))
        count = math.ceil((reach * self.std / distance) ** 2) + 1  # one more for Student's t
        return count if count <= MAX_N else None


class Unit(NamedTuple):
    """What two trainings share that differ in their setting alone: split, initial weights and order of images."""

    split: str
    seed: float


class _Mean(NamedTuple):
    """A mean of `n` trainings: its standard error with degrees of freedom, and the deviation `std` of one training."""

    n: tuple[int, ...]
    value: float
    error: float
    freedom: float
    std: float
    detail: Mapping[str, Any]


def difference(
    a: np.ndarray,
    b: np.ndarray,
    margin: float,
    relative: bool,
    equivalent: bool,
    units: tuple[Sequence[Unit], Sequence[Unit]],
) -> Evidence | None:
    """mean(a) - mean(b), float64 (n,) each: within the margin where `equivalent`, else above it.

    Where one setting has all `units` of the other, differences are taken within units:
    the mixed model y ~ setting + (1 | split) + (1 | split:seed). Else it is Welch's test.
    """
    if min(len(a), len(b)) < 2:
        return None
    by_unit = [dict(zip(found, side.tolist(), strict=True)) for found, side in zip(units, (a, b), strict=True)]
    if [len(side) for side in by_unit] == [len(a), len(b)]:
        shared = [unit for unit in by_unit[0] if unit in by_unit[1]]
        if len(shared) == min(len(a), len(b)):
            sides = [np.array([side[unit] for unit in shared]) for side in by_unit]
            found = paired(sides[0], sides[1], margin, relative, not equivalent, shared)
            assert found is not None
            covariance = float(np.cov(sides[0], sides[1])[0, 1])
            between = math.sqrt(max(covariance, 0.0))
            std = float((sides[0] - sides[1]).std(ddof=1))
            parts_of = {"paired": True, "std_between_units": between, "std_within_unit": std / math.sqrt(2)}
            return replace(found, n=(len(shared), len(shared)), detail={**found.detail, **parts_of})
    parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = math.sqrt(sum(parts))
    spread = parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1)
    freedom = float(sum(parts) ** 2 / spread) if spread > 0 else float(len(a) + len(b) - 2)
    std = math.sqrt(a.var(ddof=1) + b.var(ddof=1))
    margin *= abs(float(b.mean())) if relative else 1.0
    value, n = float(a.mean() - b.mean()), (len(a), len(b))
    detail = {"mean_a": float(a.mean()), "mean_b": float(b.mean()), "margin": margin}
    return (_within if equivalent else _above)(_Mean(n, value, error, freedom, std, detail), margin)


def mean_within(a: np.ndarray, low: float, high: float, units: Sequence[Unit] = ()) -> Evidence | None:
    """The mean of float64 (n,) against two bounds. units: of each training, where they may be of several splits."""
    return _between(_mean(a, {}, units), low, high) if len(a) > 1 else None


def share(a: np.ndarray, low: float, high: float, least: float) -> Evidence | None:
    """The share of trainings within [low, high] against `least`; beside it a normal's tolerance interval.

    The tolerance interval holds CONTENT of all trainings with 95% confidence (Howe 1969).
    """
    if not len(a):
        return None
    inside, n = int(np.count_nonzero((a >= low) & (a <= high))), len(a)
    interval = binomtest(inside, n).proportion_ci(0.95, "exact")  # Clopper and Pearson's
    more = float(binomtest(inside, n, least, "greater").pvalue)
    less = float(binomtest(inside, n, least, "less").pvalue)
    detail: dict[str, Any] = {"inside": inside}
    if n > 1:
        reach = norm.isf((1 - CONTENT) / 2) * math.sqrt((n - 1) * (1 + 1 / n) / chi2.ppf(ALPHA, n - 1))
        mean, std = float(a.mean()), float(a.std(ddof=1))
        detail |= {"mean": mean, "std": std, "tolerance": [mean - float(reach) * std, mean + float(reach) * std]}
    ends = float(interval.low), float(interval.high)
    return Evidence((n,), inside / n, *ends, more, less, bounds=(least,), successes=True, detail=detail)


def universal(
    families: Mapping[str, np.ndarray], low: float, high: float, units: Mapping[str, Sequence[Unit]]
) -> Evidence | None:
    """Means of all settings, float64 (n,) each; the estimate is of the setting that lies farthest outside."""
    found = {name: mean_within(values, low, high, units[name]) for name, values in families.items()}
    known = {name: item for name, item in found.items() if item is not None}
    if not known:
        return None
    worst = min(known, key=lambda name: (known[name].p_against, -abs(known[name].estimate - (low + high) / 2)))
    of = known[worst]
    against = min(1.0, len(known) * of.p_against)
    detail = {"worst": worst, "settings": {name: [item.estimate, item.low, item.high] for name, item in known.items()}}
    n, p_for = tuple(item.n[0] for item in known.values()), max(item.p_for for item in known.values())
    return replace(of, n=n, p_for=p_for, p_against=against, differs=False, detail=detail)


def slope(points: Sequence[tuple[Unit, float, float]], low: float, high: float) -> Evidence | None:
    """Slopes of a number against the logarithm of a key, one for each unit: (unit, key, number).

    Trainings of one unit share their initial weights, so a unit's slope is one observation.
    """
    slopes = {}
    for unit in dict.fromkeys(unit for unit, _, _ in points):
        x = np.log([key for other, key, _ in points if other == unit])
        y = np.array([value for other, _, value in points if other == unit])
        if np.ptp(x) > 0:
            slopes[unit] = float(np.polyfit(x, y, 1)[0])
    return mean_within(np.array(list(slopes.values())), low, high, list(slopes))


def rate(a: np.ndarray, b: np.ndarray) -> Evidence | None:
    """Whether an event, bool (n,) each, is rarer in a than in b. The interval is Newcombe's (1998)."""
    if not len(a) or not len(b):
        return None
    table = [[int(a.sum()), int((~a).sum())], [int(b.sum()), int((~b).sum())]]
    shares = float(a.mean()), float(b.mean())
    ends = [wilson(value, len(side)) for value, side in zip(shares, (a, b), strict=True)]
    value = shares[0] - shares[1]
    low = value - math.hypot(shares[0] - ends[0][0], ends[1][1] - shares[1])
    high = value + math.hypot(ends[0][1] - shares[0], shares[1] - ends[1][0])
    p = [float(fisher_exact(table, side).pvalue) for side in ("less", "greater")]
    std = math.sqrt(sum(value * (1 - value) for value in shares))
    detail = {"events_a": table[0][0], "events_b": table[1][0]}
    return Evidence((len(a), len(b)), value, low, high, p[0], p[1], None, std, (0.0,), detail=detail)


def pairs(
    table: Sequence[Mapping[str, Any]], number: str, a: str, b: str, margin: float, relative: bool
) -> Evidence | None:
    """Mean distance between trainings of a and b, less that between two of b; margin of the latter if `relative`.

    table: a line for each pair of trainings of different seeds: group_a, seed_a, group_b, seed_b, and the number.
    Pairs share their trainings, and trainings of one seed their initial weights: the error is a jackknife that leaves
    out a seed. "Farther apart" must also hold against permuted labels of the trainings.
    """
    distances: dict[frozenset[tuple[str, float]], float] = {}
    for line in table:
        ends = frozenset({(str(line["group_a"]), line["seed_a"]), (str(line["group_b"]), line["seed_b"])})
        if {group for group, _ in ends} <= {a, b} and line["seed_a"] != line["seed_b"] and line.get(number) is not None:
            distances[ends] = float(line[number])
    members = {name: sorted({end for ends in distances for end in ends if end[0] == name}) for name in (a, b)}
    if min(len(members[a]), len(members[b])) < 3:
        return None
    every = members[a] + members[b]
    seeds = np.array([seed for _, seed in every])
    matrix = np.full((len(every), len(every)), np.nan)
    for i, j in combinations(range(len(every)), 2):
        matrix[i, j] = matrix[j, i] = distances.get(frozenset({every[i], every[j]}), np.nan)
    in_a = np.array([group == a for group, _ in every])
    value, within = (float(part[0]) for part in _apart(matrix, in_a[None]))
    kept = [seeds != seed for seed in dict.fromkeys(seeds)]
    left_out = np.array([_apart(matrix[np.ix_(keep, keep)], in_a[None, keep])[0][0] for keep in kept])
    if not np.isfinite([value, *left_out]).all():
        return None
    error = math.sqrt((len(kept) - 1) / len(kept) * float(np.square(left_out - left_out.mean()).sum()))
    n = (len(members[a]), len(members[b]))
    permuted = _permuted(matrix, in_a, value)
    margin *= abs(within) if relative else 1.0
    detail = {"between": value + within, "within_b": within, "margin": margin, "p_permuted": permuted}
    found = _within(_Mean(n, value, error, min(n) - 1.0, error * math.sqrt(min(n)), detail), margin)
    against = max(found.p_against, permuted) if value > 0 else found.p_against
    return replace(found, p_against=against, differs=permuted < ALPHA)


def paired(
    a: np.ndarray, b: np.ndarray, margin: float, relative: bool, more: bool, units: Sequence[Unit] = ()
) -> Evidence | None:
    """Mean of a - b over rounds or units, float64 (n,) each: within the margin, or `more` than it."""
    if len(a) < 2:
        return None
    margin *= abs(float(b.mean())) if relative else 1.0
    detail = {"mean_a": float(a.mean()), "mean_b": float(b.mean()), "margin": margin}
    return (_above if more else _within)(_mean(a - b, detail, units), margin)


def counts(found: Sequence[tuple[float, float, int]]) -> Evidence:
    """Integers or ratios of networks beside what was printed, and its significant digits."""
    right = [math.isclose(float(f"{value:.{digits - 1}e}"), printed) for value, printed, digits in found]
    p = 0.0 if all(right) else 1.0
    value = found[0][0] if all(right) else found[right.index(False)][0]
    detail = {"counted": [value for value, _, _ in found], "printed": [printed for _, printed, _ in found]}
    return Evidence((len(found),), value, value, value, p, 1 - p, detail=detail)


def exact(a: np.ndarray, value: int) -> Evidence | None:
    """Whether every training has this very value."""
    if not len(a):
        return None
    wrong = a[a != value]
    p = 1.0 if len(wrong) else 0.0
    return Evidence(
        (len(a),), float(wrong[0]) if len(wrong) else float(value), float(a.min()), float(a.max()), p, 1 - p
    )


def _apart(matrix: np.ndarray, in_a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean distance between a and b less that within b, and the latter, for each labelling, bool (labellings, n).

    matrix: distances (n, n), NaN for pairs that do not count. Both are float64 (labellings,), NaN without a pair.
    """
    known, distances = (~np.isnan(matrix)).astype(float), np.nan_to_num(matrix)
    a, b = in_a.astype(float), (~in_a).astype(float)
    with np.errstate(invalid="ignore"):
        between, within = (((side @ distances) * b).sum(1) / ((side @ known) * b).sum(1) for side in (a, b))
    return between - within, within


def _permuted(matrix: np.ndarray, in_a: np.ndarray, value: float) -> float:
    """p of a value as large, over relabelled trainings: all relabellings, or MAX_PERMUTATIONS at random."""
    labels, every = _labellings(len(in_a), int(in_a.sum()))
    larger = int(np.count_nonzero(~(_apart(matrix, labels)[0] < value - 1e-12)))
    return larger / len(labels) if every else (larger + 1) / (len(labels) + 1)


@cache
def _labellings(size: int, count: int) -> tuple[np.ndarray, bool]:
    """Ways to choose `count` of `size`, bool (labellings, size), and whether these are all of them."""
    if math.comb(size, count) <= MAX_PERMUTATIONS:
        return np.array([np.isin(np.arange(size), chosen) for chosen in combinations(range(size), count)]), True
    labels = np.tile(np.arange(size) < count, (MAX_PERMUTATIONS, 1))
    return np.random.default_rng(0).permuted(labels, axis=1), False


def _mean(a: np.ndarray, detail: Mapping[str, Any], units: Sequence[Unit] = ()) -> _Mean:
    """The mean of independent values; of those of several splits that of y ~ 1 + (1 | split), where splits differ."""
    splits, counts = np.unique([unit.split for unit in units], return_counts=True)
    std = float(a.std(ddof=1))
    plain = _Mean((len(a),), float(a.mean()), std / math.sqrt(len(a)), len(a) - 1.0, std, detail)
    if len(splits) < 2 or counts.max() < 2 or std == 0:
        return plain  # a split of its own for each: the spread between trainings is that of splits and seeds together
    found = random_effects_mean(a, np.array([unit.split for unit in units]))
    parts = {"splits": len(splits), "std_between_splits": found.std_between, "std_within_split": found.std_within}
    std = math.hypot(found.std_between, found.std_within)
    return _Mean((len(a),), found.mean, found.error, found.freedom, std, {**detail, **parts})


def _within(mean: _Mean, margin: float) -> Evidence:
    return _between(mean, -margin, margin)


def _above(mean: _Mean, margin: float) -> Evidence:
    """Whether a mean lies above a bound."""
    return _tested(mean, _tail(mean, margin, 1), _tail(mean, margin, -1), (margin,))


def _between(mean: _Mean, low: float, high: float) -> Evidence:
    """Whether a mean lies between two bounds: for it, both one-sided tests; against it, either of their contraries."""
    outside = min(1.0, 2 * min(_tail(mean, low, -1), _tail(mean, high, 1)))
    return _tested(mean, max(_tail(mean, low, 1), _tail(mean, high, -1)), outside, (low, high))


def _tested(mean: _Mean, p_for: float, p_against: float, bounds: tuple[float, ...]) -> Evidence:
    reach = float(t.isf(ALPHA / 2, mean.freedom)) * mean.error
    low, high = mean.value - reach, mean.value + reach
    detects = float(t.isf(ALPHA, mean.freedom) + norm.isf(1 - POWER)) * mean.error
    differs = not low <= 0 <= high
    return Evidence(
        mean.n, mean.value, low, high, p_for, p_against, detects, mean.std, bounds, differs, detail=mean.detail
    )


def _tail(mean: _Mean, bound: float, side: int) -> float:
    """p of a mean that lies so far above (side 1) or below (-1) a bound."""
    distance = side * (mean.value - bound)
    if mean.error == 0:  # all trainings agree to the bit
        return 0.0 if distance > 0 else 1.0
    return float(t.sf(distance / mean.error, mean.freedom))


def _needed_share(seen: float, least: float, alpha: float) -> int | None:
    """Trainings after which a share that stays as it was seen is told from `least`."""
    side = "greater" if seen > least else "less"
    for count in range(1, MAX_N + 1):
        if binomtest(round(seen * count), count, least, side).pvalue < alpha:
            return count
    return None
