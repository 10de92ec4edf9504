"""How noisy the z-points of VAEs are."""

from zpoints.figures.logvar import logvar
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import fixed, listing


def title(inputs: Inputs) -> str:
    """In the singular for one VAE."""
    return f"Noise of the VAE{'s' if len(vaes(inputs)) > 1 else ''}"


def vaes(inputs: Inputs) -> list[str]:
    """Names of the VAEs."""
    return [name for name, row in inputs.rows.items() if row["kind"] == "vae"]


def shown(inputs: Inputs) -> bool:
    """Whether there is any VAE."""
    return bool(vaes(inputs))


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """A histogram of logvar for each VAE."""
    notes = {name: f"mean {fixed(inputs.rows[name].get('logvar_mean'), 2)}" for name in vaes(inputs)}
    figure = logvar(inputs.curves["logvar"], notes, tints)
    return {"logvar": Drawing(figure, f"Histograms of logvar of {listing(list(notes))}")}
