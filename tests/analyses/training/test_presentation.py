"""The section of losses and layers shows what the stage `train` measured."""

import pandas as pd
import pytest

from tests.contract.lab import small_params
from tests.contract.reading import Page, cells
from zpoints.analyses.training import presentation
from zpoints.config.models import Models
from zpoints.measurement import Measurement
from zpoints.report.page import write_report
from zpoints.report.results import Run

DATA = {"source": "toy", "images": 30, "train": 20, "held_out": 10, "size": 16, "skipped": []}
LAYERS = pd.DataFrame(
    {
        "part": ["encoder", "encoder", "decoder"],
        "layer": ["conv_1", "mu", "dense"],
        "output": ["(8, 8, 4)", "(6,)", "(128,)"],
        "parameters": [1120, 516, 640],
    }
)


def training(floor, epochs=3):
    """What `train` writes for a model, with cross-entropy or without."""
    history = {"epoch": range(1, epochs + 1)}
    for part, prefix in (("train", ""), ("held_out", "val_")):
        history[f"{prefix}reco"] = [200.0 / epoch + (part == "held_out") for epoch in history["epoch"]]
        history |= {f"{prefix}floor": [floor + (part == "held_out")] * epochs} if floor else {}
    terms = {"reco": history["val_reco"][-1], "kl": 0.02}
    above = {"reco_above_floor": 12.34} if floor else {}
    numbers = {"epochs": epochs, "train": terms | above, "held_out": terms | above}
    return Measurement(numbers, {"history": pd.DataFrame(history), "parameters": LAYERS})


def page(tmp_path, measurements):
    """The report of `training` alone, for these models."""
    params = small_params()
    models = params[Models]
    blocks = {**params._blocks, "models": type(models)({name: models[name] for name in measurements})}
    for name, measurement in measurements.items():
        measurement.write(tmp_path / "measurements" / name / "training", "train")
    for folder in ("figures", "page"):
        (tmp_path / folder).mkdir()
    run = Run(type(params)(blocks, {}), tmp_path / "measurements")
    write_report(run, DATA, tmp_path / "figures", tmp_path / "page")
    return (tmp_path / "page/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return page(tmp_path_factory.mktemp("run"), {"ae": training(floor=50.0), "vae": training(floor=None)})


def test_losses_above_the_floor_need_cross_entropy(html):
    assert ["ae", "12.3", "12.3", "0.0200"] in cells(html)
    assert not any(line[0] == "vae" and "12.3" in line for line in cells(html))
    assert "50.0 nats per training image and 51.0 per held-out one" in html


def test_every_layer_is_listed_beneath_the_totals(html):
    assert cells(html).count(["encoder", "conv_1", "(8, 8, 4)", "1,120"]) == 2
    assert Page(html).text.count("encoder 1,636, decoder 640") == 2


def test_figure_text_names_the_held_out_loss(html):
    assert "After the last held-out reco 67.7 for ae and 67.7 for vae" in html


@pytest.mark.parametrize("floor", [None, 50.0])
def test_single_epoch_makes_a_page(tmp_path, floor):
    html = page(tmp_path, {"ae": training(floor, epochs=1)})
    assert 'id="figure-losses"' in html and ("nats per training image" in html) == bool(floor)


def test_headlines_are_the_held_out_terms():
    headlines = [metric.column for metric in presentation.METRICS.metrics if metric.headline]
    assert headlines == ["held_out_kl", "held_out_above_floor"]
