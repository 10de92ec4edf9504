"""What every analysis gives to the table and the report, whatever it found."""

import dataclasses
import json
import re

import pytest

from zpoints.analyses import discovery
from zpoints.config.models import Models
from zpoints.measurement import Measurement, find
from zpoints.report import metrics
from zpoints.report.comparison import write_comparison, write_metrics
from zpoints.report.page import write_report
from zpoints.report.results import Run

pytestmark = pytest.mark.slow
DATA = {"source": "toy", "images": 900, "train": 600, "held_out": 300, "size": 16, "skipped": []}


def training_measurement(run_folder, models):
    """What the stage train writes, in the least form."""
    import pandas as pd

    history = pd.DataFrame({"epoch": [1, 2], "reco": [2.0, 1.0], "val_reco": [2.0, 1.5]})
    layers = pd.DataFrame({"part": ["encoder"], "layer": ["conv"], "output": ["4x4x4"], "parameters": [100]})
    speed = pd.DataFrame({"epoch": [1], "seconds": [1.0], "images_per_second": [600.0]})
    for model in models:
        tables = {"history": history, "parameters": layers, "speed": speed}
        Measurement({"epochs": 2}, tables).write(run_folder / model / "training", "train")


@pytest.fixture(scope="session")
def folder(measured_lab):
    place = measured_lab.lab.folder / "measurements"
    training_measurement(place, measured_lab.lab.params[Models])
    return place


def report(params, folder, out):
    """The page of what lies in `folder`, by way of a comparison."""
    for name in ("comparison", "figures", "page", "metrics"):
        (out / name).mkdir(parents=True)
    run = Run(params, folder)
    write_comparison(run, out / "comparison")
    write_metrics(run, out / "metrics")
    write_report(Run(params, folder, out / "comparison"), DATA, out / "figures", out / "page")
    return (out / "page" / "index.html").read_text()


@pytest.fixture(scope="session")
def full(measured_lab, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    return report(measured_lab.lab.params, folder, out), out


def test_metric_columns_are_unique():
    columns = [
        metric.column for name in discovery.presented() for metric in discovery.presentation(name).METRICS.metrics
    ]
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("name", discovery.presented())
def test_each_metric_is_explained_in_one_line(name):
    for metric in discovery.presentation(name).METRICS.metrics:
        assert metric.meaning and "\n" not in metric.meaning and metric.format in metrics.FORMATS


@pytest.mark.parametrize("name", [name for name in discovery.names()])
def test_each_metric_stands_in_some_measurement(name, measured_lab):
    """A place that no model's numbers have would be a line that never appears."""
    numbers = [found.numbers for (analysis, _), found in measured_lab.found.items() if analysis == name]
    for metric in discovery.presentation(name).METRICS.metrics:
        place = metric.place.removesuffix(".*")
        if not any(find(each, place) is not None for each in numbers):
            source = discovery.FOLDER / name / "measure"
            text = "".join(path.read_text() for path in source.glob("*.py"))
            assert place.rpartition(".")[2].split("_")[0] in text, metric.column


def test_headlines_fit_a_terminal(full):
    _, out = full
    lines = [json.loads(path.read_text()) for path in sorted((out / "metrics").iterdir())]
    columns = {column for line in lines for column in line}
    assert 5 <= len(columns) <= 12
    assert sum(max(len(column), 9) + 2 for column in columns) + 24 <= 160


def test_report_has_a_section_for_each_analysis(full):
    html, _ = full
    sections = re.findall(r'<section id="([a-z_]+)">', html)
    assert set(discovery.presented()) <= set(sections)
    assert sections.count("radius") == 1


def test_figures_have_texts_and_no_scripts(full):
    html, _ = full
    assert "<script" not in html and "http://" not in html and "https://" not in html
    texts = re.findall(r'<img[^>]* alt="([^"]*)"', html)
    assert len(texts) >= len(discovery.names()) and all(texts)


@pytest.mark.parametrize("name", discovery.names())
def test_report_survives_without_one_analysis(name, measured_lab, folder, tmp_path):
    params = measured_lab.lab.params
    rest = {key: config for key, config in params.analyses.items() if key != name}
    without = type(params)(params._blocks, rest)
    html = report(without, folder, tmp_path)
    assert f'<section id="{name}">' not in html


@pytest.mark.parametrize("name", [n for n in discovery.names() if discovery.config_class(n).group != "pair_analyses"])
def test_report_says_what_could_not_be_measured(name, measured_lab, folder, tmp_path):
    import shutil

    copy = tmp_path / "measurements"
    shutil.copytree(folder, copy)
    for model in ("ae", "vae"):
        shutil.rmtree(copy / model / name)
        Measurement.missing("needs 100 <images>, has 3").write(copy / model / name, f"measure {name}")
    html = report(measured_lab.lab.params, copy, tmp_path / "out")
    assert html.count("needs 100 &lt;images&gt;, has 3") >= 2


def test_report_of_one_model_alone(measured_lab, folder, tmp_path):
    params = measured_lab.lab.params
    blocks = dict(params._blocks)
    blocks["models"] = type(blocks["models"])({"ae": blocks["models"]["ae"]})
    analyses = {name: config for name, config in params.analyses.items() if config.group != "pair_analyses"}
    html = report(type(params)(blocks, analyses), folder, tmp_path)
    assert 'id="radius"' in html


def test_measurements_survive_the_disk(measured_lab):
    for (name, model), found in measured_lab.found.items():
        place = measured_lab.lab.folder / "measurements" / (model or discovery.PAIRS) / name
        read = Measurement.read(place)
        assert read.numbers == json.loads(json.dumps(found.numbers))
        assert set(read.tables) == set(found.tables) and set(read.arrays) == set(found.arrays)


def test_measuring_twice_gives_the_same_bytes(measured_lab, tmp_path):
    lab = measured_lab.lab
    again = dataclasses.replace(lab)
    for name in discovery.names():
        group = discovery.config_class(name).group
        if group == "analyses":
            continue  # tests/contract/test_analyses.py
        model = None if group == "pair_analyses" else "vae"
        place = lab.folder / "measurements" / (model or discovery.PAIRS) / name
        before = {path.name: path.read_bytes() for path in place.iterdir()}
        again.measure(name, model)
        assert before == {path.name: path.read_bytes() for path in place.iterdir()}, name
