"""Directions of attributes in the latent space of one model, on disk: what to add to a z-point to change a face.

`mean_difference` leads from the mean of the z-points without the attribute to the mean of those with it: one unit is
that whole way. `normal` stands upright on the plane by which a linear probe parts them, and one unit is one standard
deviation of all z-points along it. Where attributes go together, a mean difference carries the others along; a
normal does not, but points where few z-points lie (Haufe et al. 2014).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zpoints.artifacts import whole_folder, write_json
from zpoints.errors import UserError

FORMAT = 1
KINDS = ("mean_difference", "normal")
MAX_INDEX_BYTES = 1 << 20


@dataclass(frozen=True)
class Directions:
    """Directions in mu's coordinates, float32 (names, z_dim), of the model with the fingerprint `model`."""

    model: str
    names: tuple[str, ...]
    mean_difference: np.ndarray
    normal: np.ndarray

    @classmethod
    def open(cls, folder: Path) -> "Directions":
        """Read and validate. Raises UserError naming the file that is missing or not what index.json says."""
        path = folder / "index.json"
        try:
            if path.stat().st_size > MAX_INDEX_BYTES:
                raise UserError(f"{path}: expected at most {MAX_INDEX_BYTES} bytes, received {path.stat().st_size}")
            index = json.loads(path.read_text(encoding="utf-8"))
            names, model, z_dim = tuple(index["names"]), index["model"], index["z_dim"]
            texts = all(isinstance(text, str) for text in (*names, model))
            known = index["format"] == FORMAT and texts and isinstance(z_dim, int) and len(set(names)) == len(names)
        except OSError:
            expected = "directions of attributes, received no such file; run the attributes stage first"
            raise UserError(f"{path}: expected {expected}") from None
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise UserError(f"{path}: expected the index of directions in format {FORMAT}, received something else")
        arrays = [_read(folder / f"{kind}.npy", (len(names), z_dim)) for kind in KINDS]
        return cls(model, names, *arrays)

    def write(self, folder: Path) -> None:
        """Write index.json, mean_difference.npy and normal.npy, whole or not at all."""
        with whole_folder(folder, "attributes") as partial:
            for kind in KINDS:
                np.save(partial / f"{kind}.npy", getattr(self, kind).astype(np.float32))
            index = {"format": FORMAT, "model": self.model, "z_dim": self.mean_difference.shape[1]}
            units = {
                "mean_difference": "from the mean without the attribute to the mean with it",
                "normal": "one standard deviation of mu along the normal",
            }
            write_json(partial / "index.json", index | {"names": list(self.names), "units": units})

    def of(self, name: str, kind: str = "mean_difference") -> np.ndarray:
        """One direction, float32 (z_dim,), of one of KINDS. Raises UserError for an unknown name."""
        _expect("direction", kind, KINDS)
        _expect("attribute", name, self.names)
        return getattr(self, kind)[self.names.index(name)]


def _expect(what: str, received: str, known: Sequence[str]) -> None:
    if received not in known:
        raise UserError(f"{what}: expected one of {', '.join(known) or 'none'}, received {received}")


def _read(path: Path, shape: tuple[int, int]) -> np.ndarray:
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason, *_ = str(error).split("\n")
        raise UserError(f"{path}: expected a .npy array, received: {reason}") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: expected a .npy array, received an archive of arrays")
    if array.dtype != np.float32 or array.shape != shape:
        received = f"{array.dtype} {array.shape}"
        raise UserError(f"{path}: expected float32 {shape}, as index.json says, received {received}")
    if not np.isfinite(array).all():
        raise UserError(f"{path}: expected finite numbers, received some that are not")
    return array
