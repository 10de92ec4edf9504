"""One t-SNE map, by zpoints or by scikit-learn; a side of benchmarks/tsne.py."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _timing import serve

PERPLEXITY, EXAGGERATION = 30, 12
JUDGED, NEAREST = 5_000, 10  # points whose nearest neighbours are sought in the map


def points(count: int, z_dim: int, latents: Path | None) -> np.ndarray:
    """float32 (count, z_dim): the first training images of `latents`, or a correlated Gaussian off the origin."""
    if latents:
        from zpoints.latents.store import Latents

        stored = Latents.open(latents)
        rows = stored.rows("train")
        if len(rows) < count:
            raise ValueError(f"{latents}: expected {count} training images, received {len(rows)}")
        return np.array(stored.mu[rows[:count]])
    from contenders.latents import cloud

    return cloud(count, z_dim)


def prepare(options: argparse.Namespace) -> tuple[dict[str, Any], Callable[[], object]]:
    values = points(options.points, options.z_dim, options.latents)

    def ours() -> np.ndarray:
        from zpoints.stats import tsne
        from zpoints.stats.pca import principal_axes, scores
        from zpoints.stats.reference_distributions import moments

        with tsne.reproducible():
            cloud = moments([values])
            start = scores(values, cloud, principal_axes(cloud)[1])
            near = tsne.neighbors(values, tsne.needed(PERPLEXITY))
            return tsne.embed(start, near, PERPLEXITY, EXAGGERATION, options.iterations, seed=0)[0]

    def theirs() -> np.ndarray:
        from sklearn.manifold import TSNE

        found = TSNE(
            perplexity=PERPLEXITY,
            early_exaggeration=EXAGGERATION,
            max_iter=options.iterations,
            # As ours, which makes all its iterations.
            n_iter_without_progress=options.iterations,
            init="pca",
            random_state=0,
            n_jobs=-1,
        )
        return found.fit_transform(values)

    make = {"zpoints": ours, "scikit-learn": theirs}[options.library]
    return {}, lambda: np.save(options.places, make())


def kept(values: np.ndarray, places: np.ndarray) -> float:
    """WorkerShare of the NEAREST neighbours of JUDGED points, of all, that are among the nearest in the map.

    The divergence that scikit-learn reports is of no use here: it adds up in float32, and of one map of 140,000 points,
    whose divergence is 7.34, its sum is 7.04 with two threads and 6.69 with one.
    """
    from sklearn.neighbors import NearestNeighbors

    from zpoints.stats import tsne

    rows = np.random.default_rng(0).permutation(len(values))[:JUDGED]
    found = []
    for cloud in (values - values.mean(axis=0), places):
        distances, indices = NearestNeighbors(n_neighbors=NEAREST + 1).fit(cloud).kneighbors(cloud[rows])
        found.append(tsne.Neighbours(distances[:, 1:], indices[:, 1:]))  # each point is its own nearest one
    return tsne.kept(*found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library")
    parser.add_argument("--points", type=int)
    parser.add_argument("--z-dim", type=int)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--latents", type=Path)
    parser.add_argument("--places", help=".npy file for the map")
    arguments = parser.parse_args()
    serve(lambda: prepare(arguments))
