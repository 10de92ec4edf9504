"""The table of all models: which lines it has, and the files it is written to."""

import csv
import json
from types import SimpleNamespace

from zpoints.measurement import Measurement
from zpoints.report.comparison import write_comparison, write_metrics
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.results import Run
from zpoints.report.table import table

PEAK = Metric("peak", "peak", "peak", "one", "Of the radii.", headline=True)
KL = Metric("kl", "kl", "KL", "two", "Of the posterior.")
SHARES = Metric("share", "share.*", "share", "percent", "Of the points.")
GROUPS = [MetricGroup("Radius", (PEAK, SHARES)), MetricGroup("Posterior", (KL,))]
ROWS = {"ae": {"peak": 8.25}, "vae": {"peak": 4, "share_0_to_1": 0.5, "extra": 1}}


def test_lines_are_those_that_some_model_has():
    (radius,) = table(ROWS, GROUPS)
    lines = {line.column: (line.name, line.cells) for line in radius.lines}
    assert lines == {
        "peak": ("peak", [(8.25, "8.2"), (4, "4.0")]),
        "share_0_to_1": ("share 0 to 1", [(None, "\N{EN DASH}"), (0.5, "50.0\N{NARROW NO-BREAK SPACE}%")]),
    }
    assert table({"ae": {}}, GROUPS) == []


def test_files_have_the_columns_of_all_models_and_headlines_alone(tmp_path):
    rows = {**ROWS, "vae": ROWS["vae"] | {"kl": 1.5}}
    run = SimpleNamespace(rows=lambda: rows, groups=lambda: GROUPS, analyses=())
    write_comparison(run, tmp_path)
    write_metrics(run, tmp_path)
    assert json.loads((tmp_path / "models.json").read_text()) == rows
    lines = list(csv.DictReader((tmp_path / "models.csv").read_text().splitlines()))
    assert [line["model"] for line in lines] == ["ae", "vae"]
    assert [line["share_0_to_1"] for line in lines] == ["", "0.5"]
    assert json.loads((tmp_path / "vae.json").read_text()) == {"peak": 4}


def test_pairs_that_one_model_alone_has_not_are_no_news():
    joint = {"similarity": Measurement.missing("needs 2 models")}
    for models, expected in ((("ae",), {}), (("ae", "vae"), {"all models": "needs 2 models"})):
        run = SimpleNamespace(_found={"similarity": {}}, joint=joint, models=models)
        assert Run.missing(run, "similarity") == expected
