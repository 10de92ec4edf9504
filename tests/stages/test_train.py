"""The train command: what it prints and writes, its options, and what a user gets wrong."""

import csv
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.train import train
from tests.lab import make_shards
from tests.pipeline.declarations import ROOT
from zpoints.errors import UserError
from zpoints.measurement import Measurement

pytestmark = pytest.mark.slow

SHAPE = {"z_dim": 4, "filters": [4, 8]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A project folder with small shards and params, in which a VAE has been trained that kept its second epoch."""
    root = tmp_path_factory.mktemp("lab")
    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["images"]["size"] = 16
    content["training"].update(epochs=3, batch_size=8)
    content["monitoring"].update(keep_epochs=[2])
    content["models"] = {"ae": {"kind": "ae", **SHAPE}, "vae": {"kind": "vae", "fact": 5.0, **SHAPE}}
    (root / "params.yaml").write_text(json.dumps(content), encoding="utf-8")
    (root / "data" / "shards").mkdir(parents=True)
    make_shards(root / "data" / "shards")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_ROOT", raising=False)
        train("vae")
    return root


@pytest.fixture(autouse=True)
def _inside(lab, monkeypatch):
    monkeypatch.chdir(lab)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def rows(path):
    with Path(path).open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_kept_epoch_ends_in_the_model(lab):
    assert [path.name for path in (lab / "data/models/vae/epochs").iterdir()] == ["epoch_00002"]
    assert not (lab / ".resume").exists()


def test_measurement_holds_numbers_and_tables(lab):
    measurement = Measurement.read(Path("data/measurements/vae/training"))
    assert measurement.numbers["beta"] == 15.0 and sorted(measurement.tables) == ["history", "parameters", "speed"]
    speed, history = measurement.tables["speed"], measurement.tables["history"]
    assert list(speed["epoch"]) == list(history["epoch"]) == [1, 2, 3]
    assert (speed[["seconds", "images_per_second"]] > 0).all(axis=None)
    assert not any("second" in column for column in history)
    assert not list(Path("data/models/vae").glob("*.csv"))


def test_branch_repeats_or_varies_by_seed(lab, tmp_path, capfd):
    train("vae", from_epoch=2, out=tmp_path / "same")
    assert capfd.readouterr().out.splitlines()[0].startswith("fact = 5: beta = 15 of BCE")
    train(
        "vae", from_epoch=2, seed=7, trained=tmp_path / "same", out=tmp_path / "other", set_param=["training.epochs=4"]
    )
    original, same, other = (
        rows(path / "training" / "history.csv")
        for path in (lab / "data/measurements/vae", tmp_path / "same", tmp_path / "other")
    )
    assert same == original
    assert other[:2] == original[:2] and other[2] != original[2] and len(other) == 4
    description = json.loads((tmp_path / "other" / "model.json").read_text())
    assert description["branch"]["from_epoch"] == 2 and description["branch"]["seed"] == 7
    assert [row["epoch"] for row in rows(tmp_path / "other" / "training" / "speed.csv")] == ["3", "4"]


def test_seed_option_equals_param(tmp_path, capfd):
    train("ae", seed=7, out=tmp_path / "option")
    assert "beta" not in capfd.readouterr().out
    train("ae", set_param=["training.seed=7"], out=tmp_path / "param")
    for name in ("model.json", "training/history.csv", "encoder.weights.h5", "decoder.weights.h5"):
        assert (tmp_path / "option" / name).read_bytes() == (tmp_path / "param" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 7}, "--seed: expected --out as well"),
        ({"from_epoch": 2}, "--from-epoch: expected --out as well"),
        ({"trained": Path("data/models/vae"), "out": Path("x")}, "--trained: expected --from-epoch as well"),
        ({"from_epoch": 1, "out": Path("x")}, "data/models/vae: expected a model that kept epoch 1, .* kept 2"),
        ({"from_epoch": 2, "trained": Path("absent"), "out": Path("x")}, "absent: expected a trained model"),
        ({"from_epoch": 2, "out": Path("x"), "set_param": ["models.vae.fact=1"]}, "fact = 1.0, received one with 5.0"),
    ],
)
def test_bad_options_fail_before_writing(lab, options, words):
    with pytest.raises(UserError, match=words):
        train("vae", **options)
    assert not (lab / "x").exists() and not (lab / ".resume").exists()
