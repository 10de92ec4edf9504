"""The table of all models holds the measurements' own numbers."""

import json

import pytest

from zpoints.comparison import entry
from zpoints.comparison import topics
from zpoints.comparison.table import curves
from zpoints.comparison.table import table
from zpoints.comparison.topic import Curve, Quantity, Topic
from zpoints.errors import UserError
from zpoints.config.models import Models

MODELS = Models.model_validate_json('{"ae": {"kind": "ae"}, "vae": {"kind": "vae", "fact": 5.0, "extra_dense": 16}}')


RADIUS = Topic(
    "radius",
    "Radius",
    (
        Quantity("peak", "mu.peak", "peak", "two", ""),
        Quantity("median", "mu.quantile.0.5", "median", "two", ""),
        Quantity("low", "mu.low", "from", "two", ""),
        Quantity("share", "mu.share.*", "R in", "percent", ""),
    ),
)
NOISE = Topic("noise", "Noise", (Quantity("logvar", "logvar.mean", "mean of logvar", "two", ""),), vae_only=True)
TOPICS = (RADIUS, NOISE)


@pytest.fixture
def measurements(tmp_path):
    for number, name in enumerate(MODELS):
        folder = tmp_path / name
        folder.mkdir()
        quantile = {"0.5": 16.0 + number}
        radius = {"peak": 16.75 + number, "quantile": quantile, "low": None, "share": {"12 to 24": 0.5}}
        (folder / "radius.json").write_text(json.dumps({"mu": radius}))
        (folder / "radius.csv").write_text(f"radius,mu\n0.25,{number}\n")
    (tmp_path / "vae/noise.json").write_text('{"logvar": {"mean": -13.5}}')
    (tmp_path / "vae/logvar.csv").write_text("logvar\n-13\n")
    return tmp_path


def test_each_column_is_the_number_at_its_place(measurements):
    rows = table(MODELS, measurements, TOPICS)
    assert list(rows) == ["ae", "vae"]
    assert rows["ae"]["peak"] == 16.75 and rows["vae"]["peak"] == 17.75
    assert rows["ae"]["median"] == 16.0 and rows["vae"]["median"] == 17.0
    assert rows["vae"]["fact"] == 5.0 and rows["vae"]["extra_dense"] == 16
    assert rows["ae"]["share_12_to_24"] == 0.5


def test_what_a_model_has_not_is_left_out(measurements):
    rows = table(MODELS, measurements, TOPICS)
    assert "low" not in rows["ae"], "an estimate that could not be made"
    assert rows["vae"]["logvar"] == -13.5 and not {"logvar", "fact", "extra_dense"} & set(rows["ae"])


def test_curves_stand_one_below_the_other_with_their_model(measurements):
    assert curves(MODELS, measurements, Curve("radius", ("radius",))) == [
        {"model": "ae", "radius": "0.25", "mu": "0"},
        {"model": "vae", "radius": "0.25", "mu": "1"},
    ]


def test_curves_of_vaes_alone_need_no_file_of_a_plain_autoencoder(measurements):
    rows = curves(MODELS, measurements, Curve("logvar", ("logvar",), vae_only=True))
    assert rows == [{"model": "vae", "logvar": "-13"}]


def test_no_column_stands_for_two_quantities():
    quantities = [*entry.QUANTITIES, *(quantity for topic in topics.TOPICS for quantity in topic.quantities)]
    columns = [quantity.column for quantity in quantities]
    assert len(columns) == len(set(columns))


def test_no_two_topics_write_a_curve_of_one_name():
    names = [curve.name for topic in topics.TOPICS for curve in topic.curves]
    assert len(names) == len(set(names)) and "models" not in names


@pytest.mark.parametrize("file", ["radius.json", "noise.json"])
@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_missing_or_damaged_measurement_is_named(measurements, file, content):
    path = measurements / "vae" / file
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(UserError, match=file):
        table(MODELS, measurements, TOPICS)
