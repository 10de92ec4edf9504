"""All pairs of models on the same images: is one latent space another one, but for a rotation?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.analyses.similarity.figures import similarity
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import MISSING, fixed, listing

# Measure of similarity.json: its column's head, and decimals.
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


def shown(inputs: Inputs) -> bool:
    """Whether there are two models to compare."""
    return bool(inputs.similarity["pairs"])


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The matrix of CKA."""
    names = list(inputs.rows)
    values = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(values, 1)
    for pair in inputs.similarity["pairs"]:
        a, b = names.index(pair["a"]), names.index(pair["b"])
        values[a, b] = values[b, a] = pair["cka"]["value"]
    text = ", ".join(f"{pair['a']} and {pair['b']} {fixed(pair['cka']['value'], 3)}" for pair in _pairs(inputs))
    return {"similarity": Drawing(similarity(names, values), f"Linear CKA of {listing(names)}: {text}")}


def context(inputs: Inputs) -> dict[str, Any]:
    """The table of pairs, and which of them are two trainings of one model."""
    pairs = _pairs(inputs)
    return {
        "similarity_heads": [head for head, _ in MEASURES.values()],
        "similarity_pairs": [
            (pair, [_cell(pair.get(name), digits) for name, (_, digits) in MEASURES.items()]) for pair in pairs
        ],
        "similarity_seeds": [pair for pair in pairs if pair["seed_alone"]],
        "similarity_images": inputs.similarity["images"],
    }


def _pairs(inputs: Inputs) -> list[dict[str, Any]]:
    return list(inputs.similarity["pairs"])


def _cell(measure: dict[str, float | None] | None, digits: int) -> Cell:
    if measure is None or measure["value"] is None:
        return Cell(None, MISSING, "", "")
    low, high = fixed(measure["low"], digits), fixed(measure["high"], digits)
    return Cell(measure["value"], fixed(measure["value"], digits), f"{low} to {high}", fixed(measure["null"], digits))
