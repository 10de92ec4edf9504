"""A view of the z-points on disk, memory-mapped, in the order of the shards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from zpoints.config.block import Frozen
from zpoints.errors import UserError
from zpoints.reading import read_array, read_json
from zpoints.shards.store import SPLITS

FORMAT = 1
CHUNK = 8192


class Index(Frozen):
    """index.json: what the arrays are, and the encoding that made them."""

    format: Literal[1]
    kind: Literal["ae", "vae"]
    images: int = Field(ge=1)
    z_dim: int = Field(ge=1)
    model: str
    batch_size: int | None = None
    seed: int | None = None
    eps_factor: float | None = None


@dataclass(frozen=True)
class Latents:
    """z-points of one model; arrays are float32 (images, z_dim), read-only and memory-mapped.

    A plain AE has no `logvar`, and its `z` is `mu`.
    """

    kind: str
    model: str  # fingerprint of the model that encoded
    mu: np.ndarray
    logvar: np.ndarray | None
    z: np.ndarray
    split: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> "Latents":
        """Open and validate. Raises UserError naming the file that is missing or not what index.json says."""
        path = folder / "index.json"
        if not path.exists():
            raise UserError(f"{path}: expected encoded z-points, received no such file; run the encode stage first")
        index = read_json(path, Index)

        def array(name: str) -> np.ndarray:
            return read_array(folder / name, np.float32, (index.images, index.z_dim), mapped=True, finite=True)

        mu = array("mu.npy")
        logvar, z = (array("logvar.npy"), array("z.npy")) if index.kind == "vae" else (None, mu)
        split = read_array(folder / "split.npy", np.uint8, (index.images,), mapped=True)
        if split.all() or split.max() > 1:
            received = "no 0" if split.all() else split.max()
            raise UserError(
                f"{folder / 'split.npy'}: expected 0 for training images and 1 for others, received {received}"
            )
        return cls(index.kind, index.model, mu, logvar, z, split)

    def __len__(self) -> int:
        return len(self.mu)

    @property
    def z_dim(self) -> int:
        return self.mu.shape[1]

    def rows(self, part: str) -> np.ndarray:
        """Indices of the `train` or `held_out` images, int64, ascending."""
        return np.flatnonzero(self.split == SPLITS[part])


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """`rows` in pieces that fit into memory."""
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
