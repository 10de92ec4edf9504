"""The whole of attribute arithmetic for one model: a judge from real images, all edits, all analogies, and pictures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.latents.labels import Labels
from zpoints.stats.reference_distributions import subsample
from zpoints.metrics.decoded_features import Bench
from zpoints.analyses.edits.measure.edit_curves import (
    Faces,
    Look,
    Outcome,
    answers,
    cosine,
    outcome,
    rivals,
    row,
    summary,
    triples,
)
from zpoints.metrics.jackknife import of_mean
from zpoints.metrics.attribute_classifier import Judge
from zpoints.metrics.feature_scaler import Standard
from zpoints.latents.directions import Directions
from zpoints.analyses.edits.config import Edits
from zpoints.progress import track
from zpoints.latents.arithmetic import step

FACES = 5000  # training faces whose differences are the harder null


@dataclass(frozen=True)
class Court:
    """The judge of all attributes it can tell, what is known of it, and the held-out faces before it."""

    judge: Judge
    standard: Standard
    faces: Faces
    originals: np.ndarray  # features of the real images, float64 (n, d)
    rows: np.ndarray  # of the faces in the shards
    known: dict[str, dict[str, Any]]  # of every attribute: AUC on real held-out images, and `rebuilt`

    @classmethod
    def of(cls, bench: Bench, mu: np.ndarray, labels: Labels, names: list[str], block: Edits) -> "Court":
        """Fit the judge of these attributes to real training images, and hold it against held-out ones.

        mu: z-points of all images, float32 (images, z_dim). An attribute told with an AUC below block.auc is dropped.
        """
        raw = bench.real(labels.train)
        standard = Standard.of(raw)
        rows = subsample(labels.held_out, block.judged, (block.seed, 1))
        truth = labels.attributes.values[:, [labels.attributes.names.index(name) for name in names]]
        judge = Judge.fit(standard.on_sphere(raw), truth[labels.train], names)
        originals = standard.on_sphere(bench.real(rows))
        points = np.array(mu[rows])
        rebuilt = bench.on_sphere(standard, points)
        seen = judge.describe(rebuilt, truth[rows])
        known = {
            name: found | {"rebuilt": seen[name]["auc"]}
            for name, found in judge.describe(originals, truth[rows]).items()
        }
        told = [name for name in names if (known[name]["auc"] or 0.0) >= block.auc]
        faces = Faces(points, rebuilt, truth[rows][:, [names.index(name) for name in told]], rebuilt.mean(axis=0))
        return cls(judge.only(told), standard, faces, originals, rows, known)

    def describe(self) -> dict[str, Any]:
        """How well the judge tells the attributes it may judge, on real images and on this model's reconstructions."""
        told = [self.known[name] for name in self.judge.names]
        means = {key: float(np.mean([one[key] for one in told])) if told else None for key in ("auc", "rebuilt")}
        return {"told": len(told), **means, "attributes": self.known}

    def identity(self, seed: int) -> dict[str, float | None]:
        """Cosines to hold an edit's against: of two people's reconstructions, and of a face with its reconstruction."""
        order = np.random.default_rng((seed, 7)).permutation(len(self.rows))
        own, real = self.faces.features - self.faces.centre, self.originals - self.originals.mean(axis=0)
        pairs = cosine(own, own[order])[order != np.arange(len(order))]
        same = of_mean(cosine(own, real), (seed, 8))
        two = float(pairs.mean()) if pairs.size else None
        return {"two_people": two, "reconstruction": same.value, "low": same.low, "high": same.high}


@dataclass(frozen=True)
class Findings:
    """Rows of edits.csv, successes at one identity by kind of direction, and strips of pictures."""

    rows: list[dict[str, Any]]
    at_identity: dict[str, Any]
    strips: list[np.ndarray]


def edit_all(bench: Bench, court: Court, ways: Directions, train: np.ndarray, block: Edits) -> Findings:
    """Every attribute by every kind of direction, and the mean over the attributes as the attribute `all`.

    train: z-points of training images (m, z_dim). A strip is a held-out face, its reconstruction, and its edits by the
    first kind of direction: uint8 (2 + strengths, size, size, 3).
    """
    look = _look(bench, court)
    names = [name for name in block.attributes if name in court.judge.names]
    strengths = np.array(block.strengths)
    found: dict[tuple[str, str], dict[str, Outcome]] = {}
    strips = []
    for by, name in track([(by, name) for by in block.by for name in names], label="edits"):
        place, rng = court.judge.names.index(name), np.random.default_rng((block.seed, 3, names.index(name)))
        chosen = court.faces.chosen(place, block.images, rng)
        faces = court.faces.of(chosen)
        vectors = rivals(step(ways, name, by), len(chosen), train, rng)
        found[by, name] = {
            key: outcome(faces, place, own, strengths, look, court.judge) for key, own in vectors.items()
        }
        if by == block.by[0]:
            without = np.flatnonzero(faces.labels[:, place] == 0)[0]
            amounts = np.concatenate([[0.0], strengths])[:, None]
            points = (faces.mu[without] + amounts * vectors["direction"][without]).astype(np.float32)
            original = bench.shards.read(court.rows[chosen[[without]]])
            strips.append(np.concatenate([original, bench.trained.decode(points)]))
    rows: list[dict[str, Any]] = []
    sums: dict[str, Any] = {}
    for by in block.by if names else ():
        groups = {name: found[by, name] for name in names}
        parts = list(groups.values())
        groups["all"] = {key: Outcome.joined([part[key] for part in parts]) for key in parts[0]}
        sums[by] = summary(groups["all"], block.identity, (block.seed, 4))
        for name, outcomes in groups.items():
            for at, strength in enumerate((0.0, *block.strengths)):
                numbers = row(outcomes, at, (block.seed, 5, at))
                rows.append({"by": by, "attribute": name, "strength": strength} | numbers)
    return Findings(rows, sums, strips)


def analogies(
    bench: Bench, court: Court, block: Edits
) -> tuple[list[dict[str, Any]], dict[str, str], list[np.ndarray]]:
    """a - b + c for each pair of attributes: numbers, those left out with the reason, and a strip of pictures for each.

    `both` is the share of answers in which the judge sees X and Y; `before`, that of the faces c themselves; `null`,
    that of answers whose a and b are any faces. A strip is a, b (means of the exemplars' z-points), c and the answer.
    """
    look, faces, names = _look(bench, court), court.faces, court.judge.names
    found, left_out, strips = [], {}, []
    for place, pair in enumerate(block.analogies):
        rng = np.random.default_rng((block.seed, 6, place))
        columns = [names.index(name) for name in pair if name in names]
        rows = triples(faces.labels[:, columns], block.images, block.exemplars, rng) if len(columns) == 2 else None
        if rows is None:
            left_out[" and ".join(pair)] = "too few faces of each kind, or an attribute that the judge cannot tell"
            continue
        z = answers(faces.mu, rows)
        blind = np.hstack([rng.integers(len(faces.mu), size=rows[:, :-1].shape), rows[:, -1:]])
        after, before = look(z), faces.features[rows[:, -1]]
        own, start, null = (
            court.judge.scores(features)[:, columns] > 0 for features in (after, before, look(answers(faces.mu, blind)))
        )
        found.append(
            {"x": pair[0], "y": pair[1], "triples": len(z), "both": float(own.all(axis=1).mean())}
            | {"with_x": float(own[:, 0].mean()), "with_y": float(own[:, 1].mean())}
            | {"before": float(start.all(axis=1).mean()), "null": float(null.all(axis=1).mean())}
            | {"identity": float(faces.identity(after, before).mean())}
        )
        first, count = rows[0], block.exemplars
        means = [faces.mu[part].mean(axis=0) for part in (first[:count], first[count:-1], first[-1:])]
        strips.append(bench.trained.decode(np.stack([*means, z[0]])))
    return found, left_out, strips


def left_out(court: Court, labels: Labels, block: Edits) -> dict[str, str]:
    """The attributes that were asked for and not edited, each with the reason."""
    found = {}
    for name in block.attributes:
        if name not in court.judge.names:
            area = court.known.get(name, {}).get("auc")
            missing = labels.attributes.left_out.get(name, "the images have no such label")
            found[name] = missing if area is None else f"the judge's AUC is {area:.3f}, and {block.auc:g} is needed"
    return found


def _look(bench: Bench, court: Court) -> Look:
    return lambda z: bench.on_sphere(court.standard, z)
