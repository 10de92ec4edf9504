"""Whether the noise of VAEs follows from the curvature of their loss."""

from zpoints.analyses.curvature.figures import curvature
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs


def lawful(inputs: Inputs) -> list[str]:
    """Names of the VAEs that have a law to follow: a fact above 0, and an active axis."""
    curves = inputs.curves.get("curvature", {})
    return [name for name, row in inputs.rows.items() if "logvar_law" in row and name in curves]


def shown(inputs: Inputs) -> bool:
    """Whether there is any such VAE."""
    return bool(lawful(inputs))


def context(inputs: Inputs) -> dict[str, list[str]]:
    """Their names, for the template."""
    return {"lawful": lawful(inputs)}


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Measured against predicted logvar, an axis a point."""
    names = lawful(inputs)
    figure = curvature({name: inputs.curves["curvature"][name] for name in names}, tints)
    return {
        "curvature": Drawing(
            figure,
            f"Mean logvar of each axis against the law of curvature. {told(inputs, 'law_correlation', 'Correlation')}",
        )
    }
