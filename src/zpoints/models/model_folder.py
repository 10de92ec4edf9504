"""A trained model as a folder: model.json, which describes it, its weights, and its kept epochs."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from zpoints.config.block import ConfigError, Frozen
from zpoints.config.models import Entry
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.autoencoder import Autoencoder, build
from zpoints.reading import read_json

FORMAT = 2
PARTS = ("encoder", "decoder")
MAX_BYTES = 1 << 20  # of model.json

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Origin(Frozen):
    """Where a branch began: a kept epoch of another run."""

    from_epoch: int = Field(ge=1)
    seed: int = Field(ge=0)
    fingerprint: Digest


class Weights(Frozen):
    """SHA-256 of the files of weights."""

    encoder: Digest
    decoder: Digest


class Description(Frozen):
    """model.json."""

    format: Literal[2]
    size: int = Field(ge=8, le=512)
    model: Entry
    training: Training
    weights: Weights
    branch: Origin | None = None


def save(folder: Path, model: Autoencoder, training: Training, branch: dict[str, Any] | None = None) -> None:
    """Write the model into an existing folder; `branch` says where it began, if it is one.

    The same weights give the same bytes.
    """
    for part in PARTS:
        getattr(model, part).save_weights(folder / f"{part}.weights.h5")
    description = {
        "format": FORMAT,
        "size": model.size,
        "model": model.spec.own(),
        "training": training.outcome(),
        "weights": {part: _digest(folder / f"{part}.weights.h5") for part in PARTS},
    }
    if branch:
        description["branch"] = branch
    (folder / "model.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> Autoencoder:
    """The trained model with its weights. Raises UserError for a missing, damaged or foreign folder."""
    description = describe(folder)
    training = description.training
    model = build(description.model, description.size, training.seed, layers=training.layers)
    for part in PARTS:
        weights = folder / f"{part}.weights.h5"
        # HDF5's own reader may hang or crash on a damaged file, so it is given none.
        if _digest(weights) != getattr(description.weights, part):
            raise UserError(f"{weights}: expected the weights that model.json describes, received other bytes")
        try:
            with warnings.catch_warnings():
                # Keras only warns where it leaves a layer with its initial weights.
                warnings.simplefilter("error", UserWarning)
                getattr(model, part).load_weights(weights)
        except Exception as error:  # whatever Keras or HDF5 raise for the file of another network
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise UserError(f"{weights}: expected the weights that model.json describes, received: {reason}") from None
    return model


def describe(folder: Path) -> Description:
    """model.json. Raises UserError where it is missing or broken, or describes no network that can be built."""
    path = folder / "model.json"
    if not path.exists():
        raise UserError(f"{path}: expected a trained model, received no such file; run its train stage first")
    description = read_json(path, Description, MAX_BYTES)
    for key, block, fields in (
        ("model", description.model, description.model.own()),
        ("training", description.training, description.training.outcome()),
    ):
        if missing := fields.keys() - block.model_fields_set:
            raise UserError(f"{path}: {key}: expected every key, received none for {', '.join(sorted(missing))}")
    try:
        description.model.check_size(description.size, "model")
    except ConfigError as error:
        raise UserError(f"{path}: {error.key}: expected {error.expected}, received {error.received}") from None
    return description


def refuse_other_params(folder: Path, name: str, spec: Any, training: Training) -> None:
    """Raise UserError where the model in `folder` was trained with other params than these."""
    description = describe(folder)
    for now, was in (
        (spec.own(), description.model.own()),
        (training.outcome(), description.training.outcome()),
    ):
        for key in sorted(now.keys() | was.keys()):
            if now.get(key) != was.get(key):
                raise UserError(
                    f"{folder}: expected a model trained with {key} = {now.get(key)} (params for {name}), "
                    f"received one trained with {was.get(key)}; run `dvc repro train@{name}`"
                )


def fingerprint(folder: Path) -> str:
    """SHA-256 of the model's description and weights, by which latents and samples know their model."""
    digest = hashlib.sha256()
    for name in ("model.json", *(f"{part}.weights.h5" for part in PARTS)):
        digest.update(_read(folder / name))
    return digest.hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(_read(path)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UserError(f"{path}: expected a part of a trained model, received no such file") from None
