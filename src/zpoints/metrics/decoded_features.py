"""Where z-points are decoded and looked at: a model, the real images, and the feature space in which both are seen."""

from dataclasses import dataclass

import numpy as np

from zpoints.metrics.feature_space import FeatureSpace
from zpoints.metrics.feature_scaler import Standard
from zpoints.progress import track
from zpoints.latents.trained import Trained
from zpoints.shards.store import Shards

PART = 1000  # pictures that are in memory at once


@dataclass(frozen=True)
class Bench:
    """A trained model, the shards, and a feature space."""

    trained: Trained
    shards: Shards
    space: FeatureSpace

    def real(self, rows: np.ndarray, label: str = "features") -> np.ndarray:
        """Raw features of these images of the shards, float32 (n, d)."""
        return np.concatenate([self.space(self.shards.read(part)) for part in track(_parts(rows), label=label)])

    def decoded(self, z: np.ndarray) -> np.ndarray:
        """Raw features of what z-points (n, z_dim) decode to, float32 (n, d)."""
        return np.concatenate([self.space(self.trained.decode(part)) for part in _parts(z)])

    def on_sphere(self, standard: Standard, z: np.ndarray) -> np.ndarray:
        """The same in units of real images, on the sphere: float64 (n, d)."""
        return standard.on_sphere(self.decoded(z))


def _parts(values: np.ndarray) -> list[np.ndarray]:
    return [values[start : start + PART] for start in range(0, len(values), PART)]
