"""Has a map islands? Hopkins' statistic compares distances from random probes to points with those between points."""

import numpy as np

from zpoints.stats.tsne import cluster_labels

REPEATS = 20
PROBED = 10  # one probe for so many points: with more, distances would no longer be independent
QUANTILES = (0.025, 0.975)


def hopkins(points: np.ndarray, size: int, seed: int) -> dict[str, float]:
    """Hopkins' statistic of a map (n, 2): mean, and the 95% range over draws of points and probes.

    H = sum u² / (sum u² + sum w²), with u the distance from a random probe in the convex hull to the nearest point,
    and w that from a random point to its nearest other one (Hopkins and Skellam, 1954). Points scattered at random have
    0.5, points in islands more, evenly spread ones less. Each draw looks at `size` points, or at all: gaps count from
    about the distance between so many points on, whatever the number of points of the map. A rugged outline adds
    something as well: read it beside that of a null.
    """
    values = [_once(points, min(size, len(points)), np.random.default_rng((seed, turn))) for turn in range(REPEATS)]
    low, high = np.quantile(values, QUANTILES)
    return {"mean": float(np.mean(values)), "low": float(low), "high": float(high)}


def silhouette(points: np.ndarray, n_clusters: int, size: int, seed: int) -> float:
    """Mean silhouette (Rousseeuw 1987) of the islands that k-means finds in a map (n, 2): of `size` points at most."""
    from sklearn.metrics import silhouette_score

    sample = points[np.random.default_rng((seed, REPEATS)).permutation(len(points))[:size]]
    islands = cluster_labels(sample, n_clusters, seed)
    if not 1 < len(np.unique(islands)) < len(sample):
        return 0.0
    return float(silhouette_score(sample, islands))


def _once(points: np.ndarray, size: int, rng: np.random.Generator) -> float:
    from scipy.spatial import KDTree

    thinned = points[rng.permutation(len(points))[:size]]
    n_probes = max(size // PROBED, 1)
    tree = KDTree(thinned)
    to_points, _ = tree.query(within_hull(thinned, n_probes, rng))
    between, _ = tree.query(thinned[rng.permutation(size)[:n_probes]], k=2)
    u, w = np.square(to_points).sum(), np.square(between[:, 1]).sum()
    return float(u / (u + w))


def within_hull(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` points drawn uniformly from the convex hull of a map (n, 2), float64 (count, 2)."""
    from scipy.spatial import ConvexHull

    corners = points[ConvexHull(points).vertices]
    # A fan of triangles from one corner: one is drawn by its area, then a point in it.
    first, second = corners[1:-1] - corners[0], corners[2:] - corners[0]
    areas = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    chosen = rng.choice(len(areas), count, p=areas / areas.sum())
    along, across = rng.random((2, count, 1))
    outside = along + across > 1
    along, across = np.where(outside, 1 - along, along), np.where(outside, 1 - across, across)
    return corners[0] + along * first[chosen] + across * second[chosen]
