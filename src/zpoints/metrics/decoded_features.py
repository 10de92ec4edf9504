"""Features of decoded z-points, and of the real images beside them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.models.batches import batches
from zpoints.progress import track
from zpoints.shards.store import Shards

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import FeatureSpace

BATCH = 1000  # pictures that are in memory at once


@dataclass(frozen=True)
class FeatureExtractor:
    """A trained model, the shards, and the feature space in which both are compared."""

    model: "Trained"
    shards: Shards
    space: "FeatureSpace"

    def real(self, rows: np.ndarray, label: str = "features") -> np.ndarray:
        """Raw features of these images of the shards, float32 (n, d)."""
        return np.concatenate(
            [self.space(self.shards.read(batch)) for batch in track(batches(rows, BATCH), label=label)]
        )

    def decoded(self, z: np.ndarray) -> np.ndarray:
        """Raw features of what z-points (n, z_dim) decode to, float32 (n, d)."""
        return np.concatenate([self.space(self.model.decode(batch)) for batch in batches(z, BATCH)])

    def on_sphere(self, scaler: FeatureScaler, z: np.ndarray) -> np.ndarray:
        """The same, scaled and on the sphere: float64 (n, d)."""
        return scaler.on_sphere(self.decoded(z))
