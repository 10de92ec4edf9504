"""Put all models side by side: one table, and the curves of all of them together."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.params.models import Models


def compare(
    models: Annotated[Path, typer.Option(help="folder of the trained models")] = Path("data/models"),
    measurements: Annotated[Path, typer.Option(help="folder of the measurements")] = Path("data/measurements"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write models.json and models.csv (the table), and a file for each kind of curve, into data/comparison."""
    from zpoints.analysis.comparison import curves, table
    from zpoints.outs import whole_folder, write_csv, write_json

    entries = parameters(params, set_param, out)[Models]
    rows = table(entries, measurements)
    measured = ("radius", "logvar", "components_histogram", "pca", "scores")
    sources = {"history": models, **dict.fromkeys(measured, measurements)}
    with whole_folder(out or Path("data/comparison")) as folder:
        write_json(folder / "models.json", rows)
        columns = dict.fromkeys(column for row in rows.values() for column in row)
        write_csv(folder / "models.csv", [{"model": name, **row} for name, row in rows.items()], ["model", *columns])
        for file, source in sources.items():
            content = curves(entries, source, f"{file}.csv")
            columns = dict.fromkeys(column for row in content for column in row)
            write_csv(folder / f"{file}.csv", content, list(columns) or ["model", file])


if __name__ == "__main__":
    run(compare)
