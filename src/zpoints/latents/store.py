"""A view of the z-points on disk, memory-mapped, in the order of the shards."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zpoints.errors import UserError

FORMAT = 1
CHUNK = 8192


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
        try:
            index = json.loads(path.read_text(encoding="utf-8"))
            shape = (int(index["images"]), int(index["z_dim"]))
            kind, model, known = index["kind"], index["model"], index["format"] == FORMAT
        except OSError:
            raise UserError(
                f"{path}: expected encoded z-points, received no such file; run the encode stage first"
            ) from None
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise UserError(f"{path}: expected the index of z-points in format {FORMAT}, received something else")
        mu = _array(folder / "mu.npy", np.float32, shape)
        logvar = _array(folder / "logvar.npy", np.float32, shape) if kind == "vae" else None
        z = _array(folder / "z.npy", np.float32, shape) if kind == "vae" else mu
        return cls(kind, model, mu, logvar, z, _array(folder / "split.npy", np.uint8, shape[:1]))

    def __len__(self) -> int:
        return len(self.mu)

    @property
    def z_dim(self) -> int:
        return self.mu.shape[1]

    def rows(self, part: str) -> np.ndarray:
        """Indices of the `train` or `held_out` images, int64, ascending."""
        return np.flatnonzero(self.split == {"train": 0, "held_out": 1}[part])


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """`rows` in pieces that fit into memory."""
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _array(path: Path, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path}: expected a .npy array, received: {error}") from None
    if array.dtype != dtype or array.shape != shape:
        raise UserError(
            f"{path}: expected {np.dtype(dtype)} {shape}, as index.json says, received {array.dtype} {array.shape}"
        )
    return array
