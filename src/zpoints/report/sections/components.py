"""The axes of mu, one by one."""

from collections.abc import Mapping

from zpoints.figures.components import components
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import count, listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Histograms of mu along two axes of each model."""
    notes = {name: _note(row) for name, row in inputs.rows.items()}
    figure = components(inputs.curves["components_histogram"], notes, tints)
    return {"components": Drawing(figure, f"Histograms of mu along two axes of {listing(list(inputs.rows))}")}


def _note(row: Mapping[str, float]) -> str:
    return f"{count(row.get('axes_not_normal'))} of {count(row.get('axes_tested'))} axes not normal"
