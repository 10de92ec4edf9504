"""Made-up z-points that look like real ones: an off-centre Gaussian with correlated axes, and a tail of outliers.

python -m contenders.latents FOLDER COUNT Z_DIM     # in benchmarks/: writes FOLDER/latents/vae and FOLDER/shards
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BLOCK = 8192  # rows at a time
DECAY = 0.975  # of the variances from one principal axis to the next: some 80 of 256 hold 95%
OUTLIERS, STRETCH = 0.02, 2.5  # share of the points that lie farther out, and how much farther
RADIUS = 16.0
NAMES = ("Bangs", "Blond_Hair", "Eyeglasses", "Male", "Smiling", "Young")
SIDE = 8  # pixels: no analysis looks at them
SHARD_IMAGES = 4096


def blocks(count: int, z_dim: int, seed: int = 0) -> Iterator[np.ndarray]:
    """The points block by block, float32 (at most BLOCK, z_dim)."""
    rng = np.random.default_rng(seed)
    frame, _ = np.linalg.qr(rng.standard_normal((z_dim, z_dim)))
    spread = np.sqrt(DECAY ** np.arange(z_dim))
    spread *= RADIUS / np.linalg.norm(spread)
    centre = rng.standard_normal(z_dim) * 0.3
    for first in range(0, count, BLOCK):
        rows = min(BLOCK, count - first)
        far = np.where(rng.random((rows, 1)) < OUTLIERS, STRETCH, 1.0)
        yield (centre + far * rng.standard_normal((rows, z_dim)) * spread @ frame.T).astype(np.float32)


def cloud(count: int, z_dim: int, seed: int = 0) -> np.ndarray:
    """All of them, float32 (count, z_dim)."""
    return np.concatenate(list(blocks(count, z_dim, seed)))


def write(folder: Path, count: int, z_dim: int) -> None:
    """Latents of a VAE in folder/latents/vae and the shards of their images in folder/shards; nine tenths train."""
    latents, shards = folder / "latents" / "vae", folder / "shards"
    latents.mkdir(parents=True)
    shards.mkdir()
    split = (np.arange(count) >= count * 9 // 10).astype(np.uint8)
    rng = np.random.default_rng(1)
    files = ("mu", "logvar", "z")
    arrays = {
        name: np.lib.format.open_memmap(latents / f"{name}.npy", "w+", np.float32, (count, z_dim)) for name in files
    }
    labels = np.empty((count, len(NAMES)), np.uint8)
    first = 0
    for mu in blocks(count, z_dim):
        rows = slice(first, first + len(mu))
        logvar = (rng.standard_normal(mu.shape) * 1.5 - 12).astype(np.float32)
        arrays["mu"][rows], arrays["logvar"][rows] = mu, logvar
        arrays["z"][rows] = mu + np.exp(logvar / 2) * rng.standard_normal(mu.shape, dtype=np.float32)
        # Labels that a direction tells, with some noise.
        labels[rows] = mu[:, : len(NAMES)] + rng.standard_normal((len(mu), len(NAMES))) > 0
        first += len(mu)
    for array in arrays.values():
        array.flush()
    np.save(latents / "split.npy", split)
    index = {"format": 1, "kind": "vae", "images": count, "z_dim": z_dim, "model": "made up"}
    (latents / "index.json").write_text(json.dumps(index))
    counts = [min(SHARD_IMAGES, count - start) for start in range(0, count, SHARD_IMAGES)]
    entries = [{"file": f"shard_{number:03d}.npy", "images": images} for number, images in enumerate(counts)]
    for entry in entries:
        np.save(shards / entry["file"], np.zeros((entry["images"], SIDE, SIDE, 3), np.uint8))
    np.save(shards / "split.npy", split)
    np.save(shards / "ids.npy", np.array([f"{number:06d}" for number in range(1, count + 1)]))
    np.save(shards / "attributes.npy", labels)
    index = {
        "format": 1,
        "images": count,
        "size": SIDE,
        "shards": entries,
        "attributes": list(NAMES),
        "factors": [],
        "source": "celeba",
        "train": int((split == 0).sum()),
        "held_out": int((split == 1).sum()),
    }
    (shards / "index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
