"""Filaments or one compact cloud? The neighbourhoods of the z-points, beside those of a Gaussian of equal moments.

Points on filaments or in clusters fill less room than a Gaussian of their covariance: neighbours are nearer. The local
dimension then tells the kind: lower along thin filaments, where neighbours lie on a line; higher in clusters, and in
filaments thicker than the gaps between neighbours, whose inside is rounder than the cloud as a whole. In many
dimensions all estimates of dimension are far too low, for the z-points and the Gaussian alike: read their ratio.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zpoints.stats.reference_distributions import Gaussian
from zpoints.errors import UserError

DISCARDED = 0.1  # of the largest ratios, in TwoNN: the paper's choice
DENSE, SPARSE = 0.05, 0.95  # quantiles of the neighbour distance whose ratio is the contrast
CONFIDENCE = 0.95


def distances(points: np.ndarray, neighbours: int) -> np.ndarray:
    """Distances of each point of (n, z_dim) from its nearest neighbours, ascending, float64 (n', neighbours).

    Points that coincide with another one are left out: a distance of 0 is no neighbourhood.
    """
    from sklearn.neighbors import NearestNeighbors

    # In float64 and about their mean: the distances come from differences of squares.
    centred = points - points.mean(axis=0, dtype=np.float64)
    search = NearestNeighbors(n_neighbors=neighbours).fit(centred)
    found, _ = search.kneighbors()
    return found[found[:, 0] > 0]


def two_nn(found: np.ndarray) -> float | None:
    """TwoNN's intrinsic dimension of distances (n, k): Facco, d'Errico, Rodriguez and Laio (2017).

    The ratio m of the second to the first distance follows F(m) = 1 - m^-d: d is the slope of -ln(1 - F) against ln m
    through 0, without the tenth of the largest ratios. None where all ratios are 1, or no points are left.
    """
    logs = np.sort(np.log(found[:, 1] / found[:, 0]))
    empirical = np.arange(1, len(logs) + 1) / (len(logs) + 1)
    kept = slice(0, int(len(logs) * (1 - DISCARDED)))
    x, y = logs[kept], -np.log1p(-empirical[kept])
    squares = float(x @ x)
    return float(x @ y) / squares if squares else None


def levina_bickel(found: np.ndarray) -> float | None:
    """The maximum likelihood dimension of distances (n, k): Levina and Bickel (2004).

    The inverse estimates of all points are averaged, as MacKay and Ghahramani (2005) correct it. None as above.
    """
    logs = np.log(found[:, -1:] / found[:, :-1])
    return 1 / float(logs.mean()) if logs.any() else None


def median_distance(found: np.ndarray) -> float | None:
    """The median distance to the k-th neighbour: the less, the denser the points' surroundings."""
    return float(np.median(found[:, -1])) if len(found) else None


def contrast(found: np.ndarray) -> float | None:
    """How uneven the local density is: the 95% quantile of the distance to the k-th neighbour over the 5% quantile."""
    if not len(found):
        return None
    dense, sparse = np.quantile(found[:, -1], [DENSE, SPARSE])
    return float(sparse / dense)


ESTIMATORS = {
    "two_nn": two_nn,
    "levina_bickel": levina_bickel,
    "distance": median_distance,
    "density_contrast": contrast,
}


def interval(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean of independent estimates with the 95% interval of Student's t; all None where an estimate is missing."""
    from scipy.stats import t

    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return {"mean": None, "low": None, "high": None}
    mean = float(np.mean(known))
    reach = float(t.isf((1 - CONFIDENCE) / 2, len(known) - 1) * np.std(known, ddof=1) / np.sqrt(len(known)))
    return {"mean": mean, "low": mean - reach, "high": mean + reach}


def describe_neighbours(
    points: np.ndarray, rows: np.ndarray, null: Gaussian, size: int, repeats: int, neighbours: int, seed: int
) -> dict[str, Any]:
    """Each estimate of the points, of the null and their ratio, with intervals over `repeats` subsamples.

    The subsamples share no point, so that they are independent: each has `size` points, or what the rows allow. An
    interval of a ratio that leaves out 1 speaks against one Gaussian cloud. Raises UserError where a subsample is too
    small for so many neighbours.
    """
    size = min(size, len(rows) // repeats)
    if size <= neighbours:
        raise UserError(
            f"pca.neighbours: expected fewer than the {size} points of a subsample "
            f"({len(rows)} training images, pca.repeats = {repeats}), received {neighbours}"
        )
    order = np.random.default_rng((seed, 0)).permutation(rows)
    estimates: dict[str, dict[str, list[float | None]]] = {name: {"mu": [], "null": []} for name in ESTIMATORS}
    for turn in range(repeats):
        samples = {
            "mu": points[np.sort(order[turn * size : (turn + 1) * size])],
            "null": null.sample(size, (seed, 1, turn)),
        }
        for source, sample in samples.items():
            found = distances(sample, neighbours)
            for name, estimate in ESTIMATORS.items():
                estimates[name][source].append(estimate(found))
    return {"points": size, "repeats": repeats, "neighbours": neighbours} | {
        name: {source: interval(values) for source, values in both.items()} | {"ratio": interval(_ratios(**both))}
        for name, both in estimates.items()
    }


def _ratios(mu: Sequence[float | None], null: Sequence[float | None]) -> list[float | None]:
    return [None if one is None or other is None else one / other for one, other in zip(mu, null, strict=True)]
