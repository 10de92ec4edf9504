"""Layers and parameters."""

from typing import Any

from zpoints.report import facts
from zpoints.report.inputs import Inputs


def context(inputs: Inputs) -> dict[str, Any]:
    """The layers of each model, and the parameters of its parts."""
    totals = {name: facts.part_totals(lines) for name, lines in inputs.layers.items()}
    return {"layers": inputs.layers, "totals": totals}
