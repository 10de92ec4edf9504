"""Copy what the explorer shows of the measurements, so that any other measurement leaves its page as it is."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.config.models import Models

SHOWN = ("attributes", "clusters", "tsne")


def gather(
    measurements: Annotated[Path, typer.Option(help="holds each model's measurements")] = Path("data/measurements"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Copy each model's directions, clusters and maps, where they were measured, into data/gathered.

    Example: python -m stages.gather --out /tmp/gathered
    """
    loaded = parameters(params, set_param, out, "gather")

    from zpoints.artifacts import whole_folder

    with whole_folder(out or Path("data/gathered"), "gather") as folder:
        for name in loaded[Models]:
            for analysis in SHOWN:
                if (measurements / name / analysis).exists():
                    shutil.copytree(measurements / name / analysis, folder / name / analysis)


if __name__ == "__main__":
    run(gather)
