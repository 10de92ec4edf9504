"""Filaments, clusters or one compact cloud? Neighborhoods of the z-points, beside those of a Gaussian of equal moments.

Points on filaments or in clusters fill less room than a Gaussian of their covariance: neighbors are nearer. The local
dimension is lower along thin filaments, where neighbors lie on a line, and higher in clusters and in filaments thicker
than the gaps between neighbors, whose inside is rounder than the cloud as a whole. In many dimensions all estimates of
dimension are far too low, for the z-points and the Gaussian alike: read their ratio.

A ratio alone does not tell the kind: heavy tails look like clusters, and skewed independent axes like filaments. What
the elliptical null shows as well may be tails; what the permuted one shows as well may be skewed axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zpoints.measurement import NotMeasurable
from zpoints.progress import track
from zpoints.stats.reference_distributions import Gaussian, Null, moments

DISCARDED = 0.1  # of the largest ratios, in TwoNN: the paper's choice
DENSE, SPARSE = 0.05, 0.95  # quantiles of the neighbor distance whose ratio is the contrast
CONFIDENCE = 0.95


def distances(points: np.ndarray, n_neighbors: int) -> np.ndarray:
    """Distances of each distinct point of (n, z_dim) to its nearest neighbors, ascending, float64 (n', n_neighbors).

    No rows where there are too few distinct points. One so near to another that the distance rounds to 0 is left out.
    """
    from sklearn.neighbors import NearestNeighbors

    points = distinct(points)
    if len(points) <= n_neighbors:
        return np.empty((0, n_neighbors))
    # In float64 and about their mean: the distances come from differences of squares.
    centred = points - points.mean(axis=0, dtype=np.float64)
    nearest, _ = NearestNeighbors(n_neighbors=n_neighbors).fit(centred).kneighbors()
    return nearest[nearest[:, 0] > 0]


def distinct(points: np.ndarray) -> np.ndarray:
    """The rows of (n, z_dim) that equal no earlier one, in their order: an image that is there twice counts once."""
    _, first = np.unique(points, axis=0, return_index=True)
    return points[np.sort(first)]


def two_nn(nearest: np.ndarray) -> float | None:
    """TwoNN's intrinsic dimension of distances (n, k): Facco, d'Errico, Rodriguez and Laio (2017).

    The ratio m of the second to the first distance follows F(m) = 1 - m^-d: d is the slope of -ln(1 - F) against ln m
    through 0, without the tenth of the largest ratios. None where all ratios are 1, or no points are left.
    """
    logs = np.sort(np.log(nearest[:, 1] / nearest[:, 0]))
    empirical = np.arange(1, len(logs) + 1) / (len(logs) + 1)
    kept = slice(0, int(len(logs) * (1 - DISCARDED)))
    x, y = logs[kept], -np.log1p(-empirical[kept])
    squares = float(x @ x)
    return float(x @ y) / squares if squares else None


def levina_bickel(nearest: np.ndarray) -> float | None:
    """The maximum likelihood dimension of distances (n, k): Levina and Bickel (2004).

    The inverse estimates of all points are averaged, as MacKay and Ghahramani (2005) correct it. None as above.
    """
    logs = np.log(nearest[:, -1:] / nearest[:, :-1])
    return 1 / float(logs.mean()) if logs.any() else None


def median_distance(nearest: np.ndarray) -> float | None:
    """The median distance to the k-th neighbor: the less, the denser the points' surroundings."""
    return float(np.median(nearest[:, -1])) if len(nearest) else None


def contrast(nearest: np.ndarray) -> float | None:
    """How uneven the local density is: the 95% quantile of the distance to the k-th neighbor over the 5% quantile."""
    if not len(nearest):
        return None
    dense, sparse = np.quantile(nearest[:, -1], [DENSE, SPARSE])
    return float(sparse / dense)


ESTIMATORS = {
    "two_nn": two_nn,
    "levina_bickel": levina_bickel,
    "distance": median_distance,
    "density_contrast": contrast,
}


def interval(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean of independent estimates with the 95% interval of Student's t; all None where an estimate is missing."""
    from scipy.special import stdtrit

    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return {"mean": None, "low": None, "high": None}
    mean = float(np.mean(known))
    margin = float(-stdtrit(len(known) - 1, (1 - CONFIDENCE) / 2) * np.std(known, ddof=1) / np.sqrt(len(known)))
    return {"mean": mean, "low": mean - margin, "high": mean + margin}


def describe_neighborhoods(
    points: np.ndarray,
    rows: np.ndarray,
    nulls: Mapping[str, Null],
    subsample: int,
    n_repeats: int,
    n_neighbors: int,
    seed: int,
) -> dict[str, Any]:
    """Each estimate of these rows of `points` (n, z_dim), of the Gaussian (`null`), their ratio; 95% intervals.

    nulls: by name, `gaussian` among them; each other one gives a ratio `over_NAME`. All are fitted to the rows
    themselves, which pulls a covariance of few images per axis apart and its null's neighbors together. How much, a
    Gaussian cloud of as many points tells, beside the Gaussian fitted to it: each ratio is divided by theirs.

    The intervals are over `n_repeats` subsamples of `subsample` points, or as many as the rows allow. They share no
    point, so that they are independent. An interval of a ratio that leaves out 1 speaks against one Gaussian cloud.
    Raises NotMeasurable where a subsample is too small for so many neighbors.
    """
    size = min(subsample, len(rows) // n_repeats)
    if size <= n_neighbors:
        raise NotMeasurable(
            f"needs at least {(n_neighbors + 1) * n_repeats} training images for {n_neighbors} neighbors "
            f"in {n_repeats} subsamples, has {len(rows)}"
        )
    order = np.random.default_rng((seed, 0)).permutation(rows)
    gaussian = nulls["gaussian"]
    refitted = Gaussian.like(moments(gaussian.blocks(len(rows), (seed, 2))))
    cloud = gaussian.sample(size * n_repeats, (seed, 2))
    found: list[dict[str, dict[str, float | None]]] = []
    for repeat in track(range(n_repeats), label="subsamples"):
        part = slice(repeat * size, (repeat + 1) * size)
        sample = distinct(points[np.sort(order[part])])
        # As many of each null: the fewer points, the farther apart they are.
        count = len(sample)
        samples = {"mu": sample}
        for number, (name, null) in enumerate(nulls.items()):
            samples[name] = null.sample(count, (seed, 1, number, repeat))
        samples |= {"cloud": cloud[part][:count], "refitted": refitted.sample(count, (seed, 3, repeat))}
        nearest = {source: distances(drawn, n_neighbors) for source, drawn in samples.items()}
        found.append({name: {key: of(near) for key, near in nearest.items()} for name, of in ESTIMATORS.items()})
    result: dict[str, Any] = {"points": size, "n_repeats": n_repeats, "n_neighbors": n_neighbors}
    for name in ESTIMATORS:
        of_repeats = [repeat[name] for repeat in found]
        result[name] = {
            "mu": interval([values["mu"] for values in of_repeats]),
            "null": interval([values["gaussian"] for values in of_repeats]),
            "ratio": interval([_ratio(values, "gaussian") for values in of_repeats]),
            **{
                f"over_{null}": interval([_ratio(values, null) for values in of_repeats])
                for null in nulls
                if null != "gaussian"
            },
        }
    return result


def _ratio(values: Mapping[str, float | None], null: str) -> float | None:
    """Estimate of mu over that of a null, over what fitting the null does to it."""
    parts = [values[name] for name in ("mu", null, "cloud", "refitted")]
    if any(part is None for part in parts):
        return None
    mu, of_null, cloud, refitted = (float(part) for part in parts if part is not None)
    return mu / of_null * refitted / cloud
