"""Write the explorer: a page that opens from disk and decodes z-points of all models in the browser."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from stages._blas import numbers_in, one_thread_for_few
from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ShardsFolder, decoding_entries
from stages._tensorflow import start_tensorflow
from zpoints.config.explorer import Explorer
from zpoints.config.images import Images
from zpoints.config.samplers import Samplers
from zpoints.errors import UserError


def explore(
    shards: ShardsFolder = Path("data/shards"),
    latents: Annotated[Path, typer.Option(help="holds each model's z-points")] = Path("data/latents"),
    trained: Annotated[Path, typer.Option(help="holds the trained models")] = Path("data/models"),
    gathered: Annotated[Path, typer.Option(help="what gather wrote")] = Path("data/gathered"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
    show: Annotated[bool, typer.Option("--open", help="open the page that is there in a browser; write none")] = False,
) -> None:
    """Write data/explorer, whose index.html to open, and a picture of it. It needs the extra `explorer`.

    Example: python -m stages.explore --out /tmp/explorer -S explorer.bits=16
    """
    page = out or Path("data/explorer")
    if show:
        open_page(page / "index.html")
        return
    loaded = parameters(params, set_param, out, "explore")

    from zpoints.explorer.export import refuse_missing_extra

    refuse_missing_extra()
    one_thread_for_few(numbers_in(latents))
    start_tensorflow()
    from zpoints.artifacts import whole_file, whole_folder
    from zpoints.explorer.page import write_explorer
    from zpoints.explorer.picture import write_picture
    from zpoints.shards.store import Shards

    entries = decoding_entries(loaded)
    images, config, samplers = Shards.open(shards), loaded[Explorer], loaded[Samplers]
    with whole_folder(page, "explore") as folder:
        crop = loaded[Images].crop
        print(write_explorer(folder, entries, images, latents, trained, gathered, config, samplers, crop))
    with whole_file(page.with_name(f"{page.name}.png")) as picture:
        if entries:
            write_picture(picture, *next(iter(entries.items())), images.size, latents, trained, gathered)
        else:
            picture.touch()


def open_page(index: Path) -> None:
    """Open it in the browser. Raises UserError where there is no such page, or no browser."""
    if not index.is_file():
        raise UserError(f"{index}: expected the explorer's page, received no such file; run `dvc repro explore`")
    if not webbrowser.open(index.resolve().as_uri()):
        raise UserError(f"browser: expected one that Python finds, received none; open {index} by hand")


if __name__ == "__main__":
    run(explore)
