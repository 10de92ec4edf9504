"""Decode z-points of every sampler, and reconstruct held-out images, into small arrays of pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from zpoints.models.autoencoder import Autoencoder, unit_range
from zpoints.latents.store import Latents
from zpoints.config.samplers import Sampling
from zpoints.progress import track
from zpoints.latents.cloud import Cloud
from zpoints.latents.samplers import samplers
from zpoints.shards.store import Shards

BATCH = 128


def decode(model: Autoencoder, z: np.ndarray) -> np.ndarray:
    """Pictures of z-points (n, z_dim): uint8 (n, size, size, 3)."""
    parts = [model.decoder(z[start : start + BATCH], training=False).numpy() for start in range(0, len(z), BATCH)]
    return np.rint(255 * np.concatenate(parts)).astype(np.uint8)


def write_samples(
    model: Autoencoder, latents: Latents, shards: Shards, block: Sampling, folder: Path
) -> dict[str, Any]:
    """Write SAMPLER.npy for every sampler, originals.npy and reconstructions.npy (by way of mu) into `folder`.

    Each is uint8 (images, size, size, 3). The originals are held-out images, the same for every model.
    Returns, for each sampler, mean and standard deviation of the radius of what it drew.
    """
    radius = {}
    cloud = Cloud(latents.mu, latents.rows("train"))
    for name, sampler in track(samplers(block).items(), label="samplers"):
        z = sampler(cloud, block.images, block.seed)
        norms = np.linalg.norm(z.astype(np.float64), axis=1)
        radius[name] = {"radius_mean": float(norms.mean()), "radius_std": float(norms.std())}
        np.save(folder / f"{name}.npy", decode(model, z))
    held_out = shards.rows("held_out")
    count = min(block.images, len(held_out))
    rows = np.sort(np.random.default_rng([block.seed, 2]).choice(held_out, count, replace=False))
    originals = shards.read(rows)
    np.save(folder / "originals.npy", originals)
    mu, _ = model.encode(unit_range(tf.constant(originals)))
    np.save(folder / "reconstructions.npy", decode(model, mu.numpy()))
    return radius
