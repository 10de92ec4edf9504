"""How all pairs of models are shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.report.answers import Roles
from zpoints.report.metrics import MetricGroup
from zpoints.report.numbers import MISSING, fixed, listing, significant
from zpoints.report.results import Drawing, Results

TITLE = "Similarity of the latent spaces"
POSITION = 100

METRICS = MetricGroup("Similarity", ())  # of pairs, not of a model

# A measure, the head of its column, and its decimals.
MEASURES = {
    "cka": ("CKA", 3),
    "cka_z": ("CKA, from z", 3),
    "unrotated": ("distance, as they are", 3),
    "procrustes": ("distance, rotated", 3),
    "procrustes_scaled": ("distance, rotated and scaled", 3),
    "canonical": ("canonical correlation", 3),
    "neighbours": ("common neighbours", 3),
    "r2_a_to_b": ("R², first to second", 3),
    "r2_b_to_a": ("R², second to first", 3),
    "r2_a_to_b_z": ("R², first's z to second's mu", 3),
    "r2_b_to_a_z": ("R², second's z to first's mu", 3),
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
    models, (pairs, _) = results.joint.numbers["models"], _measured(results)
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
    pairs, left_out = _measured(results)
    noisy = any("cka_z" in pair for pair in pairs)
    found = {name: column for name, column in MEASURES.items() if noisy or not name.endswith("_z")}
    return {
        "similarity_heads": [head for head, _ in found.values()],
        "similarity_pairs": [
            (pair, [_cell(pair.get(name), digits) for name, (_, digits) in found.items()]) for pair in pairs
        ],
        "similarity_left_out": left_out,
        "similarity_noise": noisy,
        "similarity_seeds": [pair for pair in pairs if pair["seed_alone"]],
        "similarity_images": results.joint.numbers["images"],
    }


def _measured(results: Results) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The pairs that were measured, and those that could not be."""
    assert results.joint is not None
    pairs = results.joint.numbers["pairs"]
    left_out = [pair for pair in pairs if "not_measurable" in pair]
    return [pair for pair in pairs if "not_measurable" not in pair], left_out


def _cell(measure: dict[str, float | None] | None, digits: int) -> Cell:
    if measure is None or measure["value"] is None:
        return Cell(None, MISSING, "", "")
    low, high = fixed(measure["low"], digits), fixed(measure["high"], digits)
    null = fixed(measure["null"], digits) if "null" in measure else ""
    null += f", p {significant(measure['p'], 2)}" if "p" in measure else ""
    return Cell(measure["value"], fixed(measure["value"], digits), f"{low} to {high}", null)


def _rotated(results: Results, roles: Roles) -> str | None:
    """How much of the first such pair stays apart; another seed is another pair."""
    pairs = _measured(results)[0] if results.joint is not None else []
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
