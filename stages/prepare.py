"""Crop and resize the images, join their labels, and write them as .npy shards into data/shards."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.config.images import Images
from zpoints.config.split import Split


def prepare(
    raw: Annotated[Path, typer.Option(help="folder with the archive and the label files")] = Path("data/raw"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Crop and resize the images, join their labels, and write .npy shards.

    Example: python -m stages.prepare --out /tmp/shards -S images.size=32
    """
    from zpoints.artifacts import whole_folder, write_json
    from zpoints.shards.build import build_shards, describe

    loaded = parameters(params, set_param, out, "prepare")
    with whole_folder(out or Path("data/shards"), "prepare") as folder:
        metrics = build_shards(raw, folder, loaded[Images], loaded[Split])
        write_json(folder / "prepare.json" if out else Path("data/measurements/prepare.json"), metrics)
    print(f"prepare: {describe(metrics)}")

    from zpoints.analyses.feasibility import shortages
    from zpoints.shards.store import Shards

    for line in shortages(loaded, Shards.open(out or Path("data/shards"))):
        print(f"prepare: {line}")


if __name__ == "__main__":
    run(prepare)
