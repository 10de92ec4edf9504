"""Encode every image of the shards, in the shards' order, into memory-mapped arrays."""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from zpoints.artifacts import create_array, write_array
from zpoints.config.encoding import Encoding
from zpoints.config.models import VariationalEntry
from zpoints.errors import UserError
from zpoints.latents.store import FORMAT
from zpoints.models.autoencoder import Autoencoder, noise_key, unit_range
from zpoints.progress import track
from zpoints.shards.store import Shards


def encode_images(model: Autoencoder, fingerprint: str, shards: Shards, encoding: Encoding, folder: Path) -> None:
    """Write mu.npy (a VAE also logvar.npy and z.npy), float32 (images, z_dim), split.npy and index.json into `folder`.

    z uses the model's own eps_clip, and its own eps_factor unless encoding.eps_factor is another one (with 0, z is mu);
    its noise is keyed by (encoding.seed, batch). Memory does not grow with the number of images.

    Raises UserError where the shards' images are not of the model's size.
    """
    if shards.size != model.size:
        raise UserError(f"images.size: expected {model.size}, the model's, received shards of {shards.size}")
    variational = isinstance(model.spec, VariationalEntry)
    names = ("mu", "logvar", "z") if variational else ("mu",)
    shape = (len(shards), model.spec.z_dim)
    arrays = {name: create_array(folder / f"{name}.npy", shape, np.float32) for name in names}

    @tf.function(autograph=False, reduce_retracing=True)
    def points(images: tf.Tensor, batch: tf.Tensor) -> tuple[tf.Tensor, ...]:
        mu, logvar = model.encode(unit_range(images))
        if not variational:
            return (mu,)
        return mu, logvar, model.z_points(mu, logvar, noise_key(encoding.seed, batch), encoding.eps_factor)

    starts = range(0, len(shards), encoding.batch_size)
    for batch, start in enumerate(track(starts, label="encode")):
        rows = np.arange(start, min(start + encoding.batch_size, len(shards)))
        results = points(tf.constant(shards.read(rows)), tf.constant(batch, tf.int64))
        for name, values in zip(names, results, strict=True):
            arrays[name][rows[0] : rows[-1] + 1] = values.numpy()
    for name, array in arrays.items():
        array.flush()
        if not all(np.isfinite(array[start : start + 4096]).all() for start in range(0, len(array), 4096)):
            raise UserError(f"{folder.name}: expected finite {name}, received NaN or infinity from the encoder")
    write_array(folder / "split.npy", shards.split)
    index = {
        "format": FORMAT,
        "kind": model.spec.kind,
        "images": shape[0],
        "z_dim": shape[1],
        "model": fingerprint,
        **encoding.model_dump(),
    }
    (folder / "index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
