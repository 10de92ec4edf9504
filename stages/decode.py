"""Decode z-points of one sampler with one model into a sheet of images."""

import math
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run
from stages._model import LatentsFolder, ModelFolder, ModelName, model_entry
from stages._tensorflow import start_tensorflow
from zpoints.config.images import Images
from zpoints.config.reader import read
from zpoints.config.samplers import Samplers


def decode(
    model: ModelName,
    sampler: Annotated[str, typer.Option(help="normal, gaussian, bootstrap, uniform_2 ...: as in params.yaml")],
    out: Annotated[Path, typer.Option(help="the sheet, .png or .webp")],
    n: Annotated[int, typer.Option("--n", min=1, max=10_000, help="number of images")] = 64,
    seed: Annotated[int | None, typer.Option(min=0, help="of the draw  [default: that of params.yaml]")] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="images in a row  [default: a square sheet]")] = None,
    zoom: Annotated[int, typer.Option(min=1, max=16, help="each pixel becomes ZOOM x ZOOM")] = 1,
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Decode z-points of one sampler into a sheet of images. The same seed draws the same points for every model.

    Example: python -m stages.decode vae --sampler gaussian --n 64 --seed 3 --out faces.png
    """
    loaded = read(params)
    entry = model_entry(loaded, model)
    block = loaded[Samplers]

    from zpoints.errors import UserError
    from zpoints.interactive.image_files import SHEETS, check_out, check_size, sheet_size, write_sheet
    from zpoints.latents.samplers import samplers

    check_out(out, SHEETS)
    known = samplers(block)
    if sampler not in known:
        raise UserError(f"--sampler: expected one of {', '.join(known)}, received {sampler}")

    start_tensorflow()
    from zpoints.latents.cloud import Cloud
    from zpoints.latents.external_decoder import open_decoding

    lab = open_decoding(model, entry, trained or Path("data/models", model), loaded[Images].size)
    columns = columns or math.ceil(math.sqrt(n))
    check_size(out, *sheet_size(n, lab.size, columns, zoom))  # before anything large is decoded
    points = lab.latents(latents or Path("data/latents", model))
    z = known[sampler](Cloud(points.mu, points.rows("train")), n, block.seed if seed is None else seed)
    print(write_sheet(out, lab.decode(z), columns, zoom))


if __name__ == "__main__":
    run(decode)
