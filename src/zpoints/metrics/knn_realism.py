"""Mean distance of an image to its nearest real neighbours, relative to that of held-out real images."""

from dataclasses import dataclass

import numpy as np

from zpoints.measurement import NotMeasurable
from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.stats import confidence
from zpoints.stats.distances import euclidean

BLOCK = 1000


@dataclass(frozen=True)
class KnnRealism:
    """Reference images (m, d) in whitened features, and what a distance is divided by.

    unit: the median distance of held-out real images, so that a real image is at 1 more or less. threshold: the
    distance, in units, that a given share of them stays below; what lies beyond is farther off than nearly all of them.
    threshold_interval: its 95% interval over these images.
    """

    scaler: FeatureScaler
    reference: np.ndarray
    n_neighbors: int
    unit: float
    threshold: float
    threshold_interval: confidence.Interval

    @classmethod
    def of(cls, train: np.ndarray, held_out: np.ndarray, n_neighbors: int, quantile: float) -> "KnnRealism":
        """From raw features of real images (n, d), (m, d): half of `train` gives the scale, the other the neighbours.

        Raises NotMeasurable where there are fewer images than neighbours.
        """
        half = len(train) // 2
        if len(train) - half < n_neighbors:
            raise NotMeasurable(f"needs {2 * n_neighbors} training images, has {len(train)}")
        scaler = FeatureScaler.of(train[:half])
        bare = cls(scaler, scaler.whitened(train[half:]), n_neighbors, 1.0, 1.0, (1.0, 1.0))
        distances = bare.distances(held_out)
        unit = float(np.median(distances))
        distances /= unit
        interval = confidence.quantile(distances, quantile)
        return cls(scaler, bare.reference, n_neighbors, unit, float(np.quantile(distances, quantile)), interval)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Mean distance of images, raw features (n, d), from their nearest reference images, in units: float64 (n,)."""
        means = np.empty(len(features))
        for start in range(0, len(features), BLOCK):
            block = slice(start, start + BLOCK)
            distances = euclidean(self.scaler.whitened(features[block]), self.reference)
            means[block] = np.partition(distances, self.n_neighbors - 1, axis=1)[:, : self.n_neighbors].mean(axis=1)
        return means / self.unit
