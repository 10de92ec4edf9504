"""The results of one training run: its numbers (parameter counts, losses beside their floors) and its tables."""

from collections.abc import Sequence
from typing import Any

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.models.autoencoder import Autoencoder
from zpoints.models.networks import parameter_table

# Columns of the history that are measured on held-out images and are not called val_.
PROBED = ("radius_mean", "radius_max", "logvar_mean", "active_units")


def beta(spec: AutoencoderEntry) -> float | None:
    """The weight of the KL divergence in the units of other repositories; None for a plain AE.

    Our losses average over the three channels. With bce, 3 * total = BCE + 3 * fact * KL, where BCE is summed over
    pixels and channels: the negative Bernoulli ELBO with beta = 3 * fact (Higgins et al. 2017). With mse,
    1.5 * total = 0.5 * SSE + 1.5 * fact * KL, that of a Gaussian decoder of unit variance with beta = 1.5 * fact.
    """
    if not isinstance(spec, VariationalEntry):
        return None
    return (3.0 if spec.loss == "bce" else 1.5) * spec.fact


def beta_line(spec: AutoencoderEntry) -> str | None:
    """`fact` and beta in one line, for the start of a training; None for a plain AE."""
    if not isinstance(spec, VariationalEntry):
        return None
    loss = "BCE + beta * KL (Bernoulli ELBO)" if spec.loss == "bce" else "0.5 * SSE + beta * KL"
    rise = f", reached over {spec.fact_warmup_epochs:g} epochs" if spec.fact_warmup_epochs else ""
    return f"fact = {spec.fact:g}{rise}: beta = {beta(spec):g} of {loss}, summed over pixels and channels"


def summary(model: Autoencoder, history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Parameters per part, beta of a VAE, and of the last epoch what was measured, training and held out.

    `reco_above_floor` is reco minus the entropy of the images (bce alone): the part that a decoder could avoid.
    Radius, logvar and active units are those of the held-out probe.
    """
    last = dict(history[-1])
    parts = {part.name: part.count_params() for part in (model.encoder, model.decoder)}
    result: dict[str, Any] = {
        "epochs": last.pop("epoch"),
        "precision": model.precision,
        "parameters": {**parts, "total": sum(parts.values())},
    }
    if (weight := beta(model.spec)) is not None:
        result["beta"] = weight
    held_out = {name.removeprefix("val_"): last.pop(name) for name in list(last) if name.startswith("val_")}
    held_out |= {name: last.pop(name) for name in PROBED if name in last}
    for terms in (last, held_out):
        if "floor" in terms:
            terms["reco_above_floor"] = terms["reco"] - terms["floor"]
        terms["reco_per_pixel"] = terms["reco"] / model.size**2
    return result | {"train": last, "held_out": held_out}


def tables(
    model: Autoencoder, history: Sequence[dict[str, Any]], speed: Sequence[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Rows by table: `history` (zpoints.training.history), `parameters` of each layer, and `speed` of each epoch."""
    return {
        "history": list(history),
        "parameters": parameter_table([model.encoder, model.decoder]),
        "speed": list(speed),
    }
