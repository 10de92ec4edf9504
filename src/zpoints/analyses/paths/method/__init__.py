"""Along which ways through the latent space do decoded images stay near real ones?"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zpoints.analyses.paths.config import Config
from zpoints.analyses.paths.method.path_curves import (
    around,
    between,
    distance_at,
    radii,
    rows_of,
    through,
    width,
)
from zpoints.latents.store import Latents
from zpoints.latents.traversals import WAYS
from zpoints.measurement import Measurement
from zpoints.metrics.decoded_features import FeatureExtractor
from zpoints.metrics.knn_realism import KnnRealism
from zpoints.progress import track
from zpoints.shards.store import Shards
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import FeatureSpace

N_PICTURES = 10  # of each path, that are kept


def measure(
    model: "Trained", latents: Latents, shards: Shards, feature_space: "FeatureSpace", config: Config
) -> Measurement:
    """Decode what lies along paths of all kinds, and measure how far it is from real images.

    numbers: the `threshold` that the given share of real images stays below; distances of reconstructions, in the
    middle of paths, at the mean and at the origin; the `width` of the good region; `radius`, how far from the mean
    z-points and a Gaussian's draws lie. Distances are those of zpoints.metrics.knn_realism.
    Table `paths`: the curves of all kinds. An array of each kind's name: pictures along its first path, uint8 (at most
    10, size, size, 3).
    """
    features = FeatureExtractor(model, shards, feature_space)
    train, held_out, seed = latents.rows("train"), latents.rows("held_out"), config.seed
    # Shuffled: what is fitted to the first half must not differ from the other by the order on disk.
    reference = np.random.default_rng((seed, 0)).permutation(train)[: config.n_reference]
    real = subsample(held_out, config.n_reference, (seed, 1))
    realism = KnnRealism.of(features.real(reference), features.real(real), config.n_neighbors, config.quantile)

    cloud = moments(blocks(latents.mu, train, "mean and covariance"))
    cloud.varying()
    law, spread = Gaussian.like(cloud), float(np.sqrt(np.trace(cloud.covariance)))
    order = np.random.default_rng((seed, 2)).permutation(held_out)
    starts = latents.mu[order[: config.n_starts]]
    pairs = latents.mu[order[: 2 * (min(2 * config.n_pairs, len(order)) // 2)]].reshape(-1, 2, latents.z_dim)
    neighborhoods = around(law, starts, np.array(config.distances), spread, (seed, 3))
    bundles = [
        *between(pairs[:, 0], pairs[:, 1], config.n_steps, law.mean),
        *through(law, starts, config.n_axes, config.n_sigma, config.n_steps),
        *neighborhoods,
    ]
    lines: list[dict[str, Any]] = []
    pictures = {}
    for bundle in track(bundles, label="paths"):
        flat = bundle.points.reshape(-1, latents.z_dim)
        distances = realism.distances(features.decoded(flat)).reshape(bundle.points.shape[:2])
        lines += rows_of(bundle, distances, realism.threshold)
        steps = np.unique(np.rint(np.linspace(0, len(bundle.positions) - 1, N_PICTURES)).astype(int))
        pictures[bundle.name] = model.decode(bundle.points[0, steps])
    rebuilt = realism.distances(features.decoded(np.array(latents.mu[real])))
    drawn = law.sample(len(reference), (seed, 6))
    numbers = {
        "images": {"reference": len(realism.reference), "real": len(real), "starts": len(starts)},
        "threshold": realism.threshold,
        "spread": spread,
        "reconstructions": {"distance": float(rebuilt.mean()), "good": float((rebuilt <= realism.threshold).mean())},
        "middle": {name: distance_at(lines, name, 0.5) for name in WAYS},
        "origin": distance_at(lines, "origin", 0.0),
        "mean": distance_at(lines, "axes", 0.0),
        "radius": {"images": radii(latents.mu[reference], law, spread), "gaussian": radii(drawn, law, spread)},
        "width": {
            bundle.name: width(lines, bundle.name, realism.threshold, realism.threshold_interval)
            for bundle in neighborhoods
        },
    }
    return Measurement(numbers, {"paths": pd.DataFrame(lines)}, pictures)
