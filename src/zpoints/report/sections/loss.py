"""Losses over the epochs."""

from typing import Any

from zpoints.analyses.training.figures import losses
from zpoints.report import facts
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Training and held-out losses of all models."""
    figure = losses(inputs.curves["history"], tints)
    return {
        "losses": Drawing(
            figure, f"Loss over the epochs. After the last {told(inputs, 'held_out_reco', 'held-out reco')}"
        )
    }


def context(inputs: Inputs) -> dict[str, Any]:
    """The models trained with cross-entropy, and the floor of their loss."""
    return {
        "bce": [name for name, curve in inputs.curves["history"].items() if "floor" in curve],
        "floors": facts.floors(inputs),
    }
