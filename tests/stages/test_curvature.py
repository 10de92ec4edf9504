"""The stage curvature, from a model and images on disk to its files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from stages.curvature import curvature
from tests.lab import AE, VAE, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.models.autoencoder import build
from zpoints.config.training import Training
from zpoints.training.model_folder import save


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return make_shards(tmp_path_factory.mktemp("shards"))


def trained(folder, spec=VAE, **changed):
    folder.mkdir()
    save(folder, build(spec.model_copy(update=changed), 16, seed=1), Training(epochs=1), [{"epoch": 1}])
    return folder


def measure(model, shards, out, *overrides):
    curvature("vae", shards, model, ROOT / "params.yaml", ["curvature.images=8", "curvature.draws=4", *overrides], out)
    return json.loads((out / "curvature.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_vae_is_measured_against_its_law_the_same_to_the_byte_each_time(shards, tmp_path):
    model = trained(tmp_path / "model")
    found = [measure(model, shards, tmp_path / name, "curvature.active=0") for name in ("one", "two")]
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs("curvature")}
    assert found[0]["images"] == 8 and found[0]["active_axes"] == 4
    assert set(found[0]["law"]) == {"at_mu", "over_noise"} and found[0]["at_mu"]["min"] > 0
    rows = lines(tmp_path / "one" / "curvature.csv")
    for row in rows:
        expected = np.log(VAE.fact / (float(row["at_mu"]) + VAE.fact))
        assert float(row["predicted_at_mu"]) == pytest.approx(expected)
    mean = np.mean([float(row["logvar"]) for row in rows])
    assert found[0]["logvar"]["measured"] == pytest.approx(mean)
    difference = mean - np.mean([float(row["predicted_at_mu"]) for row in rows])
    assert found[0]["law"]["at_mu"]["difference"] == pytest.approx(difference)


def test_another_seed_probes_other_images(shards, tmp_path):
    model = trained(tmp_path / "model")
    one = measure(model, shards, tmp_path / "one")
    assert measure(model, shards, tmp_path / "two", "curvature.seed=1")["at_mu"] != one["at_mu"]


def test_a_plain_autoencoder_has_curvatures_and_no_law(shards, tmp_path):
    found = measure(trained(tmp_path / "model", AE), shards, tmp_path / "out")
    assert "law" not in found and "cost" not in found and found["at_mu"]["mean"] > 0
    rows = lines(tmp_path / "out" / "curvature.csv")
    assert [row["axis"] for row in rows] == list("0123")
    assert {row["logvar"] for row in rows} == {""} and all(float(row["at_mu"]) > 0 for row in rows)
    variance = np.array([float(row["variance"]) for row in rows])
    at_mu = np.array([float(row["at_mu"]) for row in rows])
    assert found["cost_of_a_std"] == pytest.approx(np.mean(variance * at_mu) / 2)


@pytest.mark.parametrize(("changed", "law"), [({"fact": 0.0}, None), ({"eps_factor": 0.0}, {"at_mu"})])
def test_without_fact_there_is_no_law_and_without_noise_only_that_at_mu(shards, tmp_path, changed, law):
    found = measure(trained(tmp_path / "model", **changed), shards, tmp_path / "out", "curvature.active=0")
    assert (set(found["law"]) if "law" in found else None) == law
    assert (found["cost"]["second_order"] > 0) == (found["cost"]["measured"] != 0) == ("eps_factor" not in changed)


def test_held_out_images_are_not_looked_at(tmp_path):
    model = trained(tmp_path / "model")
    folder = tmp_path / "shards"
    folder.mkdir()
    make_shards(folder)
    before = measure(model, folder, tmp_path / "before", "curvature.images=1000")
    pixels = np.load(folder / "shard_000.npy")
    pixels[np.load(folder / "split.npy") == 1] = 0
    np.save(folder / "shard_000.npy", pixels)
    assert measure(model, folder, tmp_path / "after", "curvature.images=1000") == before
    assert before["images"] == 26


def test_images_of_another_size_are_one_line(shards, tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    save(model, build(VAE, 32, seed=1), Training(epochs=1), [{"epoch": 1}])
    command = [sys.executable, "-m", "stages.curvature", "vae", "--shards", str(shards), "--trained", str(model)]
    ended = subprocess.run([*command, "--out", str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and not (tmp_path / "out").exists()
    assert ended.stderr.splitlines() == [
        f"error: {shards}: expected images of 32 pixels, the model's, received images of 16"
    ]
