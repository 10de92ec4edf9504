"""Draw all figures, and put them with the table of all models into one HTML page."""

import os
from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import decoding_entries


def report(
    comparison: Annotated[Path, typer.Option(help="what compare wrote")] = Path("data/comparison"),
    measurements: Annotated[Path, typer.Option(help="holds each model's measurements")] = Path("data/measurements"),
    explorer: Annotated[Path, typer.Option(help="what explore wrote, for a link")] = Path("data/explorer"),
    replicates: Annotated[Path, typer.Option(help="what replicates wrote, for a link")] = Path("data/replicates"),
    claims: Annotated[Path, typer.Option(help="what claims wrote, for the ledger")] = Path("data/claims"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Draw the figures into data/figures, and write the page data/report/index.html, which holds them all.

    Example: python -m stages.report --out /tmp/report
    """
    loaded = parameters(params, set_param, out)

    from zpoints.artifacts import refuse_foreign, whole_folder
    from zpoints.reading import read_json
    from zpoints.report.ledger import read_ledger
    from zpoints.report.page import Prepared, write_report
    from zpoints.report.results import Run

    figures = out / "figures" if out else Path("data/figures")
    page = out / "report" if out else Path("data/report")
    for folder in (figures, page):
        refuse_foreign(folder, "report")
    found = Run(loaded, measurements, comparison)
    data = read_json(measurements / "prepare.json", Prepared).model_dump()

    def link(path: Path) -> str:
        return Path(os.path.relpath(path, page)).as_posix()

    beside = link(replicates / "index.html") if (replicates / "index.html").exists() else None
    picture = link(explorer.with_name(f"{explorer.name}.png")) if decoding_entries(loaded) else None
    ledger = read_ledger(claims / "claims.json")
    with whole_folder(figures, "report") as drawn, whole_folder(page, "report") as folder:
        write_report(found, data, drawn, folder, link(explorer / "index.html"), beside, ledger, picture)


if __name__ == "__main__":
    run(report)
