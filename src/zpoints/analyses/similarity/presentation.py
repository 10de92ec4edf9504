"""How all pairs of models are shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.report.answers import Roles
from zpoints.report.metrics import MetricGroup
from zpoints.report.numbers import MISSING, fixed, listing, significant
from zpoints.report.results import Drawing, Results

TITLE = "Is one space another, rotated?"
POSITION = 100

METRICS = MetricGroup("Similarity", ())  # of pairs, not of a model

# A measure, the head of its column, and its decimals.
MEASURES = {
    "cka": ("CKA", 3),
    "unrotated": ("distance, as they are", 3),
    "procrustes": ("distance, rotated", 3),
    "procrustes_scaled": ("distance, rotated and scaled", 3),
    "canonical": ("canonical correlation", 3),
    "neighbours": ("common neighbours", 3),
    "r2_a_to_b": ("R², first to second", 3),
    "r2_b_to_a": ("R², second to first", 3),
    "radius": ("distance of the radii", 2),
    "radius_scaled": ("the same, over the mean radius", 4),
}


@dataclass(frozen=True)
class Cell:
    """A measure of a pair: its number and text, and its interval as text."""

    value: float | None
    text: str
    interval: str
    null: str


def figures(results: Results) -> dict[str, Drawing]:
    """The matrix of CKA."""
    from zpoints.analyses.similarity.figures import similarity

    assert results.joint is not None
    models, pairs = results.joint.numbers["models"], results.joint.numbers["pairs"]
    values = np.full((len(models), len(models)), np.nan)
    np.fill_diagonal(values, 1)
    for pair in pairs:
        a, b = models.index(pair["a"]), models.index(pair["b"])
        values[a, b] = values[b, a] = pair["cka"]["value"]
    text = ", ".join(f"{pair['a']} and {pair['b']} {fixed(pair['cka']['value'], 3)}" for pair in pairs)
    return {"similarity": Drawing(similarity(models, values), f"Linear CKA of {listing(models)}: {text}")}


def context(results: Results) -> dict[str, Any]:
    """The table of pairs, and which of them are two trainings of one model."""
    assert results.joint is not None
    pairs = results.joint.numbers["pairs"]
    return {
        "similarity_heads": [head for head, _ in MEASURES.values()],
        "similarity_pairs": [
            (pair, [_cell(pair.get(name), digits) for name, (_, digits) in MEASURES.items()]) for pair in pairs
        ],
        "similarity_seeds": [pair for pair in pairs if pair["seed_alone"]],
        "similarity_images": results.joint.numbers["images"],
    }


def _cell(measure: dict[str, float | None] | None, digits: int) -> Cell:
    if measure is None or measure["value"] is None:
        return Cell(None, MISSING, "", "")
    low, high = fixed(measure["low"], digits), fixed(measure["high"], digits)
    return Cell(measure["value"], fixed(measure["value"], digits), f"{low} to {high}", fixed(measure["null"], digits))


def _rotated(results: Results, roles: Roles) -> str | None:
    """How much of the first such pair stays apart; another seed is another pair."""
    pairs = results.joint.numbers["pairs"] if results.joint is not None else []
    names = {roles.plain[0], roles.tiny[0]}
    left = next((pair["procrustes_scaled"] for pair in pairs if {pair["a"], pair["b"]} == names), None)
    if left is None or left["value"] is None:
        return None
    value, low, high, null = (significant(100 * left[key]) for key in ("value", "low", "high", "null"))
    return (
        f"Rotated and scaled onto each other, the z-points of the two differ by {value}% ({low} to {high}) of their "
        f"variance, and by {null}% with the images shuffled"
    )


ANSWERS = {"tiny_kl": _rotated}
