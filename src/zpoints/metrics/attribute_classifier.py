"""Does a face smile? Told from the features of a network that knows neither the latent space nor its probes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.stats.confidence import logit
from zpoints.stats.probes import auc

PENALTY = 100.0  # of the squared weights, beside a loss summed over the images: there may be more features than faces


@dataclass(frozen=True)
class AttributeClassifier:
    """A logistic regression for each attribute on standardised face features (n, d): weights (k, d), offsets (k,)."""

    names: tuple[str, ...]
    weights: np.ndarray
    offsets: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> "AttributeClassifier":
        """On real images, float64 (n, d) with labels of 0 and 1, (n, k), both in each column.

        Both classes weigh the same, however rare one is.
        """
        from sklearn.linear_model import LogisticRegression

        weights, offsets = np.zeros((len(names), features.shape[1])), np.zeros(len(names))
        for place in range(len(names)):
            regression = LogisticRegression(C=1 / PENALTY, class_weight="balanced", max_iter=1000)
            regression.fit(features, labels[:, place])
            weights[place], offsets[place] = regression.coef_[0], regression.intercept_[0]
        return cls(tuple(names), weights, offsets)

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Log odds of each attribute for features (n, d), float64 (n, k): above 0 it is taken to be there."""
        return features @ self.weights.T + self.offsets

    def describe(self, features: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, Any]]:
        """For each attribute its AUC on images (n, d) with labels (n, k), with DeLong's 95% interval.

        None for an attribute that all of the images have, or none.
        """
        areas: dict[str, dict[str, Any]] = {}
        for name, scores, truth in zip(self.names, self.scores(features).T, labels.T, strict=True):
            if truth.min() == truth.max():
                areas[name] = {"auc": None, "low": None, "high": None}
                continue
            area, influence = auc(scores, truth)
            low, high = logit(area, influence)
            areas[name] = {"auc": area, "low": low, "high": high}
        return areas

    def only(self, names: Sequence[str]) -> "AttributeClassifier":
        """The classifier of these attributes alone."""
        places = [self.names.index(name) for name in names]
        return AttributeClassifier(tuple(names), self.weights[places], self.offsets[places])
