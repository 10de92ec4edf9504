"""Held-out images and their reconstructions."""

from typing import Any

from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import COLUMNS, blocks
from zpoints.report.inputs import ORIGINALS, RECONSTRUCTIONS, Inputs, of_models
from zpoints.report.numbers import listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The originals, and a row of each model."""
    originals = next(iter(inputs.pictures.values()))[ORIGINALS]
    pictures = [("original images", originals), *of_models(inputs, RECONSTRUCTIONS)]
    alt = f"Held-out images, and their reconstructions by {listing(list(inputs.rows))}"
    return {"reconstructions": Drawing(blocks(pictures, tints, rows=1), alt)}


def context(inputs: Inputs) -> dict[str, Any]:
    """How many images there are, and how many are shown."""
    available = len(next(iter(inputs.pictures.values()))[RECONSTRUCTIONS])
    return {"reconstructions": available, "reconstructions_shown": COLUMNS}
