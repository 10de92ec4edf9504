"""Turn one face into another through the latent space of one model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run
from stages._model import Align, LatentsFolder, ModelFolder, ModelName, expect_encoder
from stages._tensorflow import start_tensorflow
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.reader import read


def morph(
    model: ModelName,
    start: Annotated[Path, typer.Option("--from", help="a JPEG, PNG or WebP file")],
    end: Annotated[Path, typer.Option("--to", help="another one")],
    out: Annotated[Path, typer.Option(help=".png: a strip; .webp or .gif: an animation, forwards and back")],
    steps: Annotated[int, typer.Option(min=2, max=1000, help="number of images, both ends included")] = 12,
    way: Annotated[str, typer.Option(help="linear; spherical: an arc about the mean of the z-points")] = "linear",
    milliseconds: Annotated[int, typer.Option(min=20, max=10_000, help="of each image of an animation")] = 100,
    zoom: Annotated[int, typer.Option(min=1, max=16, help="each pixel becomes ZOOM x ZOOM")] = 1,
    align: Annotated[
        Align, typer.Option(help="auto: with CelebA, the face is found and its eyes are placed as CelebA's")
    ] = Align.auto,
    trained: ModelFolder = None,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Decode z-points on the way from one photograph's to another's.

    An image of the training images' size is cropped as they were, any other in its middle, in the same proportions.

    Example: python -m stages.morph vae --from a.jpg --to b.jpg --steps 12 --out morph.gif
    """
    loaded = read(params)
    expect_encoder(loaded, model)
    images, source = loaded[Images], loaded[Data].source

    import numpy as np

    from zpoints.errors import UserError, printable
    from zpoints.interactive.image_files import ANIMATIONS, check_out, write_animation, write_sheet
    from zpoints.interactive.photograph import read_input
    from zpoints.latents.traversals import WAYS

    check_out(out, (".png", *ANIMATIONS), [start, end])
    if way not in WAYS:
        raise UserError(f"--way: expected one of {', '.join(WAYS)}, received {way}")

    start_tensorflow()
    from zpoints.latents.cloud import Cloud
    from zpoints.latents.trained import Trained

    lab = Trained.open(model, trained or Path("data/models", model))
    ends = []
    for path in (start, end):
        pixels, remark = read_input(path, images.crop, lab.size, images.filter, source, align is Align.auto)
        ends.append(pixels)
        if remark:
            print(printable(f"warning: {path}: {remark}"), file=sys.stderr)
    first, last = lab.encode(np.stack(ends))
    centre = np.zeros(len(first))
    if way == "spherical":
        points = lab.latents(latents or Path("data/latents", model))
        centre = Cloud(points.mu, points.rows("train")).moments.mean
    decoded = lab.decode(WAYS[way](first, last, steps, centre))
    if out.suffix.lower() == ".png":
        print(write_sheet(out, decoded, steps, zoom))
    else:
        print(write_animation(out, decoded, milliseconds, zoom))


if __name__ == "__main__":
    run(morph)
