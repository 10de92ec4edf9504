"""Do the z-points form clusters, more than a Gaussian of equal mean and covariance does?

K-means cuts any cloud into as many cells as asked for, and the curve of its inertia bends for any cloud: an elbow and a
silhouette tell something beside those of the null alone.
"""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.progress import track

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Partition:
    """One run of k-means: its cells' centres (k, z_dim), the cell of each point (n,), and the inertia over n."""

    centres: np.ndarray
    cells: np.ndarray
    inertia: float


@dataclass(frozen=True)
class Curves:
    """Runs of k-means for each k, float64 (runs, ks): inertia over that of one cluster, and mean silhouette."""

    inertia: np.ndarray
    silhouette: np.ndarray


def k_means(points: np.ndarray, k: int, seed: int) -> Partition:
    """MiniBatchKMeans from one k-means++ start: Sculley, WWW 2010, 1177. O(n k z_dim) for the final cells."""
    from sklearn.cluster import MiniBatchKMeans

    found = MiniBatchKMeans(k, n_init=1, random_state=seed).fit(points)
    return Partition(found.cluster_centers_, found.labels_, float(found.inertia_) / len(points))


def cells_of(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The nearest centre of each point, int64 (n,)."""
    from sklearn.metrics import pairwise_distances_argmin

    return pairwise_distances_argmin(points, centres)


def silhouettes(distances: np.ndarray, cells: np.ndarray) -> float:
    """The mean silhouette of points with these distances (n, n): Rousseeuw (1987); 0 where they share one cell."""
    from sklearn.metrics import silhouette_score

    found = len(np.unique(cells))
    if not 1 < found < len(cells):
        return 0.0
    return float(silhouette_score(distances, cells, metric="precomputed"))


def curves(
    clouds: Iterable[np.ndarray],
    runs: int,
    ks: Sequence[int],
    *,
    size: int,
    keep: int,
    seed: tuple[int, ...],
    label: str = "",
) -> tuple[Curves, list[Partition]]:
    """A run of k-means for each k on each of `runs` clouds (n, z_dim), with the silhouette of `size` of its points.

    The clouds may be one and the same: each run starts anew. The partitions into `keep` cells, one of ks, come as well.
    """
    rng = np.random.default_rng(seed)
    inertia, silhouette = np.empty((runs, len(ks))), np.empty((runs, len(ks)))
    kept = []
    for run, cloud in enumerate(track(clouds, total=runs, label=label)):
        total = float(np.var(cloud, axis=0, dtype=np.float64).sum())
        some = rng.permutation(len(cloud))[:size]
        distances = _distances(cloud[some])
        for at, k in enumerate(ks):
            found = k_means(cloud, k, int(rng.integers(2**31)))
            inertia[run, at] = found.inertia / total
            silhouette[run, at] = silhouettes(distances, found.cells[some])
            if k == keep:
                kept.append(found)
    return Curves(inertia, silhouette), kept


def _distances(points: np.ndarray) -> np.ndarray:
    from sklearn.metrics import pairwise_distances

    found = pairwise_distances(points - points.mean(axis=0, dtype=np.float64))
    np.fill_diagonal(found, 0)
    return found


@dataclass(frozen=True)
class Elbow:
    """Where a falling, convex curve bends (one of its x, None for nowhere), and how much: 0 a line, 1 a corner."""

    k: int | None
    strength: float


def elbow(ks: Sequence[int], inertia: np.ndarray) -> Elbow:
    """Kneedle's elbow of one curve (ks,): Satopää, Albrecht, Irwin and Raghavan (2011), by kneed, sensitivity 1.

    `strength` is the largest distance of the curve from the straight line between its ends, both axes scaled to 1. Any
    smooth falling curve has an elbow, and where depends on the last k: read both beside those of the null.
    """
    from kneed import KneeLocator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no elbow found: None says so
        found = KneeLocator(list(ks), inertia.tolist(), curve="convex", direction="decreasing")
    return Elbow(None if found.knee is None else int(found.knee), float(np.max(found.y_difference)))


def describe_elbow(ks: Sequence[int], own: np.ndarray, nulls: np.ndarray) -> dict[str, Any]:
    """The elbow of the mean curve, those of its single runs, and the null's; curves are float64 (runs, ks)."""

    def told(runs: np.ndarray) -> dict[str, Any]:
        each = [elbow(ks, run) for run in runs]
        places = [one.k for one in each if one.k is not None]
        strengths = [one.strength for one in each]
        return {
            "k": elbow(ks, runs.mean(axis=0)).k,
            "k_low": min(places, default=None),
            "k_high": max(places, default=None),
            "strength": float(np.mean(strengths)),
            "strength_low": min(strengths),
            "strength_high": max(strengths),
        }

    return {"mu": told(own), "null": told(nulls)}


@dataclass(frozen=True)
class Gap:
    """The nulls' mean log inertia less the points', for each k (ks,), and its standard error."""

    gap: np.ndarray
    error: np.ndarray

    @classmethod
    def of(cls, own: np.ndarray, nulls: np.ndarray) -> "Gap":
        """The gap statistic of Tibshirani, Walther and Hastie (2001) from curves (runs, ks).

        Their reference is uniform; here it is the Gaussian. Its error is theirs, std sqrt(1 + 1/B) of the B nulls,
        which holds the chance of the points' own draw, with that of the points' starts added.
        """
        return cls(np.log(nulls).mean(axis=0) - np.log(own).mean(axis=0), _error(np.log(own), np.log(nulls)))

    def clusters(self, ks: Sequence[int]) -> int | None:
        """The paper's number of clusters: the least k whose gap is not surpassed by the next one's, less its error.

        1, whose gap is 0 by definition, is among the candidates; None where the gap grows up to the last k.
        """
        gaps, errors = np.append(0.0, self.gap), np.append(0.0, self.error)
        held = np.flatnonzero(gaps[:-1] >= gaps[1:] - errors[1:])
        return None if not held.size else [1, *ks][held[0]]


def _error(own: np.ndarray, nulls: np.ndarray) -> np.ndarray:
    return np.sqrt(nulls.var(axis=0, ddof=1) * (1 + 1 / len(nulls)) + own.var(axis=0, ddof=1) / len(own))


def describe_difference(own: np.ndarray, nulls: np.ndarray, level: float) -> dict[str, Any]:
    """One answer for all k: the mean over k of the own values less the nulls', from values (runs, ks).

    With its interval by Student's t with as many degrees of freedom as nulls less 1, and the one-sided p of no
    difference. One test, so that no correction for many k is needed.
    """
    from scipy.stats import t

    one, other = own.mean(axis=1, keepdims=True), nulls.mean(axis=1, keepdims=True)
    difference, error = float(one.mean() - other.mean()), float(_error(one, other)[0])
    freedom = len(nulls) - 1
    reach = float(t.isf((1 - CONFIDENCE) / 2, freedom)) * error
    p = float(t.sf(difference / max(error, np.finfo(float).tiny), freedom))
    return {
        "mean": difference,
        "low": difference - reach,
        "high": difference + reach,
        "p": p,
        "beyond_a_gaussian": int(p <= level),
    }


def describe_gap(ks: Sequence[int], own: np.ndarray, nulls: np.ndarray, level: float) -> dict[str, Any]:
    """Are there clusters beyond a Gaussian's? The mean gap with its interval, the largest, and the number of clusters.

    A gap is necessary for clusters and not sufficient: any cloud that is locally tighter than the Gaussian, or of
    fewer dimensions, has one. With clusters it is largest at their number.
    """
    found = Gap.of(own, nulls)
    largest = int(np.argmax(found.gap))
    return describe_difference(-np.log(own), -np.log(nulls), level) | {
        "largest": float(found.gap[largest]),
        "largest_error": float(found.error[largest]),
        "largest_k": int(ks[largest]),
        "clusters": found.clusters(ks),
    }


def describe_silhouette(ks: Sequence[int], own: np.ndarray, nulls: np.ndarray, level: float) -> dict[str, Any]:
    """The highest mean silhouette over k, the null's at the same k and its own highest; the difference over all k."""
    best, null_best = int(np.argmax(own.mean(axis=0))), int(np.argmax(nulls.mean(axis=0)))
    return {
        "k": int(ks[best]),
        "mu": float(own[:, best].mean()),
        "null": float(nulls[:, best].mean()),
        "null_std": float(nulls[:, best].std(ddof=1)),
        "null_k": int(ks[null_best]),
        "null_highest": float(nulls[:, null_best].mean()),
        "difference": describe_difference(own, nulls, level),
    }


def curve_rows(ks: Sequence[int], own: Curves, nulls: Curves) -> list[dict[str, float]]:
    """A row for each k: mean and standard deviation over the runs, own and null, and the gap with its error."""
    gap = Gap.of(own.inertia, nulls.inertia)
    columns: dict[str, Any] = {"k": ks}
    for name in ("inertia", "silhouette"):
        for prefix, found in (("", own), ("null_", nulls)):
            values = getattr(found, name)
            columns |= {f"{prefix}{name}": values.mean(axis=0), f"{prefix}{name}_std": values.std(axis=0, ddof=1)}
    columns |= {"gap": gap.gap, "gap_error": gap.error}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
