"""Small shards, latents and models for the tests, made in a moment."""

import json
from pathlib import Path

import numpy as np

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.latents.store import FORMAT as LATENTS_FORMAT
from zpoints.shards.store import FORMAT as SHARDS_FORMAT

AE = AutoencoderEntry(kind="ae", z_dim=4, filters=(4, 8))
VAE = VariationalEntry(kind="vae", fact=0.01, z_dim=4, filters=(4, 8))


def make_shards(folder: Path, images: int = 40, size: int = 16, seed: int = 0) -> Path:
    """Shards of smooth random images, two thirds for training, the last third held out."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, size)
    waves = np.sin(2 * np.pi * (rng.random((images, 1, 1, 3)) + x[:, None, None] * rng.random((images, 1, 1, 3)) * 2))
    pixels = np.broadcast_to(127 + 100 * waves, (images, size, size, 3)).astype(np.uint8)
    split = (np.arange(images) >= images * 2 // 3).astype(np.uint8)
    np.save(folder / "shard_000.npy", pixels)
    np.save(folder / "ids.npy", np.array([f"{index + 1:06d}" for index in range(images)]))
    np.save(folder / "split.npy", split)
    index = {
        "format": SHARDS_FORMAT,
        "images": images,
        "size": size,
        "shards": [{"file": "shard_000.npy", "images": images}],
        "attributes": [],
        "factors": [],
        "source": "toy",
        "train": int((split == 0).sum()),
        "held_out": int((split == 1).sum()),
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def make_latents(folder: Path, mu: np.ndarray, logvar: np.ndarray | None = None, z: np.ndarray | None = None) -> Path:
    """Latents of given arrays, all of them training images."""
    arrays = {"mu": mu} if logvar is None else {"mu": mu, "logvar": logvar, "z": z}
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values.astype(np.float32))
    np.save(folder / "split.npy", np.zeros(len(mu), np.uint8))
    index = {
        "format": LATENTS_FORMAT,
        "kind": "ae" if logvar is None else "vae",
        "images": mu.shape[0],
        "z_dim": mu.shape[1],
        "model": "none",
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder
