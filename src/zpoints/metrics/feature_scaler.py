"""The scale on which features are compared: that of real images, other ones than the reference of the scores.

Fitted to the reference itself, the scale would suit its images better than any others, and no real image would pass.
"""

from dataclasses import dataclass

import numpy as np

from zpoints.measurement import NotMeasurable

MIN_IMAGES = 100  # images on each side: 10 for a principal axis, and 5 in each group of the jackknife
RIDGE = 1.0  # the variance of one standardised feature: no axis that varies less is blown up


def refuse_too_few(count: int, what: str) -> None:
    """Raise NotMeasurable where a score of so few images would say nothing."""
    if count < MIN_IMAGES:
        raise NotMeasurable(f"{what} needs at least {MIN_IMAGES} images on each side, has {count}")


@dataclass(frozen=True)
class FeatureScaler:
    """Mean and standard deviation of each feature, float64 (d,), and a whitening of what they leave (d, d)."""

    mean: np.ndarray
    std: np.ndarray
    whitening: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> "FeatureScaler":
        """Of raw features (n, d) of real images. A feature that never varies is left as it is."""
        refuse_too_few(len(features), "the scale of the features")
        values = features.astype(np.float64)
        mean, std = values.mean(axis=0), values.std(axis=0)
        std = np.where(std > 0, std, 1.0)
        variances, axes = np.linalg.eigh(np.cov(((values - mean) / std).T))
        return cls(mean, std, axes / np.sqrt(np.maximum(variances, 0) + RIDGE))

    def on_sphere(self, features: np.ndarray) -> np.ndarray:
        """Raw features (n, d) in standard deviations, then on the sphere of radius sqrt(d): float64 (n, d).

        For moments and kernels. On the sphere a polynomial kernel is bounded: a few wild pictures do not decide over
        all others, and a set of one average picture, which lies at the centre, does not pass for a good one.
        """
        values = (features - self.mean) / self.std
        norms = np.sqrt(np.square(values).mean(axis=1, keepdims=True))
        return values / np.maximum(norms, np.finfo(float).tiny)

    def whitened(self, features: np.ndarray) -> np.ndarray:
        """Raw features (n, d) along the principal axes, each over sqrt(its variance + 1): float64 (n, d).

        For nearest neighbours. The strongest axes hold most of the variance of real faces; without this a picture that
        differs from all of them along the others lies within the wide spheres of the rarest.
        """
        return ((features - self.mean) / self.std) @ self.whitening
