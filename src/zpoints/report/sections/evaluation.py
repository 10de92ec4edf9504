"""Decoded images of all samplers, scored against real ones."""

from typing import Any

import numpy as np

from zpoints.analyses.evaluation.figures import Panel, evaluation
from zpoints.metrics.controls import CONTROLS
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import blocks
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import fixed, listing

REAL = "held_out"
SHORT = {
    "normal": "N(0, I)",
    "shell": "shell",
    "diagonal": "independent axes",
    "gaussian": "Gaussian",
    "core": "core",
    "bootstrap": "true z-points",
    "reconstructions": "reconstructions",
}
WORDS = {"best": "best", "median": "middling well", "worst": "worst"}
PICTURE = "quality_"  # quality_best and so on: originals, then as many reconstructions
# Points that are images' own, moved or not: they tell what a decoder can do, and not what a law of random points can.
OWN = ("bootstrap", "jitter", "reconstructions")


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """face-KID and coverage of every sampler and model, and the best, median and worst reconstructions, if any."""
    found = {score: _scores(inputs, score) for score in ("kid", "coverage")}
    names = list(dict.fromkeys(name for models in found["kid"].values() for name in models))
    rows = {name: short(name) for name in names if name not in CONTROLS and name != REAL}
    real, blurred = (_first(found["kid"], name) for name in (REAL, "blurred"))
    marks = [(words, value[0]) for words, value in (("real", real), ("blurred", blurred)) if value is not None]
    covered = _first(found["coverage"], REAL)
    panels = [
        Panel("face-KID", found["kid"], marks),
        Panel("coverage", found["coverage"], [] if covered is None else [("real", covered[0])]),
    ]
    text = "; ".join(
        f"{name}: N(0, I) {fixed(row.get('kid_normal'), 2)}, Gaussian {fixed(row.get('kid_gaussian'), 2)}, "
        f"true z-points {fixed(row.get('kid_bootstrap'), 2)}"
        for name, row in inputs.rows.items()
    )
    alt = f"face-KID and coverage of what {listing(list(inputs.rows))} decode from the points of each sampler. {text}"
    drawings = {"evaluation": Drawing(evaluation(panels, rows, tints), alt)}
    for kind in _kept(inputs):
        pairs = [(name, inputs.pictures[name][PICTURE + kind]) for name in inputs.rows]
        alt = f"Held-out images that each model reconstructs {WORDS[kind]}, and below them the reconstructions"
        drawings[PICTURE + kind] = Drawing(blocks(pairs, tints, rows=2), alt)
    return drawings


def context(inputs: Inputs) -> dict[str, Any]:
    """For each model, its random samplers from the nearest to real images to the farthest: (name, face-KID).

    What is beyond chance: the models by verdict. face-KID of the mean face, and the figures of reconstructions: name to
    words.
    """
    kid = _scores(inputs, "kid")
    mean_face = _first(kid, "mean_face")
    ranked = {
        model: sorted(
            ((short(name), float(values[0])) for name, values in found.items() if _random(name)),
            key=lambda pair: pair[1],
        )
        for model, found in kid.items()
    }
    return {
        "evaluation_ranked": ranked,
        "evaluation_verdicts": _verdicts(kid),
        "evaluation_mean_face": None if mean_face is None else float(mean_face[0]),
        "evaluation_pictures": {PICTURE + kind: WORDS[kind] for kind in _kept(inputs)},
    }


def short(name: str) -> str:
    """A sampler's name at an axis: `uniform_2` is "[-2, 2]"."""
    kind, _, value = name.partition("_")
    if kind == "uniform":
        return f"[\N{MINUS SIGN}{value}, {value}]"
    if kind == "mixture":
        return f"mixture of {value}"
    if kind == "jitter":
        return f"true z-points, moved {value}"
    return SHORT.get(name, name)


def _verdicts(kid: dict[str, dict[str, np.ndarray]]) -> dict[str, list[str]]:
    """Models by what their intervals say: N(0, I) beside the Gaussian, and true z-points beside real images blurred."""
    found: dict[str, list[str]] = {verdict: [] for verdict in ("worse", "better", "open", "farther", "as_far")}
    beside = (("normal", "gaussian", ("worse", "better", "open")), ("bootstrap", "blurred", ("farther", "", "as_far")))
    for model, own in kid.items():
        for one, other, (farther, nearer, neither) in beside:
            if one in own and other in own:
                (_, low, high), (_, other_low, other_high) = own[one], own[other]
                verdict = farther if low > other_high else nearer if high < other_low else neither
                if verdict:
                    found[verdict].append(model)
    return found


def _kept(inputs: Inputs) -> list[str]:
    """The kinds of reconstructions of which every model has pictures."""
    return [kind for kind in WORDS if all(PICTURE + kind in found for found in inputs.pictures.values())]


def _random(name: str) -> bool:
    return name not in CONTROLS and name != REAL and name.partition("_")[0] not in OWN


def _scores(inputs: Inputs, score: str) -> dict[str, dict[str, np.ndarray]]:
    """By model and by what was scored: value and both ends of its interval."""
    return {
        model: {
            str(columns["points"][at]): np.array([columns[end][at] for end in ("value", "low", "high")])
            for at in np.flatnonzero(columns["score"] == score)
        }
        for model, columns in inputs.curves["evaluation"].items()
    }


def _first(scores: dict[str, dict[str, np.ndarray]], name: str) -> np.ndarray | None:
    """What is the same for every model."""
    return next((found[name] for found in scores.values() if name in found), None)
