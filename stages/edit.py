"""Add attributes to the face in a photograph, or subtract them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run
from stages._model import Align, LatentsFolder, ModelFolder, ModelName, ShardsFolder, expect_encoder
from stages._tensorflow import start_tensorflow
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.reader import read


def edit(
    model: ModelName,
    image: Annotated[Path, typer.Option(help="a JPEG, PNG or WebP file")],
    add: Annotated[list[str], typer.Option(metavar="NAME=AMOUNT", help="Smiling=2, Male=-1; may be given again")],
    out: Annotated[Path, typer.Option(help="the strip, .png or .webp: the image, its reconstruction, the edit")],
    direction: Annotated[
        str, typer.Option(help="mean_difference: from the mean without to the mean with; normal: of a linear probe")
    ] = "mean_difference",
    zoom: Annotated[int, typer.Option(min=1, max=16, help="each pixel becomes ZOOM x ZOOM")] = 2,
    align: Annotated[
        Align, typer.Option(help="auto: with CelebA, the face is found and its eyes are placed as CelebA's")
    ] = Align.auto,
    trained: ModelFolder = None,
    directions: Annotated[
        Path | None,
        typer.Option(help="of the attributes  [default: data/measurements/MODEL/attributes]", metavar="PATH"),
    ] = None,
    latents: LatentsFolder = None,
    shards: ShardsFolder = Path("data/shards"),
    params: ParamsFile = PARAMS,
) -> None:
    """Write the image as the model sees it, its reconstruction, and the reconstruction with attributes added.

    An amount of 1 is the distance from the mean of the faces without the attribute to the mean of those with it.
    An image of the training images' size is cropped as they were, any other in its middle, in the same proportions.
    A photograph that is unlike all training images gets a warning, where z-points (and shards) are at hand.

    Example: python -m stages.edit vae --image mine.jpg --add Smiling=2 --add Eyeglasses=-1 --out edited.png
    """
    loaded = read(params)
    expect_encoder(loaded, model)
    images, source = loaded[Images], loaded[Data].source

    import numpy as np

    from zpoints.errors import printable
    from zpoints.interactive.amounts import label, parse
    from zpoints.interactive.image_files import SHEETS, check_out, write_strip
    from zpoints.interactive.photograph import read_input

    check_out(out, SHEETS, [image])
    amounts = parse(add)

    start_tensorflow()
    from zpoints.interactive.novelty import warning
    from zpoints.latents.arithmetic import step
    from zpoints.latents.trained import Trained

    lab = Trained.open(model, trained or Path("data/models", model))
    known = lab.directions(directions or Path("data/measurements", model, "attributes"))
    steps = [amount * step(known, name, direction) for name, amount in amounts]
    original, remark = read_input(image, images.crop, lab.size, images.filter, source, align is Align.auto)
    mu = lab.encode(original[None])
    decoded = lab.decode(np.concatenate([mu, mu + np.sum(steps, axis=0)]).astype(np.float32))
    strip = np.concatenate([original[None], decoded])
    print(write_strip(out, strip, ["original", "reconstruction", label(amounts)], zoom))
    for line in (remark, warning(lab, original, mu[0], latents or Path("data/latents", model), shards)):
        if line:
            print(printable(f"warning: {image}: {line}"), file=sys.stderr)


if __name__ == "__main__":
    run(edit)
