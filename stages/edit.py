"""Add attributes to the face in a picture of yours, or take them away."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, ParamsFile, run
from stages._model import ModelFolder, ModelName, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.reader import read


def edit(
    model: ModelName,
    image: Annotated[Path, typer.Option(help="a JPEG, PNG or WebP file")],
    add: Annotated[list[str], typer.Option(metavar="NAME=AMOUNT", help="Smiling=2, Male=-1; may be given again")],
    out: Annotated[Path, typer.Option(help="the strip, .png or .webp: the picture, its reconstruction, the edit")],
    by: Annotated[
        str, typer.Option(help="mean_difference: from the mean without to the mean with; normal: of a probe")
    ] = ("mean_difference"),
    zoom: Annotated[int, typer.Option(min=1, max=16, help="each pixel becomes so many across")] = 2,
    trained: ModelFolder = None,
    directions: Annotated[
        Path | None, typer.Option(help="of the attributes  [default: data/attributes/MODEL]", metavar="PATH")
    ] = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Write the picture as the model gets it, its reconstruction, and the reconstruction with attributes added.

    An amount of 1 is as far as the mean of the faces with the attribute lies from that of those without.
    A picture of the training images' size is cropped as they were, any other in its middle, in the same proportions.
    """
    loaded = read(params)
    refuse_unknown(loaded, model)
    images, source = loaded[Images], loaded[Data].source

    import numpy as np

    from zpoints.interactive.amounts import parse
    from zpoints.interactive.image_files import SHEETS, refuse_suffix, write_sheet
    from zpoints.interactive.photograph import read_photograph

    refuse_suffix(out, SHEETS)
    amounts = parse(add)

    start_tensorflow()
    from zpoints.latents.arithmetic import step
    from zpoints.latents.trained import Trained

    lab = Trained.open(model, trained or Path("data/models", model))
    found = lab.directions(directions or Path("data/attributes", model))
    steps = [amount * step(found, name, by) for name, amount in amounts]
    original = read_photograph(image, images.crop, lab.model.size, images.filter, source)
    mu = lab.encode(original[None])
    edited = mu + np.sum(steps, axis=0, dtype=np.float64)
    decoded = lab.decode(np.concatenate([mu, edited]).astype(np.float32))
    write_sheet(out, np.concatenate([original[None], decoded]), 3, zoom)


if __name__ == "__main__":
    run(edit)
