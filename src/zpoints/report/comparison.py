"""All models side by side, as files: the table, every analysis' tables below one another, and the headline metrics."""

from pathlib import Path

import pandas as pd

from zpoints.analyses import discovery
from zpoints.artifacts import write_csv, write_json
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.report.results import Run, presented

PAIRS = "pairs"  # the folder of what an analysis' pairs.py found between the models


def write_comparison(run: Run, folder: Path) -> None:
    """Write the table and the gathered tables into the existing `folder`.

    models.json: a mapping of numbers for each model. models.csv: the same, a line for each model.
    ANALYSIS/TABLE.csv: the table of all models, with the model's name in front.
    ANALYSIS/pairs/: the measurement of an analysis' pairs.py.
    """
    rows = run.rows()
    write_json(folder / "models.json", rows)
    lines = [{"model": model, **row} for model, row in rows.items()]
    write_csv(folder / "models.csv", lines, list(dict.fromkeys(column for line in lines for column in line)))
    for name in run.analyses:
        found = run.measurements(name)
        for table in dict.fromkeys(table for measurement in found.values() for table in measurement.tables):
            frames = {model: found[model].tables[table] for model in found if table in found[model].tables}
            gathered = pd.concat(
                [frame.assign(model=model) for model, frame in frames.items() if len(frame)] or [pd.DataFrame()]
            )
            if len(gathered):
                (folder / name).mkdir(exist_ok=True)
                columns = ["model", *(column for column in gathered if column != "model")]
                gathered[columns].to_csv(folder / name / f"{table}.csv", index=False, lineterminator="\n")
        pairs = discovery.pairs_function(name)
        if pairs is not None:
            with presented(run.folder, name):
                try:
                    joint = pairs(found)
                except NotMeasurable as reason:
                    joint = Measurement.missing(str(reason))
                joint.write(folder / name / PAIRS, f"pairs {name}")


def write_metrics(run: Run, folder: Path) -> None:
    """Write MODEL.json, its headline numbers, into `folder`: a line each in `dvc metrics show`.

    File by file: DVC reads whatever lies in a folder of metrics, a marker too.
    """
    rows = run.rows()
    headlines = [metric.column for group in run.groups() for metric in group.metrics if metric.headline]
    for model, row in rows.items():
        write_json(folder / f"{model}.json", {column: row[column] for column in headlines if column in row})
