"""Attribute arithmetic on held-out faces: does an edit do what it should, and is it still the same face?

Success is told by a judge (zpoints.metrics.attribute_classifier) that sees pictures alone, identity by the cosine of face features
before and after, about their mean. Every direction stands beside two of equal length that know nothing of the
attribute: one without any preference, and the difference of two training faces, in which the latent space's axes count
as they do among faces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.metrics.jackknife import of_mean
from zpoints.metrics.attribute_classifier import Judge
from zpoints.latents.traversals import units
from zpoints.latents.traversals import walk

RESAMPLES = 300
# From z-points (n, z_dim) to standardised features of what they decode to, float64 (n, d).
Look = Callable[[np.ndarray], np.ndarray]
VARIANTS = ("direction", "random", "faces")


@dataclass(frozen=True)
class Faces:
    """Held-out faces to be edited: z-points (n, z_dim), features of their reconstructions (n, d), labels (n, k).

    centre: the mean features of all the model's reconstructions (d,). What they all have in common, such as their blur,
    is nobody's identity.
    """

    mu: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    centre: np.ndarray

    def of(self, rows: np.ndarray) -> "Faces":
        """These faces alone."""
        return Faces(self.mu[rows], self.features[rows], self.labels[rows], self.centre)

    def identity(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Cosine of features (..., d) about the centre, float64 (...): 1 for one picture, near 0 for two people's."""
        return cosine(one - self.centre, other - self.centre)

    def chosen(self, place: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """At most `count` of the faces, half with the attribute of this column and half without, ascending."""
        parts = [np.flatnonzero(self.labels[:, place] == value) for value in (0, 1)]
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


def cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cosine of features row by row, float64 (...)."""
    return (units(one) * units(other)).sum(axis=-1)


def outcome(faces: Faces, place: int, vectors: np.ndarray, strengths: np.ndarray, look: Look, judge: Judge) -> Outcome:
    """Move each face along its vector (n, z_dim), against its present label: those with the attribute lose it.

    Strength 0, the reconstruction itself, comes first: where the judge errs about it, an edit succeeds at nothing.
    success: the judge says what the edit wanted. identity: with the reconstruction. others: the share of the
    other attributes about which the judge has changed its mind.
    """
    wanted = faces.labels[:, place] == 0
    moved = walk(faces.mu, np.where(wanted, 1.0, -1.0)[:, None] * vectors, strengths)
    features = look(moved.reshape(-1, moved.shape[-1])).reshape(*moved.shape[:2], -1)
    features = np.concatenate([faces.features[:, None], features], axis=1)
    verdicts = judge.scores(features.reshape(-1, features.shape[-1])).reshape(*features.shape[:2], -1) > 0
    changed = verdicts != verdicts[:, :1]
    rest = np.delete(changed, place, axis=-1)
    others = rest.mean(axis=-1) if rest.shape[-1] else np.zeros(rest.shape[:2])
    return Outcome(verdicts[..., place] == wanted[:, None], faces.identity(features, faces.features[:, None]), others)


def rivals(vector: np.ndarray, count: int, train: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """For each of VARIANTS `count` vectors of the length of `vector` (z_dim,): float64 (count, z_dim).

    train: z-points of training images (m, z_dim), of which any two differ in the direction `faces`.
    """
    pairs = rng.integers(len(train), size=(count, 2))
    loose = rng.standard_normal((count, len(vector)))
    found = units(loose), units(train[pairs[:, 0]].astype(np.float64) - train[pairs[:, 1]])
    length = np.linalg.norm(vector)
    own = np.broadcast_to(vector.astype(np.float64), (count, len(vector)))
    return dict(zip(VARIANTS, (own, *(length * vectors for vectors in found)), strict=True))


def row(outcomes: dict[str, Outcome], at: int, seed: tuple[int, ...]) -> dict[str, float | None]:
    """The numbers of one strength, with 95% intervals of the direction's own over the faces."""
    own = outcomes["direction"]
    found: dict[str, float | None] = {}
    for key, values in (("success", own.success[:, at]), ("identity", own.identity[:, at])):
        score = of_mean(values, seed)
        found |= {key: score.value, f"{key}_low": score.low, f"{key}_high": score.high}
    found["others"] = float(own.others[:, at].mean())
    for name in VARIANTS[1:]:
        found[f"{name}_success"] = float(outcomes[name].success[:, at].mean())
        found[f"{name}_identity"] = float(outcomes[name].identity[:, at].mean())
    return found


def at_identity(outcome: Outcome, level: float) -> float | None:
    """The mean success where the mean identity has fallen to `level`, between two strengths; None where it has not."""
    success, identity = outcome.success.mean(axis=0), outcome.identity.mean(axis=0)
    beyond = np.flatnonzero(identity <= level)
    if not beyond.size or beyond[0] == 0:
        return None
    last = beyond[0]
    share = (identity[last - 1] - level) / (identity[last - 1] - identity[last])
    return float((1 - share) * success[last - 1] + share * success[last])


def summary(outcomes: dict[str, Outcome], level: float, seed: tuple[int, ...]) -> dict[str, Any]:
    """`at_identity` of each variant; for the direction with a 95% bootstrap interval over the faces, if there is one.

    All variants so are compared at one price. A variant that never costs so much has no number.
    """
    own = outcomes["direction"]
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(len(own.success), size=len(own.success))
        draws.append(at_identity(Outcome(own.success[rows], own.identity[rows], own.others[rows]), level))
    values = [draw for draw in draws if draw is not None]
    # Where some resamples never get so far, an interval over the others would be too narrow.
    low, high = np.quantile(values, [0.025, 0.975]).tolist() if len(values) == RESAMPLES else (None, None)
    others = {name: at_identity(outcomes[name], level) for name in VARIANTS[1:]}
    return {"success": at_identity(own, level), "low": low, "high": high, **others}


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
