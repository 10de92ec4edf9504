"""What the stages of one model share: its name on the command line, and its entry in params.yaml."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from zpoints.config.models import AutoencoderEntry, ExternalEntry, Models
from zpoints.config.reader import Params
from zpoints.errors import UserError

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="a name from `models` in params.yaml")]
ShardsFolder = Annotated[Path, typer.Option("--shards", help="the prepared images")]
ModelFolder = Annotated[
    Path | None, typer.Option("--trained", help="the trained model  [default: data/models/MODEL]", metavar="PATH")
]
LatentsFolder = Annotated[
    Path | None, typer.Option("--latents", help="the z-points  [default: data/latents/MODEL]", metavar="PATH")
]


class Align(StrEnum):
    """What `edit` and `morph` do with a photograph's face before they crop it."""

    auto = "auto"
    none = "none"


def model_entry(params: Params, name: str) -> AutoencoderEntry | ExternalEntry:
    """The entry of the model `name`."""
    refuse_unknown(params, name)
    return params[Models][name]


def decoding_entries(params: Params) -> dict[str, AutoencoderEntry | ExternalEntry]:
    """The entries of all models that have a decoder: not every external one has."""
    entries = params[Models].root.items()
    return {name: entry for name, entry in entries if not isinstance(entry, ExternalEntry) or entry.decoder is not None}


def expect_encoder(params: Params, name: str) -> None:
    """Raise UserError where params.yaml has no model of this name, or an external one."""
    if isinstance(model_entry(params, name), ExternalEntry):
        raise UserError(f"MODEL: expected a model with an encoder, received {name}, an external one")


def refuse_unknown(params: Params, name: str) -> None:
    """Raise UserError where params.yaml has no model of this name."""
    models = params[Models]
    if name not in models.root:
        raise UserError(f"MODEL: expected one of {', '.join(models)}, received {name}")
