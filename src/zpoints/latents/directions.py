"""Directions of attributes in the latent space of one model: what to add to a z-point to change a face.

`mean_difference` leads from the mean of the z-points without the attribute to the mean of those with it: one unit is
that whole way. `normal` stands upright on the plane by which a linear probe parts them, and one unit is one standard
deviation of all z-points along it. Where attributes go together, a mean difference carries the others along; a
normal does not, but points where few z-points lie (Haufe et al. 2014).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from zpoints.errors import UserError
from zpoints.measurement import NUMBERS, Measurement, NotMeasurable
from zpoints.reading import read_array, read_json

UNITS = {
    "mean_difference": "from the mean without the attribute to the mean with it",
    "normal": "one standard deviation of mu along the normal",
}


class _Index(BaseModel):
    model: str
    names: tuple[str, ...]
    z_dim: int


class _Numbers(BaseModel):
    directions: _Index


@dataclass(frozen=True)
class Directions:
    """Directions in mu's coordinates, float32 (names, z_dim), of the model with the fingerprint `model`."""

    model: str
    names: tuple[str, ...]
    mean_difference: np.ndarray
    normal: np.ndarray

    @classmethod
    def open(cls, folder: Path, model: str) -> "Directions":
        """Read them from the measurement `attributes` of the model with this fingerprint.

        Raises UserError for a folder that is missing, damaged or of another model; NotMeasurable where there are none.
        """
        if reason := Measurement.read(folder).reason:
            raise NotMeasurable(f"needs directions of attributes, has none: {reason}")
        index = read_json(folder / NUMBERS, _Numbers).directions
        if index.model != model:
            expected = f"directions of the model {model:.12}, received those of {index.model:.12}"
            raise UserError(f"{folder}: expected {expected}; run `dvc repro`")
        shape = len(index.names), index.z_dim
        arrays = {kind: read_array(folder / f"{kind}.npy", np.float32, shape, finite=True) for kind in UNITS}
        return cls(index.model, index.names, **arrays)

    def describe(self) -> dict[str, Any]:
        """What `open` needs beside the arrays, as plain data."""
        return {"model": self.model, "names": list(self.names), "z_dim": self.normal.shape[1], "units": UNITS}

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays by kind."""
        return {kind: getattr(self, kind) for kind in UNITS}

    def of(self, name: str, direction: str = "mean_difference") -> np.ndarray:
        """The direction of an attribute, float32 (z_dim,), of either kind. Raises UserError for an unknown name."""
        _expect("direction", direction, tuple(UNITS))
        _expect("attribute", name, self.names)
        return getattr(self, direction)[self.names.index(name)]


def _expect(what: str, received: str, known: Sequence[str]) -> None:
    if received not in known:
        raise UserError(f"{what}: expected one of {', '.join(known) or 'none'}, received {received}")
