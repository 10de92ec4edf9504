"""All edits and all analogies of one model, and their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.analyses.edits.config import Config
from zpoints.analyses.edits.method.edit_curves import (
    Faces,
    FeaturesOf,
    Outcome,
    answers,
    control_directions,
    cosine,
    outcome_of,
    row_of,
    summary,
    triples,
)
from zpoints.latents.arithmetic import step
from zpoints.latents.directions import Directions
from zpoints.latents.labels import ProbeLabels
from zpoints.metrics.attribute_classifier import AttributeClassifier
from zpoints.metrics.decoded_features import FeatureExtractor
from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.metrics.jackknife import of_mean
from zpoints.progress import track
from zpoints.stats.reference_distributions import subsample

ALL = "all"  # in place of an attribute: the mean over all
ATTRIBUTE = "attribute "  # before its name in the table: no name reads as a number, or as ALL


@dataclass(frozen=True)
class EditEvaluator:
    """A classifier of the attributes that it can tell, what is known of it, and the held-out faces to be edited."""

    classifier: AttributeClassifier
    scaler: FeatureScaler
    faces: Faces
    originals: np.ndarray  # features of the real images, float64 (n, d)
    rows: np.ndarray  # of the faces in the shards
    known: dict[str, dict[str, Any]]  # of every attribute: AUC on real held-out images, and `rebuilt`

    @classmethod
    def of(
        cls, features: FeatureExtractor, mu: np.ndarray, labels: ProbeLabels, names: list[str], config: Config
    ) -> "EditEvaluator":
        """Fit the classifier of these attributes to real training images, and test it on held-out ones.

        mu: z-points of all images, float32 (images, z_dim). An attribute with an AUC below config.min_auc is dropped.
        """
        raw = features.real(labels.train)
        scaler = FeatureScaler.of(raw)
        rows = subsample(labels.held_out, config.n_train, (config.seed, 1))
        truth = labels.attributes.values[:, [labels.attributes.names.index(name) for name in names]]
        classifier = AttributeClassifier.fit(scaler.on_sphere(raw), truth[labels.train], names)
        originals = scaler.on_sphere(features.real(rows))
        points = np.array(mu[rows])
        rebuilt = features.on_sphere(scaler, points)
        on_rebuilt = classifier.describe(rebuilt, truth[rows])
        known = {
            name: numbers | {"rebuilt": on_rebuilt[name]["auc"]}
            for name, numbers in classifier.describe(originals, truth[rows]).items()
        }
        usable = [name for name in names if (known[name]["auc"] or 0.0) >= config.min_auc]
        columns = [names.index(name) for name in usable]
        faces = Faces(points, rebuilt, truth[rows][:, columns], rebuilt.mean(axis=0))
        return cls(classifier.only(usable), scaler, faces, originals, rows, known)

    def describe(self) -> dict[str, Any]:
        """How well it does on real images and on this model's reconstructions; means over the usable attributes."""
        usable = [self.known[name] for name in self.classifier.names]
        means = {key: float(np.mean([numbers[key] for numbers in usable])) for key in ("auc", "rebuilt")}
        return {"usable": len(usable), **means, "attributes": self.known}

    def identity(self, seed: int) -> dict[str, float | None]:
        """Cosines to compare an edit's with: of two people's reconstructions, and of a face with its reconstruction."""
        order = np.random.default_rng((seed, 7)).permutation(len(self.rows))
        rebuilt, real = self.faces.features - self.faces.center, self.originals - self.originals.mean(axis=0)
        pairs = cosine(rebuilt, rebuilt[order])[order != np.arange(len(order))]
        same = of_mean(cosine(rebuilt, real))
        two = float(pairs.mean()) if pairs.size else None
        return {"two_people": two, "reconstruction": same.value, "low": same.low, "high": same.high}

    def features_of(self, features: FeatureExtractor) -> FeaturesOf:
        """From z-points (n, z_dim) to features of what they decode to, float64 (n, d)."""
        return lambda z: features.on_sphere(self.scaler, z)


@dataclass(frozen=True)
class Edits:
    """The attributes that were edited, rows of the table, successes by kind of direction, and a strip for each."""

    names: list[str]
    rows: list[dict[str, Any]]
    at_identity: dict[str, Any]
    strips: list[np.ndarray]


def edit_all(
    features: FeatureExtractor, evaluator: EditEvaluator, directions: Directions, train: np.ndarray, config: Config
) -> Edits:
    """Every attribute by every kind of direction, and the mean over the attributes as the attribute `all`.

    train: z-points of training images (m, z_dim). A strip is a held-out face, its reconstruction, and its edits by the
    first kind of direction: uint8 (2 + strengths, size, size, 3).
    """
    features_of, classifier = evaluator.features_of(features), evaluator.classifier
    names = [name for name in config.attributes if name in classifier.names]
    strengths = np.array(config.strengths)
    outcomes: dict[tuple[str, str], dict[str, Outcome]] = {}
    strips = []
    for kind, name in track([(kind, name) for kind in config.directions for name in names], label="edits"):
        column, rng = classifier.names.index(name), np.random.default_rng((config.seed, 3, names.index(name)))
        chosen = evaluator.faces.choose(column, config.images, rng)
        faces = evaluator.faces.of(chosen)
        vectors = control_directions(step(directions, name, kind), len(chosen), train, rng)
        outcomes[kind, name] = {
            variant: outcome_of(faces, column, vector, strengths, features_of, classifier)
            for variant, vector in vectors.items()
        }
        if kind == config.directions[0]:
            without = np.flatnonzero(faces.labels[:, column] == 0)[0]
            amounts = np.concatenate([[0.0], strengths])[:, None]
            points = (faces.mu[without] + amounts * vectors["direction"][without]).astype(np.float32)
            original = features.shards.read(evaluator.rows[chosen[[without]]])
            strips.append(np.concatenate([original, features.model.decode(points)]))
    rows: list[dict[str, Any]] = []
    at_identity: dict[str, Any] = {}
    for kind in config.directions:
        groups = {ATTRIBUTE + name: outcomes[kind, name] for name in names}
        parts = list(groups.values())
        groups[ALL] = {variant: Outcome.joined([part[variant] for part in parts]) for variant in parts[0]}
        at_identity[kind] = summary(groups[ALL], config.identity, (config.seed, 4))
        for label, group in groups.items():
            for place, strength in enumerate((0.0, *config.strengths)):
                numbers = row_of(group, place)
                rows.append({"direction": kind, "attribute": label, "strength": strength} | numbers)
    return Edits(names, rows, at_identity, strips)


def analogies(
    features: FeatureExtractor, evaluator: EditEvaluator, config: Config
) -> tuple[list[dict[str, Any]], dict[str, str], list[np.ndarray]]:
    """a - b + c for each pair of attributes: numbers, those left out with the reason, and a strip of pictures for each.

    `both` is the share of answers in which the classifier sees X and Y; `before`, that of the faces c themselves;
    `null`, that of answers whose a and b are any faces. A strip is a, b (means of the exemplars' z-points), c and the
    answer.
    """
    features_of, faces, names = evaluator.features_of(features), evaluator.faces, evaluator.classifier.names
    numbers, impossible, strips = [], {}, []
    for place, pair in enumerate(config.analogies):
        rng = np.random.default_rng((config.seed, 6, place))
        columns = [names.index(name) for name in pair if name in names]
        rows = triples(faces.labels[:, columns], config.images, config.exemplars, rng) if len(columns) == 2 else None
        if rows is None:
            impossible[" and ".join(pair)] = "too few faces of each kind, or an attribute that cannot be told"
            continue
        z = answers(faces.mu, rows)
        any_faces = np.hstack([rng.integers(len(faces.mu), size=rows[:, :-1].shape), rows[:, -1:]])
        after, before = features_of(z), faces.features[rows[:, -1]]
        answered, start, null = (
            evaluator.classifier.scores(each)[:, columns] > 0
            for each in (after, before, features_of(answers(faces.mu, any_faces)))
        )
        numbers.append(
            {"x": pair[0], "y": pair[1], "triples": len(z), "both": float(answered.all(axis=1).mean())}
            | {"with_x": float(answered[:, 0].mean()), "with_y": float(answered[:, 1].mean())}
            | {"before": float(start.all(axis=1).mean()), "null": float(null.all(axis=1).mean())}
            | {"identity": float(faces.identity(after, before).mean())}
        )
        first, count = rows[0], config.exemplars
        means = [faces.mu[part].mean(axis=0) for part in (first[:count], first[count:-1], first[-1:])]
        strips.append(features.model.decode(np.stack([*means, z[0]])))
    return numbers, impossible, strips


def left_out(
    known: Mapping[str, Mapping[str, Any]], labels: ProbeLabels, directions: Directions, config: Config
) -> dict[str, str]:
    """The attributes that were asked for and cannot be edited, each with the reason. known: as EditEvaluator has it."""
    reasons = {}
    for name in config.attributes:
        area = known.get(name, {}).get("auc")
        if name not in labels.attributes.names:
            reasons[name] = labels.attributes.left_out.get(name, "the images have no such label")
        elif name not in directions.names:
            reasons[name] = "it has no direction"
        elif name in known and area is None:
            reasons[name] = "the held-out images that are scored all have it, or none does"
        elif area is not None and area < config.min_auc:
            reasons[name] = f"the classifier's AUC is {area:.3f}, and {config.min_auc:g} is needed"
    return reasons
