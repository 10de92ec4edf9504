"""K-means for many k, beside the same of a Gaussian of equal mean and covariance.

K-means cuts any cloud into as many cells as asked for, and the curve of its inertia bends for any cloud: an elbow and a
silhouette say something beside those of the null alone.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from zpoints.analyses.clusters.config import Config
from zpoints.progress import track
from zpoints.stats.detection import errors_needed
from zpoints.stats.reference_distributions import Null

CONFIDENCE = 0.95
CLUSTERS = 10  # of a planted truth
SHARES = (0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.2, 0.3, 0.5)  # of the variance, between them


@dataclass(frozen=True)
class Partition:
    """One run of k-means: its cells' centers (k, z_dim), the cell of each point (n,), and the inertia over n."""

    centers: np.ndarray
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

    fit = MiniBatchKMeans(k, n_init=1, random_state=seed).fit(points)
    return Partition(fit.cluster_centers_, fit.labels_, float(fit.inertia_) / len(points))


def cells_of(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The nearest center of each point, int64 (n,)."""
    from sklearn.metrics import pairwise_distances_argmin

    return pairwise_distances_argmin(points, centers)


def silhouettes(distances: np.ndarray, cells: np.ndarray) -> float:
    """The mean silhouette of points with these distances (n, n): Rousseeuw (1987); 0 where they share one cell."""
    from sklearn.metrics import silhouette_score

    if not 1 < len(np.unique(cells)) < len(cells):
        return 0.0
    return float(silhouette_score(distances, cells, metric="precomputed"))


def curves(
    clouds: Iterable[np.ndarray],
    runs: int,
    ks: Sequence[int],
    *,
    n_silhouette: int,
    k_labels: int | None,
    seed: tuple[int, ...],
    label: str = "",
) -> tuple[Curves, list[Partition]]:
    """A run of k-means for each k on each of `runs` clouds (n, z_dim), with the silhouette of some of its points.

    The clouds may be one and the same: each run starts anew. Returns the partitions into `k_labels` cells, one of ks,
    as well. In one thread: sums are then rounded the same on any number of cores, and where other programs compute too,
    threads that wait for each other take ten times as long.
    """
    import sklearn.cluster  # noqa: F401  limits hold for the libraries that are loaded
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    inertia, silhouette = np.empty((runs, len(ks))), np.empty((runs, len(ks)))
    partitions = []
    with threadpool_limits(limits=1):
        for run, cloud in enumerate(track(clouds, total=runs, label=label)):
            total = float(np.var(cloud, axis=0, dtype=np.float64).sum())
            sample = rng.permutation(len(cloud))[:n_silhouette]
            distances = _distances(cloud[sample])
            for at, k in enumerate(ks):
                partition = k_means(cloud, k, int(rng.integers(2**31)))
                inertia[run, at] = partition.inertia / total
                silhouette[run, at] = silhouettes(distances, partition.cells[sample])
                if k == k_labels:
                    partitions.append(partition)
    return Curves(inertia, silhouette), partitions


def _distances(points: np.ndarray) -> np.ndarray:
    from sklearn.metrics import pairwise_distances

    distances = pairwise_distances(points - points.mean(axis=0, dtype=np.float64))
    np.fill_diagonal(distances, 0)
    return distances


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
        warnings.simplefilter("ignore")  # that there is no elbow: None says so
        locator = KneeLocator(list(ks), inertia.tolist(), curve="convex", direction="decreasing")
    return Elbow(None if locator.knee is None else int(locator.knee), float(np.max(locator.y_difference)))


def describe_elbow(ks: Sequence[int], inertia: np.ndarray, nulls: np.ndarray) -> dict[str, Any]:
    """The elbow of the mean curve, those of its single runs, and the nulls'; curves are float64 (runs, ks)."""
    return {"mu": _elbows(ks, inertia), "null": _elbows(ks, nulls)}


def _elbows(ks: Sequence[int], runs: np.ndarray) -> dict[str, Any]:
    elbows = [elbow(ks, run) for run in runs]
    bends = [bend.k for bend in elbows if bend.k is not None]
    strengths = [bend.strength for bend in elbows]
    return {
        "k": elbow(ks, runs.mean(axis=0)).k,
        "k_low": min(bends, default=None),
        "k_high": max(bends, default=None),
        "strength": float(np.mean(strengths)),
        "strength_low": min(strengths),
        "strength_high": max(strengths),
    }


@dataclass(frozen=True)
class Gap:
    """The nulls' mean log inertia less the points', for each k (ks,), and its standard error."""

    gap: np.ndarray
    error: np.ndarray

    @classmethod
    def of(cls, inertia: np.ndarray, nulls: np.ndarray) -> "Gap":
        """The gap statistic of Tibshirani, Walther and Hastie (2001) from curves (runs, ks).

        Their reference is uniform; here it is the Gaussian. Its error is theirs, std sqrt(1 + 1/B) of the B nulls,
        which holds the chance of the points' own draw, with that of the points' starts added.
        """
        logs, null_logs = np.log(inertia), np.log(nulls)
        return cls(null_logs.mean(axis=0) - logs.mean(axis=0), _error(logs, null_logs))

    def clusters(self, ks: Sequence[int]) -> int:
        """The number of clusters: the least k whose gap is within a standard error of the largest gap.

        `globalSEmax` of R's clusGap. 1, whose gap is 0 by definition, is among the candidates. The paper's own rule
        stops at the first k that the next one does not surpass, and so at 1 where two cells are worse than one.
        """
        gaps, errors = np.append(0.0, self.gap), np.append(0.0, self.error)
        largest = int(np.argmax(gaps))
        return [1, *ks][int(np.argmax(gaps >= gaps[largest] - errors[largest]))]


def _error(values: np.ndarray, nulls: np.ndarray) -> np.ndarray:
    return np.sqrt(nulls.var(axis=0, ddof=1) * (1 + 1 / len(nulls)) + values.var(axis=0, ddof=1) / len(values))


def describe_difference(values: np.ndarray, nulls: np.ndarray, alpha: float) -> dict[str, Any]:
    """One answer for all k: the mean over k of the values less the nulls', both (runs, ks).

    With its interval by Student's t with as many degrees of freedom as nulls less 1, and the one-sided p of no
    difference. One test, so that no correction for many k is needed.
    """
    from scipy.stats import t

    means, null_means = values.mean(axis=1, keepdims=True), nulls.mean(axis=1, keepdims=True)
    difference, error = float(means.mean() - null_means.mean()), float(_error(means, null_means)[0])
    freedom = len(nulls) - 1
    margin = float(t.isf((1 - CONFIDENCE) / 2, freedom)) * error
    p = float(t.sf(difference / max(error, np.finfo(float).tiny), freedom))
    return {
        "mean": difference,
        "low": difference - margin,
        "high": difference + margin,
        "p": p,
        "beyond_a_gaussian": int(p <= alpha),
    }


def describe_gap(ks: Sequence[int], inertia: np.ndarray, nulls: np.ndarray, alpha: float) -> dict[str, Any]:
    """Are there clusters beyond a Gaussian's? The mean gap with its interval, the largest, and the number of clusters.

    A gap is necessary for clusters and not sufficient: any cloud that is locally tighter than the Gaussian, or of
    fewer dimensions, has one. With clusters it is largest at their number.
    """
    gap = Gap.of(inertia, nulls)
    largest = int(np.argmax(gap.gap))
    return describe_difference(-np.log(inertia), -np.log(nulls), alpha) | {
        "largest": float(gap.gap[largest]),
        "largest_error": float(gap.error[largest]),
        "largest_k": int(ks[largest]),
        "clusters": gap.clusters(ks),
    }


def planted_clusters(null: Null, count: int, share: float, seed: tuple[int, ...]) -> np.ndarray:
    """CLUSTERS equal clusters whose centres have this share of the variance, float32 (count, z_dim).

    Centres and points within are draws of the null, shrunk so that its mean and covariance stay on average.
    """
    points, centers = null.sample(count, (*seed, 0)), null.sample(CLUSTERS, (*seed, 1))
    mean = points.mean(axis=0)
    kinds = np.random.default_rng((*seed, 2)).integers(CLUSTERS, size=count)
    return (
        mean + np.float32(np.sqrt(1 - share)) * (points - mean) + np.float32(np.sqrt(share)) * (centers[kinds] - mean)
    )


def cluster_limit(
    null: Null, count: int, gap: Mapping[str, Any], config: Config, gap_of: Callable[[np.ndarray], float]
) -> dict[str, Any]:
    """The share of the variance between CLUSTERS planted clusters that the mean gap finds with 90% power.

    The gap is found where it passes so many standard errors, here the measured one, that Student's t finds it.
    `separation` is the distance of centres from the mean over that of points from their centres. Both are None where
    SHARES has no share that is enough. gap_of: the mean gap of a cloud.
    """
    from scipy.stats import t

    freedom = config.n_nulls - 1
    error = (gap["high"] - gap["low"]) / 2 / float(t.isf((1 - CONFIDENCE) / 2, freedom))
    needed = error * errors_needed(freedom, config.alpha)
    low, high = 0, len(SHARES)
    while low < high:
        middle = (low + high) // 2
        if gap_of(planted_clusters(null, count, SHARES[middle], (config.seed, 9))) >= needed:
            high = middle
        else:
            low = middle + 1
    share = SHARES[low] if low < len(SHARES) else None
    separation = None if share is None else float(np.sqrt(share / (1 - share)))
    return {"clusters": CLUSTERS, "share": share, "separation": separation, "gap": needed}


def describe_silhouette(ks: Sequence[int], silhouette: np.ndarray, nulls: np.ndarray, alpha: float) -> dict[str, Any]:
    """The highest mean silhouette over k, the nulls' at the same k and their own highest; the difference over all k."""
    best, null_best = int(np.argmax(silhouette.mean(axis=0))), int(np.argmax(nulls.mean(axis=0)))
    return {
        "k": int(ks[best]),
        "mu": float(silhouette[:, best].mean()),
        "null": float(nulls[:, best].mean()),
        "null_std": float(nulls[:, best].std(ddof=1)),
        "null_k": int(ks[null_best]),
        "null_highest": float(nulls[:, null_best].mean()),
        "difference": describe_difference(silhouette, nulls, alpha),
    }


def curve_table(ks: Sequence[int], points: Curves, nulls: Curves) -> pd.DataFrame:
    """A row for each k: mean and standard deviation over the runs, of points and nulls, and the gap with its error."""
    columns: dict[str, Any] = {"k": list(ks)}
    for name in ("inertia", "silhouette"):
        for prefix, source in (("", points), ("null_", nulls)):
            values = getattr(source, name)
            columns |= {f"{prefix}{name}": values.mean(axis=0), f"{prefix}{name}_std": values.std(axis=0, ddof=1)}
    gap = Gap.of(points.inertia, nulls.inertia)
    return pd.DataFrame(columns | {"gap": gap.gap, "gap_error": gap.error})
