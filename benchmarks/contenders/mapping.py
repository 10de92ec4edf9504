"""One t-SNE map, by zpoints or by scikit-learn; a side of benchmarks/tsne.py."""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _timing import serve

PERPLEXITY, EXAGGERATION = 30, 12


def points(count: int, z_dim: int, latents: Path | None) -> np.ndarray:
    """float32 (count, z_dim): the first training images of `latents`, or a correlated Gaussian off the origin."""
    if latents:
        from zpoints.latent.store import Latents

        stored = Latents.open(latents)
        rows = stored.rows("train")
        if len(rows) < count:
            raise ValueError(f"{latents}: expected {count} training images, received {len(rows)}")
        return np.array(stored.mu[rows[:count]])
    from contenders.latents import cloud

    return cloud(count, z_dim)


def prepare(options: argparse.Namespace) -> tuple[dict[str, Any], Callable[[], object]]:
    values = points(options.points, options.z_dim, options.latents)
    with tempfile.NamedTemporaryFile(suffix=".json", delete=False) as file:
        told = Path(file.name)

    def ours() -> float:
        from zpoints.analysis import tsne
        from zpoints.analysis.nulls import moments
        from zpoints.analysis.pca import principal_axes, scores

        with tsne.reproducible():
            cloud = moments([values])
            start = scores(values, cloud, principal_axes(cloud)[1])
            near = tsne.neighbours(values, tsne.needed(PERPLEXITY))
            return tsne.embed(start, near, PERPLEXITY, EXAGGERATION, options.iterations, seed=0)[1]

    def theirs() -> float:
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
        found.fit(values)
        return float(found.kl_divergence_)

    make = {"zpoints": ours, "scikit-learn": theirs}[options.library]
    return {"told": str(told)}, lambda: told.write_text(json.dumps({"divergence": make()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library")
    parser.add_argument("--points", type=int)
    parser.add_argument("--z-dim", type=int)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--latents", type=Path)
    arguments = parser.parse_args()
    serve(lambda: prepare(arguments))
