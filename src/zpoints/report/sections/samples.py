"""Images from random z-points, sampler by sampler."""

from typing import Any

from zpoints.latents.samplers import title
from zpoints.report import facts
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import COLUMNS, blocks
from zpoints.report.inputs import Inputs, of_models
from zpoints.report.numbers import listing

ROWS = 2
FOLDED = 1  # of a sampler that unfolds when asked for


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """A figure for each sampler, samples_SAMPLER, with a block for each model."""
    everyone = listing(list(inputs.rows))
    return {
        f"samples_{sampler}": Drawing(
            blocks(of_models(inputs, sampler), tints, FOLDED if facts.folded(sampler) else ROWS),
            f"Images decoded by {everyone} from {title(sampler)}",
        )
        for sampler in inputs.samplers
    }


def context(inputs: Inputs) -> dict[str, Any]:
    """The samplers with the radii they drew."""
    return {
        "samplings": facts.samplings(inputs),
        "samples_shown": {name: COLUMNS * (FOLDED if facts.folded(name) else ROWS) for name in inputs.samplers},
    }
