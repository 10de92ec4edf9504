"""All scores of one set of pictures against real ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.metrics.feature_space import FeatureSpace
from zpoints.metrics.frechet import Frechet
from zpoints.metrics.image_quality import sharpness
from zpoints.metrics.jackknife import Score, of_mean
from zpoints.metrics.kid import kid
from zpoints.metrics.prdc import Neighbourhoods
from zpoints.stats.confidence import wilson

BATCH = 50  # pictures in memory at once
FACE = 0.5  # probability from which the detector calls a picture a face


@dataclass(frozen=True)
class Pictures:
    """What is kept of pictures: raw features, float32 (n, d), and sharpness in squared grey levels, float64 (n,)."""

    features: np.ndarray
    sharpness: np.ndarray


def describe(space: FeatureSpace, pictures: Iterable[np.ndarray]) -> Pictures:
    """Features and sharpness of pictures, which come in batches, uint8 (n, size, size, 3)."""
    both = [(space(batch), sharpness(batch)) for batch in pictures]
    return Pictures(*(np.concatenate(column) for column in zip(*both, strict=True)))


@dataclass(frozen=True)
class Scorer:
    """Real images, and what is computed of them once: each score is against these."""

    scaler: FeatureScaler
    reference: np.ndarray  # as KID and Frechet distance see it, float64 (m, d)
    frechet: Frechet
    neighbourhoods: Neighbourhoods
    sharpness: float  # mean of the reference, in squared grey levels
    space: FeatureSpace
    seed: int

    @classmethod
    def of(
        cls, reference: np.ndarray, others: np.ndarray, sharpness: float, space: FeatureSpace, seed: int
    ) -> "Scorer":
        """From raw features of real images, float32 (m, d) and (k, d), no image in both: the others give the scale.

        Raises NotMeasurable for fewer images than a score needs.
        """
        scaler = FeatureScaler.of(others)
        near = Neighbourhoods.of(scaler.whitened(reference))
        seen = _seen(reference, scaler, space)
        return cls(scaler, seen, Frechet(seen, seed, space.raw), near, sharpness, space, seed)

    def distance(self, pictures: Pictures, others: Pictures) -> dict[str, float]:
        """KID of two sets of decoded pictures, on the scale of the others: `value`, `low` and `high`."""
        fakes, reals = (_seen(side.features, self.scaler, self.space) for side in (pictures, others))
        return _plain(kid(fakes, reals, self.seed)[0])

    def scores(self, pictures: Pictures) -> dict[str, dict[str, Any]]:
        """Every score, with `value`, `low` and `high` of its 95% interval.

        kid has the `spread` over subsets besides, frechet the number of `axes`. See the modules kid, frechet, prdc and
        image_quality; sharpness is in units of the reference's, face_rate the share that the detector calls a face,
        left out where the network is none.
        Raises NotMeasurable for fewer pictures than a score needs.
        """
        seen = _seen(pictures.features, self.scaler, self.space)
        distance, spread = kid(seen, self.reference, self.seed)
        gaussian, axes = self.frechet.score(seen)
        near = self.neighbourhoods.scores(self.scaler.whitened(pictures.features))
        unit = max(self.sharpness, float(np.finfo(float).tiny))
        faces = self.space.face_scores(pictures.features)
        scores: dict[str, dict[str, Any]] = {
            "kid": _plain(distance) | {"spread": spread},
            "frechet": _plain(gaussian) | {"axes": axes},
            **{name: _plain(score) for name, score in near.items()},
            "sharpness": _plain(of_mean(pictures.sharpness, 1 / unit)),
        }
        if faces is not None:
            rate = float((faces > FACE).mean())
            scores["face_rate"] = _plain(Score(rate, *wilson(rate, len(faces))))
        return scores


def _seen(features: np.ndarray, scaler: FeatureScaler, space: FeatureSpace) -> np.ndarray:
    """Raw features (n, d) as KID and Frechet distance see them, float64 (n, d)."""
    return features.astype(np.float64) if space.raw else scaler.on_sphere(features)


def _plain(score: Score) -> dict[str, float]:
    low, high = (score.value if end is None else end for end in (score.low, score.high))
    return {"value": score.value, "low": low, "high": high}
