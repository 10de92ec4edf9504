"""How noisy the z-points of VAEs are."""

from zpoints.analyses.posterior.figures import logvar
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.figures.scree import Panel, ranked
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import fixed, listing, significant


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
    """A histogram of logvar for each VAE, and what each of its axes weighs."""
    notes = {name: f"mean {fixed(inputs.rows[name].get('logvar_mean'), 2)}" for name in vaes(inputs)}
    axes = inputs.curves["noise"]
    balance, kl = ({name: columns[key] for name, columns in axes.items()} for key in ("balance", "kl"))
    panels = [Panel("E[mu²] + E[sigma²]", balance, level=1.0), Panel("kl of an axis, nats", kl)]
    ends = [f"{name} {significant(own.min(), 2)} to {significant(own.max(), 2)}" for name, own in balance.items()]
    alt = "Balance and KL divergence of each axis of each VAE, in descending order. Balance: "
    means = told(inputs, "logvar_mean", "Means:")
    return {
        "logvar": Drawing(logvar(inputs.curves["logvar"], notes, tints), f"Histograms of logvar. {means}"),
        "balance": Drawing(ranked(panels, "", tints), alt + listing(ends)),
    }
