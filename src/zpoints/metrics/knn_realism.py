"""How far is a decoded image from real ones? As far as from its nearest real neighbours, in units of a real image's."""

from dataclasses import dataclass

import numpy as np

from zpoints.errors import UserError
from zpoints.metrics.feature_scaler import Standard

BLOCK = 1000


@dataclass(frozen=True)
class Yardstick:
    """Reference images (m, d) in whitened features, and what a distance is counted in.

    unit: the median distance of held-out real images. level: the distance, in units, that a given share of them stays
    below. So a real image is at 1 more or less, and what lies beyond the level is farther off than nearly all of them.
    """

    standard: Standard
    reference: np.ndarray
    neighbours: int
    unit: float
    level: float

    @classmethod
    def of(cls, train: np.ndarray, held_out: np.ndarray, neighbours: int, share: float) -> "Yardstick":
        """From raw features of real images (n, d), (m, d): half of `train` gives the units, the other the neighbours.

        Raises UserError where there are fewer images than neighbours.
        """
        half = len(train) // 2
        if len(train) - half < neighbours:
            raise UserError(f"paths.reference: expected {2 * neighbours} images at least, received {len(train)}")
        standard = Standard.of(train[:half])
        bare = cls(standard, standard.whitened(train[half:]), neighbours, 1.0, 1.0)
        found = bare.distances(held_out)
        unit = float(np.median(found))
        return cls(standard, bare.reference, neighbours, unit, float(np.quantile(found, share)) / unit)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Mean distance of images, raw features (n, d), from their nearest reference images, in units: float64 (n,)."""
        from sklearn.metrics.pairwise import euclidean_distances

        found = np.empty(len(features))
        for start in range(0, len(features), BLOCK):
            part = slice(start, start + BLOCK)
            apart = euclidean_distances(self.standard.whitened(features[part]), self.reference)
            found[part] = np.partition(apart, self.neighbours - 1, axis=1)[:, : self.neighbours].mean(axis=1)
        return found / self.unit
