"""Put all models side by side: one table, and the curves of all of them together."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.config.models import Models


def compare(
    models: Annotated[Path, typer.Option(help="folder of the trained models")] = Path("data/models"),
    measurements: Annotated[Path, typer.Option(help="folder of the measurements")] = Path("data/measurements"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write models.json and models.csv (the table), and a file for each kind of curve, into data/comparison.

    maps.json holds the t-SNE maps of all pairs of models against each other.
    """
    from zpoints.comparison.maps import pairs
    from zpoints.comparison.table import columns_of
    from zpoints.comparison.table import curves
    from zpoints.comparison.table import table
    from zpoints.comparison.topics import TOPICS
    from zpoints.artifacts import whole_folder
    from zpoints.artifacts import write_csv
    from zpoints.artifacts import write_json

    entries = parameters(params, set_param, out)[Models]
    rows = table(entries, measurements, TOPICS)
    maps = pairs(entries, measurements)
    folders = {"models": models, "measurements": measurements}
    with whole_folder(out or Path("data/comparison"), "compare") as folder:
        write_json(folder / "models.json", rows)
        write_json(folder / "maps.json", {"pairs": maps})
        lines = [{"model": name, **row} for name, row in rows.items()]
        write_csv(folder / "models.csv", lines, columns_of(lines))
        for curve in (curve for topic in TOPICS for curve in topic.curves):
            content = curves(entries, folders[curve.folder], curve)
            write_csv(folder / f"{curve.name}.csv", content, columns_of(content) or ["model", *curve.columns])


if __name__ == "__main__":
    run(compare)
