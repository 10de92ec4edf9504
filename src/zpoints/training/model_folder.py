"""A trained model as a folder: what it is (model.json), its weights, its history and its table of parameters."""

import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from zpoints.models.autoencoder import Autoencoder, build
from zpoints.errors import UserError
from zpoints.models.networks import parameter_table
from zpoints.artifacts import write_csv
from zpoints.config.models import AutoencoderEntry, Entry
from zpoints.config.training import BESIDE_THE_WEIGHTS, Training

FORMAT = 1
PARTS = ("encoder", "decoder")


def save(
    folder: Path,
    model: Autoencoder,
    training: Training,
    history: Sequence[dict[str, Any]],
    branch: dict[str, Any] | None = None,
) -> None:
    """Write the model into an existing empty folder; `branch` says where it began, if it did not begin at nothing.

    The same weights give the same bytes.
    """
    description = {
        "format": FORMAT,
        "size": model.size,
        "model": model.spec.own(),
        "training": training.model_dump(mode="json"),
    }
    if branch:
        description["branch"] = branch
    (folder / "model.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    for part in PARTS:
        getattr(model, part).save_weights(folder / f"{part}.weights.h5")
    write_csv(folder / "history.csv", history)
    write_csv(folder / "parameters.csv", parameter_table([model.encoder, model.decoder]))


def load(folder: Path) -> Autoencoder:
    """The trained model with its weights. Raises UserError for a missing, damaged or foreign folder."""
    description = describe(folder)
    spec: AutoencoderEntry = TypeAdapter(Entry).validate_json(json.dumps(description["model"]))
    model = build(spec, description["size"], description["training"]["seed"])
    for part in PARTS:
        weights = folder / f"{part}.weights.h5"
        try:
            with warnings.catch_warnings():
                # Keras only warns where it leaves a layer with its initial weights.
                warnings.simplefilter("error", UserWarning)
                getattr(model, part).load_weights(weights)
        except (OSError, ValueError, KeyError, UserWarning) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"{weights}: expected the weights that model.json describes, received: {reason}") from None
    return model


def describe(folder: Path) -> dict[str, Any]:
    """model.json: `size`, `model`, `training`, maybe `branch`. Raises UserError where it is missing or broken."""
    path = folder / "model.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        TypeAdapter(Entry).validate_json(json.dumps(description["model"]))
        Training.model_validate_json(json.dumps(description["training"]))
        known = description["format"] == FORMAT and isinstance(description["size"], int)
    except OSError:
        raise UserError(f"{path}: expected a trained model, received no such file; run its train stage first") from None
    except (ValueError, KeyError, TypeError, ValidationError):
        known = False
    if not known:
        raise UserError(f"{path}: expected the description of a model in format {FORMAT}, received something else")
    return description


def refuse_other_params(folder: Path, name: str, spec: AutoencoderEntry, training: Training) -> None:
    """Raise UserError where the model in `folder` was trained with other params than these."""
    was = describe(folder)
    for block, now in (("model", spec.own()), ("training", training.outcome())):
        for key in sorted((now.keys() | was[block].keys()) - BESIDE_THE_WEIGHTS):
            if now.get(key) != was[block].get(key):
                raise UserError(
                    f"{folder}: expected a model trained with {key} = {now.get(key)} (params for {name}), "
                    f"received one trained with {was[block].get(key)}; run `dvc repro train@{name}`"
                )


def fingerprint(folder: Path) -> str:
    """A digest of the model's description and weights, by which latents and samples know their model."""
    digest = hashlib.sha256()
    for name in ("model.json", *(f"{part}.weights.h5" for part in PARTS)):
        try:
            digest.update((folder / name).read_bytes())
        except OSError:
            raise UserError(f"{folder / name}: expected a part of a trained model, received no such file") from None
    return digest.hexdigest()
