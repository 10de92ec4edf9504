"""The axes of mu, one by one."""

from collections.abc import Mapping

from zpoints.analyses.components.figures import components
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.scree import Panel, ranked
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import count, listing, significant


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Histograms of mu along two axes of each model, and the spectrum of the axes' correlations."""
    notes = {name: _note(row) for name, row in inputs.rows.items()}
    figure = components(inputs.curves["components_histogram"], notes, tints)
    values, null = (
        {name: columns[key] for name, columns in inputs.curves["correlations"].items()}
        for key in ("eigenvalue", "null")
    )
    largest = listing([f"{name} {significant(own.max(), 2)}" for name, own in values.items()])
    return {
        "components": Drawing(
            figure,
            "Histograms of mu along the strongest and a median axis, beside a normal. "
            + listing([f"{name}: {note}" for name, note in notes.items()]),
        ),
        "correlations": Drawing(
            ranked([Panel("eigenvalue", values, null)], "independent axes", tints),
            f"Eigenvalues of the correlation matrix of mu in descending order. Largest: {largest}",
        ),
    }


def _note(row: Mapping[str, float]) -> str:
    return f"{count(row.get('axes_not_normal'))} of {count(row.get('axes_tested'))} axes not normal"
