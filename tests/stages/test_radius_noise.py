"""The stages radius and noise, from z-points on disk to their files."""

import csv
import json

import numpy as np
import pytest

from stages.noise import noise
from stages.radius import radius
from tests.lab import make_latents
from tests.pipeline.declarations import ROOT, declared_outs

STAGES = {"radius": radius, "noise": noise}


@pytest.fixture
def latents(tmp_path):
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((900, 6)) * [3, 1, 1, 1, 1, 0.01] + [4, 0, 0, 0, 0, 0]
    logvar = rng.normal(-3, 1, (900, 6))
    folder = tmp_path / "latents"
    folder.mkdir()
    return make_latents(folder, mu, logvar, mu + np.exp(logvar / 2) * rng.standard_normal((900, 6)))


def measure(stage, latents, out, *overrides):
    small = ["radius.bootstrap=100", "radius.null_points=5000", "noise.intervals=[[-4,-2],[-2,0]]"]
    STAGES[stage]("vae", latents, ROOT / "params.yaml", [*small, *overrides], out)
    return json.loads((out / f"{stage}.json").read_text())


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def column(path, name):
    return np.array([float(row[name]) for row in table(path)])


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_writes_its_outs_the_same_to_the_byte_each_time(stage, latents, tmp_path):
    for name in ("one", "two"):
        measure(stage, latents, tmp_path / name)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs(stage)}


def test_radius_tells_peaks_with_intervals_and_the_law_of_a_gaussian_of_equal_moments(latents, tmp_path):
    found = measure("radius", latents, tmp_path)
    for name in ("mu", "z"):
        own, null = found[name], found["gaussian"][name]
        assert own["peak_interval"]["low"] <= own["peak"] <= own["peak_interval"]["high"]
        assert own["density"]["low"] <= own["density"]["peak"] <= own["density"]["high"]
        assert own["second"]["maxima"] == 1 and own["second"]["p_value"] > 0.05
        # The cloud is a Gaussian, up to the last axis' shape: its radii are within chance.
        assert null["distance"]["kolmogorov_smirnov"] < null["distance"]["kolmogorov_smirnov_chance"]
        assert null["mean"] == pytest.approx(own["mean"], rel=0.03)
        assert column(tmp_path / "radius.csv", f"gaussian_{name}").sum() == pytest.approx(1)
    assert found["z"]["mean"] > found["mu"]["mean"]
    assert found["chi"]["kolmogorov_smirnov"]["mu"] > 0.3 and found["chi"]["mean"] == pytest.approx(2.35, abs=0.01)
    centres = column(tmp_path / "radius.csv", "radius")
    assert (centres * column(tmp_path / "radius.csv", "mu")).sum() == pytest.approx(found["mu"]["mean"], rel=0.02)


def test_radius_finds_a_second_shell_and_says_that_no_gaussian_has_it(tmp_path):
    rng = np.random.default_rng(0)
    points = rng.standard_normal((2000, 32))
    points *= np.where(np.arange(2000) < 600, 2, 1)[:, None]
    folder = tmp_path / "latents"
    folder.mkdir()
    found = measure("radius", make_latents(folder, points), tmp_path / "out")
    assert found["mu"]["second"]["maxima"] == 2 and found["mu"]["second"]["second"] == pytest.approx(11.2, abs=0.6)
    distance = found["gaussian"]["mu"]["distance"]
    assert distance["kolmogorov_smirnov"] > 3 * distance["kolmogorov_smirnov_chance"]
    assert "z" not in found and "z" not in found["gaussian"]


def test_radius_of_points_that_are_all_one_has_no_density_and_is_no_error(tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    found = measure("radius", make_latents(folder, np.ones((60, 4))), tmp_path / "out")
    assert found["mu"]["mean"] == pytest.approx(2) and "density" not in found["mu"]


def test_noise_tells_of_every_axis(latents, tmp_path):
    found = measure("noise", latents, tmp_path)
    rows = table(tmp_path / "noise.csv")
    assert [row["axis"] for row in rows] == list("012345") and [row["active"] for row in rows] == list("111110")
    assert found["mu"]["active"] == 5
    balance, kl = (column(tmp_path / "noise.csv", name) for name in ("balance", "kl"))
    assert found["balance"]["mean"] == pytest.approx(balance.mean()) and found["balance"]["max"] == max(balance)
    assert found["kl"]["mean"] == pytest.approx(kl.mean()) and found["kl"]["min"] == min(kl)
    assert balance[0] == pytest.approx(9 + 16, rel=0.15)
    logvar = np.load(latents / "logvar.npy")
    assert found["logvar"]["count"]["-4 to -2"] == ((logvar >= -4) & (logvar < -2)).sum()
    assert column(tmp_path / "logvar.csv", "share").sum() == pytest.approx(1)


def test_a_plain_autoencoder_has_no_axes_of_noise(tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    found = measure("noise", make_latents(folder, np.random.default_rng(0).standard_normal((60, 4))), tmp_path / "out")
    assert set(found) == {"mu"} and found["mu"]["active"] == 4
    assert table(tmp_path / "out" / "noise.csv") == [] == table(tmp_path / "out" / "logvar.csv")


@pytest.mark.parametrize("stage", STAGES)
def test_held_out_images_are_not_looked_at(stage, latents, tmp_path):
    split = np.zeros(900, np.uint8)
    split[800:] = 1
    np.save(latents / "split.npy", split)
    before = measure(stage, latents, tmp_path / "before")
    for name in ("mu", "logvar", "z"):
        values = np.load(latents / f"{name}.npy")
        values[800:] = 50
        np.save(latents / f"{name}.npy", values)
    assert measure(stage, latents, tmp_path / "after") == before


def test_another_seed_resamples_otherwise_and_leaves_what_was_measured(latents, tmp_path):
    one, two = (
        measure("radius", latents, tmp_path / "one"),
        measure("radius", latents, tmp_path / "two", "radius.seed=1"),
    )
    for name in ("mu", "z"):
        assert one["gaussian"][name]["mean"] != two["gaussian"][name]["mean"]
        assert one[name]["density"]["low"] != two[name]["density"]["low"]
    assert one["mu"]["peak"] == two["mu"]["peak"] and one["mu"]["density"]["peak"] == two["mu"]["density"]["peak"]
