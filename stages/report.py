"""Draw all figures, and put them with the table of all models into one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.config.models import Models
from zpoints.config.samplers import Sampling


def report(
    comparison: Annotated[Path, typer.Option(help="folder of the comparison")] = Path("data/comparison"),
    measurements: Annotated[Path, typer.Option(help="folder of the measurements")] = Path("data/measurements"),
    samples: Annotated[Path, typer.Option(help="folder of the decoded images")] = Path("data/samples"),
    similarity: Annotated[Path, typer.Option(help="folder of the similarities")] = Path("data/similarity"),
    models: Annotated[Path, typer.Option(help="folder of the trained models")] = Path("data/models"),
    edits: Annotated[Path, typer.Option(help="folder of the edited faces")] = Path("data/edits"),
    paths: Annotated[Path, typer.Option(help="folder of the pictures along paths")] = Path("data/paths"),
    evaluation: Annotated[Path, typer.Option(help="folder of the best and worst faces")] = Path("data/evaluation"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Draw the figures into data/figures, and write the page data/report/index.html, which holds them all."""
    loaded = parameters(params, set_param, out)

    from zpoints.artifacts import whole_folder
    from zpoints.report.inputs import Folders, read_inputs
    from zpoints.report.page import render
    from zpoints.report.plates import draw
    from zpoints.latents.samplers import samplers

    folders = Folders(comparison, measurements, samples, similarity, models, edits, paths, evaluation)
    inputs = read_inputs(loaded[Models], samplers(loaded[Sampling]), folders)
    figures = out / "figures" if out else Path("data/figures")
    page = out / "report" if out else Path("data/report")
    with whole_folder(figures, "report") as drawn, whole_folder(page, "report") as folder:
        (folder / "index.html").write_text(render(inputs, draw(inputs, drawn)), encoding="utf-8")


if __name__ == "__main__":
    run(report)
