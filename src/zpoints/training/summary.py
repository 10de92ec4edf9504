"""What one training run comes to, as a metric: parameter counts, and the loss of the last epoch beside its floor."""

from collections.abc import Sequence
from typing import Any

from zpoints.autoencoder.model import Autoencoder


def summary(model: Autoencoder, history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Parameters per part, and of the last epoch the terms of the loss, training and held out.

    `reco_above_floor` is reco minus the entropy of the images (bce alone): the part that a decoder could avoid.
    """
    last = dict(history[-1])
    parts = {part.name: part.count_params() for part in (model.encoder, model.decoder)}
    result: dict[str, Any] = {"epochs": last.pop("epoch"), "parameters": {**parts, "total": sum(parts.values())}}
    held_out = {name.removeprefix("val_"): last.pop(name) for name in list(last) if name.startswith("val_")}
    for terms in (last, held_out):
        if "floor" in terms:
            terms["reco_above_floor"] = terms["reco"] - terms["floor"]
        terms["reco_per_pixel"] = terms["reco"] / model.size**2
    return result | {"train": last, "held_out": held_out}
