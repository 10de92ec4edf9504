"""Attribute arithmetic on held-out faces: does an edit do what it should, and is it still the same face?

Success is told by a classifier (zpoints.metrics.attribute_classifier) that sees pictures alone, identity by the cosine
of face features before and after, about their mean. Every direction stands beside two controls of equal length that
know nothing of the attribute: one without any preference, and the difference of two training faces, in which the latent
space's axes count as they do among faces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.latents.traversals import units, walk
from zpoints.metrics.attribute_classifier import AttributeClassifier
from zpoints.metrics.jackknife import of_mean
from zpoints.stats.confidence import wilson

RESAMPLES = 300
# From z-points (n, z_dim) to standardised features of what they decode to, float64 (n, d).
FeaturesOf = Callable[[np.ndarray], np.ndarray]
VARIANTS = ("direction", "random", "faces")


@dataclass(frozen=True)
class Faces:
    """Held-out faces to be edited: z-points (n, z_dim), features of their reconstructions (n, d), labels (n, k).

    center: the mean features of all the model's reconstructions (d,). What they all have in common, such as their blur,
    is nobody's identity.
    """

    mu: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    center: np.ndarray

    def of(self, rows: np.ndarray) -> "Faces":
        """These faces alone."""
        return Faces(self.mu[rows], self.features[rows], self.labels[rows], self.center)

    def identity(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Cosine of features (..., d) about the center, float64 (...): 1 for one picture, near 0 for two people's."""
        return cosine(before - self.center, after - self.center)

    def choose(self, column: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """At most `count` of the faces, half with the attribute of this column and half without, ascending."""
        parts = [np.flatnonzero(self.labels[:, column] == value) for value in (0, 1)]
        half = min(count // 2, *(len(part) for part in parts))
        return np.sort(np.concatenate([rng.permutation(part)[:half] for part in parts]))


@dataclass(frozen=True)
class Outcome:
    """Of each face at each strength, (n, strengths): success and others, bool and a share; identity, a cosine."""

    success: np.ndarray
    identity: np.ndarray
    others: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["Outcome"]) -> "Outcome":
        """The faces of all parts."""
        fields = ("success", "identity", "others")
        return cls(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of features row by row, float64 (...)."""
    return (units(first) * units(second)).sum(axis=-1)


def outcome_of(
    faces: Faces,
    column: int,
    vectors: np.ndarray,
    strengths: np.ndarray,
    features_of: FeaturesOf,
    classifier: AttributeClassifier,
) -> Outcome:
    """Move each face along its vector (n, z_dim), against its present label: those with the attribute lose it.

    Strength 0, the reconstruction itself, comes first: where the classifier errs about it, an edit succeeds at nothing.
    success: the classifier says what the edit wanted. identity: with the reconstruction. others: the share of the
    other attributes about which the classifier has changed its mind.
    """
    wanted = faces.labels[:, column] == 0
    moved = walk(faces.mu, np.where(wanted, 1.0, -1.0)[:, None] * vectors, strengths)
    features = features_of(moved.reshape(-1, moved.shape[-1])).reshape(*moved.shape[:2], -1)
    features = np.concatenate([faces.features[:, None], features], axis=1)
    verdicts = classifier.scores(features.reshape(-1, features.shape[-1])).reshape(*features.shape[:2], -1) > 0
    changed = verdicts != verdicts[:, :1]
    rest = np.delete(changed, column, axis=-1)
    others = rest.mean(axis=-1) if rest.shape[-1] else np.zeros(rest.shape[:2])
    return Outcome(verdicts[..., column] == wanted[:, None], faces.identity(features, faces.features[:, None]), others)


def control_directions(
    vector: np.ndarray, count: int, train: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """For each of VARIANTS `count` vectors of the length of `vector` (z_dim,): float64 (count, z_dim).

    train: z-points of training images (m, z_dim), of which any two differ in the direction `faces`.
    """
    pairs = rng.integers(len(train), size=(count, 2))
    isotropic = units(rng.standard_normal((count, len(vector))))
    differences = units(train[pairs[:, 0]].astype(np.float64) - train[pairs[:, 1]])
    length = np.linalg.norm(vector)
    repeated = np.broadcast_to(vector.astype(np.float64), (count, len(vector)))
    return dict(zip(VARIANTS, (repeated, length * isotropic, length * differences), strict=True))


def row_of(outcomes: dict[str, Outcome], place: int) -> dict[str, float | None]:
    """The numbers at one strength, with 95% intervals over the faces for the direction itself: Wilson's for success."""
    edited = outcomes["direction"]
    success, identity = float(edited.success[:, place].mean()), of_mean(edited.identity[:, place])
    low, high = wilson(success, len(edited.success))
    numbers: dict[str, float | None] = {"success": success, "success_low": low, "success_high": high}
    numbers |= {"identity": identity.value, "identity_low": identity.low, "identity_high": identity.high}
    numbers["others"] = float(edited.others[:, place].mean())
    for name in VARIANTS[1:]:
        numbers[f"{name}_success"] = float(outcomes[name].success[:, place].mean())
        numbers[f"{name}_identity"] = float(outcomes[name].identity[:, place].mean())
    return numbers


def success_at(outcome: Outcome, threshold: float) -> float | None:
    """The mean success where the mean identity has fallen to the threshold, between two strengths; None if nowhere."""
    success, identity = outcome.success.mean(axis=0), outcome.identity.mean(axis=0)
    beyond = np.flatnonzero(identity <= threshold)
    if not beyond.size or beyond[0] == 0:
        return None
    last = beyond[0]
    share = (identity[last - 1] - threshold) / (identity[last - 1] - identity[last])
    return float((1 - share) * success[last - 1] + share * success[last])


def summary(outcomes: dict[str, Outcome], threshold: float, seed: tuple[int, ...]) -> dict[str, Any]:
    """`success_at` of each variant; for the direction with a 95% bootstrap interval over the faces, if there is one.

    The bootstrap knows that the strength was chosen by the same faces, and has no width where all succeed or none:
    the interval reaches as far as Wilson's besides. All variants so are compared at one price. A variant that never
    costs so much has no number.
    """
    edited = outcomes["direction"]
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(len(edited.success), size=len(edited.success))
        draws.append(success_at(Outcome(edited.success[rows], edited.identity[rows], edited.others[rows]), threshold))
    values = [draw for draw in draws if draw is not None]
    # Where some resamples never get so far, an interval over the others would be too narrow.
    low, high, success = None, None, success_at(edited, threshold)
    if len(values) == RESAMPLES and success is not None:
        bounds = wilson(success, len(edited.success))
        low, high = (float(end) for end in np.quantile(values, [0.025, 0.975]))
        low, high = min(low, bounds[0]), max(high, bounds[1])
    controls = {name: success_at(outcomes[name], threshold) for name in VARIANTS[1:]}
    return {"success": success, "low": low, "high": high, **controls}


def triples(labels: np.ndarray, count: int, exemplars: int, rng: np.random.Generator) -> np.ndarray | None:
    """Rows for a - b + c, int64 (count, 2 * exemplars + 1): faces a, then b, then c, from labels (n, 2) of X and Y.

    a have X and not Y, b neither, c has Y and not X: the answer has both. No face is twice in a row. None where there
    are too few.
    """
    code = labels[:, 0] * 2 + labels[:, 1]
    parts = [np.flatnonzero(code == value) for value in (2, 0, 1)]
    if min(len(part) for part in parts) < max(exemplars, 2):
        return None
    sizes = (exemplars, exemplars, 1)
    return np.array(
        [
            np.concatenate([rng.choice(part, size, replace=False) for part, size in zip(parts, sizes, strict=True)])
            for _ in range(count)
        ]
    )


def answers(mu: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """mean(a) - mean(b) + c of z-points (n, z_dim) for rows of `triples`: float32 (count, z_dim)."""
    exemplars = rows.shape[1] // 2
    parts = mu[rows].astype(np.float64)
    first, second = parts[:, :exemplars].mean(axis=1), parts[:, exemplars:-1].mean(axis=1)
    return (first - second + parts[:, -1]).astype(np.float32)
