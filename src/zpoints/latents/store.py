"""A view of the z-points on disk, memory-mapped, in the order of the shards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from zpoints.artifacts import write_array, write_json
from zpoints.config.block import Frozen
from zpoints.errors import UserError
from zpoints.reading import read_array, read_json
from zpoints.shards.store import SPLITS

FORMAT = 1
CHUNK = 8192
OUTSIDE = "none"  # in place of a fingerprint: no model of ours encoded these


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

    @classmethod
    def of(
        cls,
        mu: "np.typing.ArrayLike",
        logvar: "np.typing.ArrayLike | None" = None,
        z: "np.typing.ArrayLike | None" = None,
        split: "np.typing.ArrayLike | None" = None,
        model: str = OUTSIDE,
    ) -> "Latents":
        """z-points in memory, of whatever program, (images, z_dim) each.

        z: of a VAE; drawn from N(mu, exp(logvar)) with a fixed seed unless given. split: 0 for images that train, 1 for
        held-out ones, (images,); all train unless given. model: what tells the model from others.
        Raises UserError for arrays that do not go together.
        """
        points = _finite("mu", mu)
        if logvar is None:
            if z is not None:
                raise UserError("z: expected logvar as well, received z alone; without noise, z is mu")
            noise, drawn = None, points
        else:
            noise = _finite("logvar", logvar, points.shape)
            if z is None:
                z = points + np.exp(noise / 2) * np.random.default_rng(0).standard_normal(points.shape, np.float32)
            drawn = _finite("z", z, points.shape)
        return cls("ae" if noise is None else "vae", model, points, noise, drawn, _codes(split, len(points)))

    def write(self, folder: Path) -> None:
        """Write them into an existing folder, as `open` reads them."""
        arrays = {"mu": self.mu} if self.logvar is None else {"mu": self.mu, "logvar": self.logvar, "z": self.z}
        for name, array in {**arrays, "split": self.split}.items():
            write_array(folder / f"{name}.npy", array)
        described = {"kind": self.kind, "images": len(self), "z_dim": self.z_dim, "model": self.model}
        write_json(folder / "index.json", {"format": FORMAT, **described})

    def __len__(self) -> int:
        return len(self.mu)

    def __repr__(self) -> str:
        parts = ", ".join(f"{len(self.rows(part))} {part.replace('_', '-')}" for part in SPLITS)
        noise = "" if self.logvar is None else ", with logvar"
        return f"Latents({len(self)} x {self.z_dim}{noise}; {parts})"

    @property
    def z_dim(self) -> int:
        return self.mu.shape[1]

    def rows(self, part: str) -> np.ndarray:
        """Indices of the `train` or `held_out` images, int64, ascending."""
        return np.flatnonzero(self.split == SPLITS[part])


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """`rows` in pieces that fit into memory."""
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _finite(name: str, values: "np.typing.ArrayLike", shape: tuple[int, ...] | None = None) -> np.ndarray:
    """float32 (images, z_dim), finite. Raises UserError naming the array."""
    try:
        array = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name}: expected an array of numbers, received {type(values).__name__}") from error
    if array.ndim != 2 or not array.size or (shape and array.shape != shape):
        expected = f"shape {shape}, that of mu" if shape else "an array (images, z_dim)"
        raise UserError(f"{name}: expected {expected}, received shape {array.shape}")
    if not np.isfinite(array).all():
        raise UserError(f"{name}: expected finite numbers of float32, received NaN or infinity")
    return array


def _codes(split: "np.typing.ArrayLike | None", images: int) -> np.ndarray:
    codes = np.zeros(images, np.uint8) if split is None else np.asarray(split)
    if codes.shape != (images,) or not np.isin(codes, list(SPLITS.values())).all():
        raise UserError(f"split: expected 0 (trains) or 1 (held out) for each of {images} images, received others")
    return codes.astype(np.uint8)
