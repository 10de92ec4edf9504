"""Does a z-point that is drawn at random decode to a face?"""

from typing import TYPE_CHECKING

import numpy as np

from zpoints.analyses.samples.config import Config
from zpoints.latents.cloud import Cloud
from zpoints.latents.samplers import SamplerSet
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement
from zpoints.progress import track
from zpoints.shards.store import Shards

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.external_decoder import ExternalModel
    from zpoints.latents.trained import Trained


def measure(
    model: "Trained | ExternalModel", latents: Latents, shards: Shards, samplers: SamplerSet, config: Config
) -> Measurement:
    """Decode z-points of every sampler, and reconstruct held-out images by way of mu.

    numbers: `radius.mean` and `radius.std`, by sampler, of the z-points that were drawn.
    Arrays, uint8 (images, size, size, 3): one of each sampler's name, `originals`, and `reconstructions` of these. The
    originals are the same for every model.
    """
    cloud = Cloud(latents.mu, latents.rows("train"))
    means, stds, pictures = {}, {}, {}
    for name, sampler in track(samplers.items(), label="samplers"):
        z = sampler(cloud, config.images, samplers.seed)
        radii = np.linalg.norm(z.astype(np.float64), axis=1)
        means[name], stds[name] = float(radii.mean()), float(radii.std())
        pictures[name] = model.decode(z)
    held_out = latents.rows("held_out")
    count = min(config.images, len(held_out))
    rows = np.sort(np.random.default_rng([samplers.seed, 2]).choice(held_out, count, replace=False))
    originals = shards.read(rows)
    reconstructions = model.decode(latents.mu[rows])
    numbers = {"z_dim": latents.z_dim, "radius": {"mean": means, "std": stds}}
    return Measurement(numbers, arrays={**pictures, "originals": originals, "reconstructions": reconstructions})
