"""Gather what was measured of all models: one table, one CSV file for each kind of table, a few headline metrics."""

from pathlib import Path
from typing import Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run


def compare(
    measurements: Annotated[Path, typer.Option(help="holds each model's measurements")] = Path("data/measurements"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Write models.json, models.csv and ANALYSIS/TABLE.csv into data/comparison, and data/metrics/MODEL.json for DVC.

    Example: python -m stages.compare --out /tmp/comparison
    """
    loaded = parameters(params, set_param, out)

    from zpoints.artifacts import refuse_foreign, whole_folder
    from zpoints.report.comparison import write_comparison, write_metrics
    from zpoints.report.results import Run

    comparison = out / "comparison" if out else Path("data/comparison")
    metrics = out / "metrics" if out else Path("data/metrics")
    refuse_foreign(comparison, "compare")
    found = Run(loaded, measurements)
    with whole_folder(comparison, "compare") as table:
        write_comparison(found, table)
    write_metrics(found, metrics)


if __name__ == "__main__":
    run(compare)
