"""How far from the origin the z-points lie."""

from collections.abc import Mapping
from typing import Any

from zpoints.analyses.radius.figures import radius
from zpoints.report import facts
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import fixed
from zpoints.report.numbers import listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """A histogram for each model."""
    notes = {name: _note(row) for name, row in inputs.rows.items()}
    figure = radius(inputs.curves["radius"], notes, tints)
    text = listing([f"{name}: {note}" for name, note in notes.items()])
    return {
        "radius": Drawing(figure, f"Histograms of the radius of the z-points beside N(0, I) and a Gaussian. {text}")
    }


def context(inputs: Inputs) -> dict[str, Any]:
    """The mean radius of N(0, I) for each z_dim in use."""
    latent = sorted({row["z_dim"] for row in inputs.rows.values()})
    return {"radius_of": {z_dim: facts.expected_radius("normal", z_dim)[0] for z_dim in latent}}  # type: ignore[index]


def _note(row: Mapping[str, float]) -> str:
    return f"peak {fixed(row.get('radius_peak'), 2)}, mean {fixed(row.get('radius_mean'), 2)}"
