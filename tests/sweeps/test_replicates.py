"""Numbers over trainings, on measurements that are written here."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from stages.replicates import replicates
from zpoints.errors import UserError
from zpoints.measurement import Measurement
from zpoints.sweeps.replicates import Training, grouped, numbers_of, summarise

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = """
all: {base: [ae, vae], vary: {seed: [0, 1, 2]}}
fact: {base: [vae], vary: {fact: [0.5, 1, 5]}}
z: {base: [ae], vary: {z_dim: [16]}}
"""


def training(name, group, seed, **numbers):
    return Training(name, group, seed, {"kind": "ae"}, numbers)


def test_mean_std_and_interval_are_those_of_scipy():
    values = [16.5, 17.25, 15.0, 18.0]
    (line,) = summarise([training(f"ae-s{seed}", "ae", seed, radius_peak=value) for seed, value in enumerate(values)])
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (line.n, line.mean, line.std) == (4, pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)))
    assert (line.low, line.high) == (pytest.approx(low), pytest.approx(high))


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(600):
        (line,) = summarise(
            [training("a", "a", seed, x=float(value)) for seed, value in enumerate(rng.normal(3, 2, 5))]
        )
        covered += line.low <= 3 <= line.high
    assert 0.93 < covered / 600 < 0.97


def test_a_single_training_has_no_interval():
    (line,) = summarise([training("ae", "ae", 0, radius_peak=16.5)])
    assert (line.n, line.mean, line.std, line.low, line.high) == (1, 16.5, None, None, None)


def test_texts_and_missing_numbers_are_left_out():
    lines = summarise(
        [training("a", "a", 0, kind="ae", z_dim=64, x=1.0, ok=True), training("a-s1", "a", 1, x=3.0, y=2)]
    )
    assert {line.column: line.n for line in lines} == {"x": 2, "y": 1}


def test_replicates_differ_in_seeds_alone():
    settings = {
        "vae": {"fact": 5.0, "seed": 0, "order_seed": None},
        "vae-s3": {"fact": 5.0, "seed": 3, "order_seed": None},
        "vae-os2": {"fact": 5.0, "seed": 0, "order_seed": 2},
        "vae-f0.1-s3": {"fact": 0.1, "seed": 3, "order_seed": None},
        "vae-f0.1-s4": {"fact": 0.1, "seed": 4, "order_seed": None},
    }
    assert grouped(settings) == dict.fromkeys(["vae", "vae-s3", "vae-os2"], "vae") | dict.fromkeys(
        ["vae-f0.1-s3", "vae-f0.1-s4"], "vae-f0.1"
    )


def test_numbers_are_json():
    lines = summarise([training("a", "a", 0, x=1.0), training("a-s1", "a", 1, x=3.0)])
    content = json.loads(json.dumps(numbers_of(lines), allow_nan=False))
    assert content["unit"] == "training" and content["groups"]["a"]["x"]["mean"] == 2.0


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with measurements of ae and vae, each with the seeds 0 and 1, and two more values of fact and z_dim."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "sweeps.yaml").write_text(SWEEPS)

    def write(folder, seed, kl=None):
        numbers = {"held_out": {"reco_above_floor": 180.0 + seed, **({"kl": kl} if kl else {})}, "train": {}}
        Measurement(numbers).write(tmp_path / folder, "train")

    write("data/measurements/ae/training", 0)
    write("data/measurements/vae/training", 0, 160.0)
    write("data/sweeps/ae-s1/models/ae/training", 1)
    write("data/sweeps/vae-s1/models/vae/training", 1, 161.0)
    write("data/sweeps/vae-f0.5/models/vae/training", 3, 60.0)
    write("data/sweeps/vae-f1/models/vae/training", 3, 90.0)
    write("data/sweeps/ae-z16/models/ae/training", 5)
    for folder, peak in (
        ("measurements/ae", 8.0),
        ("sweeps/ae-s1/measurements/ae", 9.0),
        ("sweeps/ae-z16/measurements/ae", 4.0),
    ):
        Measurement({"mu": {"peak": peak}}).write(tmp_path / "data" / folder / "radius", "measure radius")
    Measurement.missing("too few").write(tmp_path / "data/sweeps/vae-s1/measurements/vae/radius", "measure radius")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_gathers_what_is_trained(project, capsys):
    replicates()
    assert "Not trained yet: vae_tiny, ae-s2, vae-s2" in capsys.readouterr().out
    folder = project / "data/replicates"
    table = pd.read_csv(folder / "replicates.csv").set_index(["group", "column"])
    assert table.loc[("ae", "radius_peak"), ["n", "mean"]].tolist() == [2, 8.5]
    assert table.loc[("vae", "held_out_above_floor"), ["n", "mean"]].tolist() == [2, 180.5]
    assert table.loc[("vae", "held_out_kl"), "analysis"].startswith("Training")
    assert len(pd.read_csv(folder / "trainings.csv")) == 7
    assert sorted(path.stem for path in (folder / "figures").iterdir()) == ["dots", "radius", "rate_distortion"]
    page = (folder / "index.html").read_text()
    assert (
        page.count("<img") == 3 and "7 trainings of 5 settings" in page and "http" not in page.replace("http-equiv", "")
    )


def test_command_replaces_its_own_folder_alone(project):
    replicates()
    replicates()
    (project / "mine").mkdir()
    (project / "mine/thesis.tex").write_text("x")
    with pytest.raises(UserError, match="mine: expected a new or empty folder"):
        replicates(out=Path("mine"))


def test_nothing_trained_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "sweeps.yaml").write_text(SWEEPS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="expected trained models, received none"):
        replicates(["z"])
