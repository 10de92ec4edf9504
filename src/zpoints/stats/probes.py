"""What of a face can be read off mu by a straight line? Linear probes of attributes (yes or no) and factors (numbers).

A probe is fitted on training images and tested on held-out ones. Its null is the same probe on labels that were
shuffled over the images, for the fit and for the test alike.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.measurement import NotMeasurable
from zpoints.progress import track
from zpoints.stats.confidence import Interval, explained, logit, normal
from zpoints.stats.detection import POWER
from zpoints.stats.normality import holm

# Of the squared weights, beside a loss summed over thousands of images: scikit-learn's C = 1 and alpha = 1.
PENALTY = 1.0
Fits = list[tuple[float, np.ndarray]]  # for each label a score, and the influence of each held-out image on it


@dataclass(frozen=True)
class LatentScaler:
    """Mean and standard deviation of each axis, float64 (z_dim,), and which of them vary, bool (z_dim,)."""

    mean: np.ndarray
    std: np.ndarray
    varying: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> "LatentScaler":
        """Of points (n, z_dim), for axes that vary by more than the rounding of float32 numbers.

        Raises NotMeasurable where there is none: all points are one.
        """
        mean, std = points.mean(axis=0, dtype=np.float64), points.std(axis=0, dtype=np.float64)
        varying = std > np.finfo(np.float32).eps * np.abs(mean)
        if not varying.any():
            raise NotMeasurable(f"needs z-points that differ, has {len(points)} times the same one (collapsed model)")
        return cls(mean, std, varying)

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Standardised coordinates along the axes that vary, float64 (n, varying)."""
        return (points[:, self.varying] - self.mean[self.varying]) / self.std[self.varying]

    def normals(self, weights: np.ndarray) -> np.ndarray:
        """Weights (k, varying) of standardised coordinates as vectors in mu's own, float64 (k, z_dim)."""
        vectors = np.zeros((len(weights), len(self.mean)))
        vectors[:, self.varying] = weights / self.std[self.varying]
        return vectors


def auc(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Area under the ROC curve, and the influence of each image on it, float64 (n,): their squares sum to its variance.

    DeLong, DeLong and Clarke-Pearson (1988), with the midranks of Sun and Xu (2014). Labels are 0 or 1, both present.
    """
    from scipy.stats import rankdata

    positive = labels == 1
    ones, zeros = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(scores)
    placements = np.empty(len(scores))
    placements[positive] = (ranks[positive] - rankdata(scores[positive])) / zeros
    placements[~positive] = 1 - (ranks[~positive] - rankdata(scores[~positive])) / ones
    area = float(placements[positive].mean())
    shares = np.where(positive, 1 / np.sqrt(ones * max(ones - 1, 1)), 1 / np.sqrt(zeros * max(zeros - 1, 1)))
    return area, (placements - area) * shares


def chance(labels: np.ndarray) -> float:
    """Standard deviation of the AUC about 1/2 for shuffled labels (n,), by Mann and Whitney (1947)."""
    ones = np.count_nonzero(labels == 1)
    zeros = len(labels) - ones
    return float(np.sqrt((ones + zeros + 1) / (12 * ones * zeros)))


def logistic(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Weights (columns,) of a logistic regression of 0/1 labels (n,) on standardised points (n, columns)."""
    from sklearn.linear_model import LogisticRegression

    # Newton's method ends within a few steps at the one optimum: no tolerance of a slow descent shows in the weights.
    probe = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", tol=1e-6, max_iter=200).fit(points, labels)
    return probe.coef_[0].astype(np.float64)


def ridge(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weights (columns + 1, factors), the last row constants, of a ridge regression of (n, factors) on (n, columns)."""
    from sklearn.linear_model import Ridge

    probe = Ridge(alpha=PENALTY).fit(points, values)
    return np.vstack([np.atleast_2d(probe.coef_).T, np.atleast_1d(probe.intercept_)])


@dataclass(frozen=True)
class ProbePoints:
    """Standardised points of the training subsample and the held-out images, and what draws the null."""

    train: np.ndarray
    held_out: np.ndarray
    seed: int

    def shuffled(self, count: int, label: int, part: int) -> np.ndarray:
        """A shuffling of `count` images, another one for each label's index and each part."""
        return np.random.default_rng((self.seed, label, part)).permutation(count)


def probe_attributes(
    points: ProbePoints, train: np.ndarray, held_out: np.ndarray, names: Sequence[str], alpha: float
) -> tuple[list[dict[str, Any]], np.ndarray, dict[str, Any]]:
    """A row for each attribute, the weights (attributes, columns), and all of them summed up.

    Args: labels (n, attributes) and (m, attributes) of both parts, 0 or 1. `chance_low` and `chance_high` hold the AUC
    of one shuffled labelling with probability 1 - alpha; `p_holm` is that of the Mann-Whitney test of the held-out
    scores, two-sided. The interval of the mean AUC knows that all attributes are tested on the same images. `limit` is
    the AUC of a typical attribute that Holm's first step finds with 90% power.
    """
    from scipy.stats import norm

    rows: list[dict[str, Any]] = []
    weights = np.zeros((len(names), points.train.shape[1]))
    influences, areas, deviations = np.zeros(len(held_out)), [], []
    for label, name in enumerate(track(names, label="attributes")):
        fitted, tested = train[:, label], held_out[:, label]
        weights[label] = logistic(points.train, fitted)
        area, influence = auc(points.held_out @ weights[label], tested)
        low, high = logit(area, influence)
        null_fitted = fitted[points.shuffled(len(fitted), label, 0)]
        null_tested = tested[points.shuffled(len(tested), label, 1)]
        chance_area, _ = auc(points.held_out @ logistic(points.train, null_fitted), null_tested)
        deviation = chance(tested)
        reach = float(norm.isf(alpha / 2)) * deviation
        rows.append(
            {"kind": "attribute", "name": name, "value": area, "low": low, "high": high, "null": chance_area}
            | {"chance_low": 0.5 - reach, "chance_high": 0.5 + reach, "share": float(fitted.mean())}
            | {"p": two_sided(area, deviation), "null_p": two_sided(chance_area, deviation)}
        )
        influences += influence / len(names)
        areas.append(area)
        deviations.append(deviation)
    for key in ("p", "null_p"):
        for row, adjusted in zip(rows, holm(np.array([row.pop(key) for row in rows])), strict=True):
            row[f"{key}_holm"] = float(adjusted)
    if not rows:
        return rows, weights, {"probed": 0}
    mean = float(np.mean(areas))
    low, high = logit(mean, influences)
    null = [row["null"] for row in rows]
    return (
        rows,
        weights,
        {
            "probed": len(rows),
            "auc": {"mean": mean, "low": low, "high": high, "least": min(areas), "most": max(areas)},
            "null": {"mean": float(np.mean(null)), "least": min(null), "most": max(null)},
            "limit": 0.5 + float(np.median(deviations)) * float(norm.isf(alpha / 2 / len(rows)) + norm.isf(1 - POWER)),
            "beyond_chance": sum(row["p_holm"] <= alpha for row in rows),
            "null_beyond_chance": sum(row["null_p_holm"] <= alpha for row in rows),
        },
    )


def probe_factors(
    points: ProbePoints, train: np.ndarray, held_out: np.ndarray, names: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A row for each factor with R² on held-out images, and all of them summed up; values (n, factors), (m, factors).

    R² compares with the training mean, so that it falls below 0 for a probe that is worse than no look at the image.
    """
    if not names:
        return [], {"probed": 0}
    orders = points.shuffled(len(train), 0, 2), points.shuffled(len(held_out), 0, 3)
    fits = factor_fits(points, train, held_out), factor_fits(points, train[orders[0]], held_out[orders[1]])
    rows, influences = [], np.zeros(len(held_out))
    for name, (value, influence), (null, null_influence) in zip(names, *fits, strict=True):
        low, high = normal(value, influence)
        chance_low, chance_high = normal(null, null_influence)
        rows.append(
            {"kind": "factor", "name": name, "value": value, "low": low, "high": min(high, 1.0), "null": null}
            | {"chance_low": chance_low, "chance_high": chance_high}
        )
        influences += influence / len(names)
    mean, null_mean = (float(np.mean([row[key] for row in rows])) for key in ("value", "null"))
    low, high = normal(mean, influences)
    ends = {"low": low, "high": min(high, 1.0)}
    return rows, {"probed": len(rows), "r2": {"mean": mean, **ends}, "null": {"mean": null_mean}}


def attribute_fits(points: np.ndarray, weights: Iterable[np.ndarray], labels: np.ndarray) -> Fits:
    """AUC of a probe of each attribute, and the influence of each image on it; points (m, columns), labels (m, k)."""
    return [auc(points @ of_label, tested) for of_label, tested in zip(weights, labels.T, strict=True)]


def factor_fits(points: ProbePoints, train: np.ndarray, held_out: np.ndarray) -> Fits:
    """R² of a probe of each factor, and the influence of each held-out image on it; values (n, k) and (m, k)."""
    coefficients = ridge(points.train, train)
    errors = np.square(held_out - points.held_out @ coefficients[:-1] - coefficients[-1])
    spreads = np.square(held_out - train.mean(axis=0))
    fits = [explained(*columns) for columns in zip(errors.T, spreads.T, strict=True)]
    assert all(fits)  # a factor without spread is no label to probe
    return [fit for fit in fits if fit is not None]


def beside(fits: Fits, noisy: Fits, interval: Callable[[float, np.ndarray], Interval]) -> dict[str, Any]:
    """The mean of the probes of noisy points, `z`, and what these lose, `lost`: each with its 95% interval.

    The difference is of the same labels on the same images. interval: that of a mean, from its influences.
    """
    values = [float(np.mean([value for value, _ in probes])) for probes in (fits, noisy)]
    influences = [np.mean([influence for _, influence in probes], axis=0) for probes in (fits, noisy)]
    lost = values[0] - values[1]
    ends = {"z": interval(values[1], influences[1]), "lost": normal(lost, influences[0] - influences[1])}
    means = {"z": values[1], "lost": lost}
    return {key: {"mean": means[key], "low": low, "high": high} for key, (low, high) in ends.items()}


def mean_differences(blocks: Iterable[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Mean of the points with an attribute less the mean of those without, float64 (attributes, z_dim).

    Args: blocks of points (m, z_dim), one after the other, and the labels of all of them (n, attributes), 0 or 1, with
    both values in each column.
    """
    sums: np.ndarray | float = 0.0
    total: np.ndarray | float = 0.0
    seen = 0
    for block in blocks:
        part = labels[seen : seen + len(block)].astype(np.float64)
        values = block.astype(np.float64)
        sums, total = sums + part.T @ values, total + values.sum(axis=0)
        seen += len(block)
    ones = labels.sum(axis=0, dtype=np.int64)[:, None]
    return sums / ones - (total - sums) / (seen - ones)


def scaled_normals(normals: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Normals (k, z_dim) of a length at which one of them is one standard deviation of the points along it."""
    units = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    centred = points - points.mean(axis=0, dtype=np.float64)
    return units * (centred @ units.T).std(axis=0)[:, None]


def two_sided(area: float, deviation: float) -> float:
    """p of an AUC that deviates so from 1/2, in units of `chance`."""
    from scipy.stats import norm

    return float(2 * norm.sf(abs(area - 0.5) / deviation))
