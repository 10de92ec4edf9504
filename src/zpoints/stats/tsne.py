"""t-SNE: a map of the z-points that keeps neighbours together (van der Maaten and Hinton, 2008), and what it is worth.

The maps are openTSNE's (Policar, Strazar and Zupan, 2024): Barnes-Hut below 3,000 points, interpolation with FFT from
there on (Linderman et al., 2019), which is then the faster one; a start from the first two principal axes, and the
learning rate of Belkina et al. (2019). Neighbours are exact, from scikit-learn: for some thousand points no slower
than an approximate search, and unlike that one it finds the same with any number of threads. So do the gradients;
BLAS alone would round otherwise with other threads, and in 1,000 iterations no rounding is too small to matter: see
`reproducible`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from zpoints.progress import track, workers

EXAGGERATED = 4  # one iteration in so many, at the start
# While it exaggerates, then: van der Maaten and Hinton (2008). With 0.8 from the start most maps end higher.
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
STEP = 50  # iterations between two looks at the clock
FFT_FROM = 3_000  # points
POINTS_PER_THREAD = 5_000  # with fewer, threads wait for each other more than they work
NEIGHBORS_PER_PERPLEXITY = 3  # van der Maaten (2014)


@dataclass(frozen=True)
class Neighbors:
    """Each point's nearest other points: distances ascending, float64 (n, k), and their indices, int64 (n, k)."""

    distances: np.ndarray
    indices: np.ndarray

    def nearest(self, count: int) -> "Neighbors":
        """The first `count` of them."""
        return Neighbors(self.distances[:, :count], self.indices[:, :count])


@contextmanager
def reproducible() -> Iterator[None]:
    """Keep BLAS to one thread, so that sums are rounded the same on any number of cores."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def needed(perplexity: float) -> int:
    """Number of neighbours that a perplexity takes into account."""
    return int(NEIGHBORS_PER_PERPLEXITY * perplexity)


def neighbors(points: np.ndarray, count: int) -> Neighbors:
    """The exact nearest neighbours of points (n, d), about their mean: distances come from differences of squares.

    Time grows with n² d; memory with n (d + count).
    """
    from sklearn.neighbors import NearestNeighbors

    algorithm = "kd_tree" if points.shape[1] <= 3 else "brute"
    centred = points - points.mean(axis=0, dtype=np.float64).astype(points.dtype)
    distances, indices = NearestNeighbors(n_neighbors=count, algorithm=algorithm).fit(centred).kneighbors()
    return Neighbors(distances.astype(np.float64), indices.astype(np.int64))


def embed(
    start: np.ndarray,
    near: Neighbors,
    perplexity: float,
    early_exaggeration: float,
    iterations: int,
    seed: int,
    label: str = "",
) -> tuple[np.ndarray, float]:
    """The map, float64 (n, 2), and its Kullback-Leibler divergence in nats.

    Args: start has coordinates (n, 2) along two axes of the cloud, of any scale; near at least `needed(perplexity)`
    neighbours of each point. The same arguments give the same map, on any number of cores.
    """
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.initialization import jitter, rescale
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    threads = min(workers(), 1 + len(start) // POINTS_PER_THREAD)
    used = near.nearest(needed(perplexity))
    index = PrecomputedNeighbors(used.indices, used.distances)
    affinities = PerplexityBasedNN(knn_index=index, perplexity=perplexity, n_jobs=threads)
    # Points that begin in one place would stay together.
    method = "fft" if len(start) >= FFT_FROM else "bh"
    embedding = TSNEEmbedding(
        jitter(rescale(start), random_state=seed), affinities, negative_gradient_method=method, n_jobs=threads
    )
    early = iterations // EXAGGERATED
    steps = [(count, early_exaggeration, EARLY_MOMENTUM) for count in _steps(early)]
    steps += [(count, 1.0, MOMENTUM) for count in _steps(iterations - early)]
    for count, exaggeration, momentum in track(steps, label=f"{label} (steps of {STEP} iterations)"):
        embedding.optimize(count, exaggeration=exaggeration, momentum=momentum, inplace=True)
    # Threads add up the divergence, and nothing else, in an order of their own: once more, with one.
    embedding.optimize(0, n_jobs=1, inplace=True)
    return np.array(embedding, dtype=np.float64), float(embedding.kl_divergence)


def _steps(iterations: int) -> list[int]:
    return [min(STEP, iterations - done) for done in range(0, iterations, STEP)]


def cluster_labels(points: np.ndarray, n_clusters: int, seed: int) -> np.ndarray:
    """Cluster of each point, int64 (n,), by MiniBatchKMeans: at most `n_clusters` of them."""
    from sklearn.cluster import MiniBatchKMeans

    count = min(n_clusters, len(np.unique(points[: 10 * n_clusters], axis=0)))
    return MiniBatchKMeans(count, random_state=seed, n_init=3).fit_predict(points).astype(np.int64)


def kept(near: Neighbors, near_in_map: Neighbors) -> float:
    """Share of the k nearest neighbours that are among the k nearest in the map, mean over the points.

    Both have the same k. A map that knows nothing of the points keeps k / (n - 1).
    """
    count = near.indices.shape[1]
    shares = sum((near_in_map.indices == near.indices[:, [rank]]).any(axis=1).mean() for rank in range(count))
    return float(shares / count)


def trust(points: np.ndarray, coordinates: np.ndarray, count: int) -> float:
    """Trustworthiness (Venna and Kaski, 2001) of a map (n, 2) of points (n, d), with the `count` nearest neighbours.

    1 where the neighbours in the map are neighbours of the points; near 0.5 for a map that knows nothing of them.
    Memory grows with n²: pass a subsample. `count` must be less than n / 2.
    """
    from sklearn.manifold import trustworthiness

    return float(trustworthiness(points - points.mean(axis=0, dtype=np.float64), coordinates, n_neighbors=count))


def same(kinds: np.ndarray, near_in_map: Neighbors) -> dict[str, float | None]:
    """How often a neighbour in the map is of a point's own kind, int (n,), and how often any other point is.

    `beyond_chance` is (share - chance) / (1 - chance), Newman's assortativity (2003) of the map's neighbours: 0 where
    the map knows nothing of the kinds, 1 where no neighbour is of another one; None where there is only one kind.
    """
    _, counts = np.unique(kinds, return_counts=True)
    share = float((kinds[near_in_map.indices] == kinds[:, None]).mean())
    chance = float((counts * (counts - 1)).sum() / (len(kinds) * (len(kinds) - 1)))
    beyond = (share - chance) / (1 - chance) if len(counts) > 1 else None
    return {"share": share, "chance": chance, "beyond_chance": beyond}
