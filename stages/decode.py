"""Decode z-points of one sampler with one model into a sheet of pictures."""

import math
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run
from stages._model import LatentsFolder, ModelFolder, ModelName, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.config.reader import read
from zpoints.config.samplers import Sampling


def decode(
    model: ModelName,
    sampler: Annotated[str, typer.Option(help="normal, gaussian, bootstrap, uniform_2 ...: as params.yaml has them")],
    out: Annotated[Path, typer.Option(help="the sheet, .png or .webp")],
    n: Annotated[int, typer.Option("--n", min=1, max=10_000, help="pictures")] = 64,
    seed: Annotated[int | None, typer.Option(min=0, help="of the draw  [default: sampling.seed]")] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="pictures in a row  [default: as many as rows]")] = None,
    zoom: Annotated[int, typer.Option(min=1, max=16, help="each pixel becomes so many across")] = 1,
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Decode z-points of one sampler into a sheet of pictures. The same seed draws the same points for every model."""
    loaded = read(params)
    refuse_unknown(loaded, model)
    block = loaded[Sampling]

    from zpoints.errors import UserError
    from zpoints.interactive.image_files import SHEETS, refuse_suffix, write_sheet
    from zpoints.latents.samplers import samplers

    refuse_suffix(out, SHEETS)
    known = samplers(block)
    if sampler not in known:
        raise UserError(f"--sampler: expected one of {', '.join(known)}, received {sampler}")

    start_tensorflow()
    from zpoints.latents.cloud import Cloud
    from zpoints.latents.trained import Trained

    lab = Trained.open(model, trained or Path("data/models", model))
    points = lab.latents(latents or Path("data/latents", model))
    z = known[sampler](Cloud(points.mu, points.rows("train")), n, block.seed if seed is None else seed)
    write_sheet(out, lab.decode(z), columns or math.ceil(math.sqrt(n)), zoom)


if __name__ == "__main__":
    run(decode)
