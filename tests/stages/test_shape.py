"""The stages components and pca, from z-points on disk to their files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from stages.components import components
from stages.pca import pca
from tests.lab import make_latents
from tests.pipeline.declarations import ROOT, declared_outs

RNG = np.random.default_rng(0)
STAGES = {"components": components, "pca": pca}


@pytest.fixture
def latents(tmp_path):
    mu = RNG.standard_normal((600, 6)) * [3, 1, 1, 1, 1, 0] + [0, 0, 0, 0, 0, 7]
    mu[:, 1] += mu[:, 0]
    mu[:, 2] = RNG.random(600)
    folder = tmp_path / "latents"
    folder.mkdir()
    return make_latents(folder, mu)


def measure(stage, latents, out, *overrides):
    small = ["components.subsample=500", "pca.subsample=100", "pca.scores=50"]
    STAGES[stage]("ae", latents, ROOT / "params.yaml", [*small, *overrides], out)
    return json.loads((out / f"{stage}.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_writes_its_outs_the_same_to_the_byte_each_time(stage, latents, tmp_path):
    for name in ("one", "two"):
        measure(stage, latents, tmp_path / name)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs(stage)}


def test_components_tells_axes_that_vary_pass_and_move_together(latents, tmp_path):
    found = measure("components", latents, tmp_path)
    assert (found["axes"], found["constant_axes"]) == (5, 1)
    assert found["normality"]["points"] == 500 and found["normality"]["mu"]["failing"] == 1
    assert found["normality"]["null"]["failing"] == 0
    assert found["correlation"]["mu"]["beyond_chance"] == pytest.approx(0.1)
    assert found["correlation"]["null"]["beyond_chance"] == 0
    assert found["drawn"]["strongest"] in (0, 1) and found["origin"]["axes"] == 5
    rows = lines(tmp_path / "components.csv")
    assert [row["axis"] for row in rows] == list("012345")
    assert float(rows[2]["p_holm"]) < 0.05 < float(rows[3]["p_holm"])
    assert float(rows[5]["mean"]) == 7 and rows[5]["skewness"] == ""
    assert abs(float(rows[2]["excess_kurtosis"]) + 1.2) < 0.2 < 0.5 > abs(float(rows[2]["null_excess_kurtosis"]))


def test_pca_tells_the_spectrum_beside_that_of_independent_axes(latents, tmp_path):
    found = measure("pca", latents, tmp_path)
    assert found["mu"]["participation_ratio"] < found["independent"]["participation_ratio"]
    assert found["neighbourhood"]["points"] == 100
    spectrum = lines(tmp_path / "pca.csv")
    assert [row["rank"] for row in spectrum] == list("123456")
    assert float(spectrum[-1]["cumulative"]) == pytest.approx(1)
    assert float(spectrum[-1]["independent_cumulative"]) == pytest.approx(1)
    assert float(spectrum[0]["variance"]) > float(spectrum[0]["independent_variance"])
    drawn = np.array([[float(value) for value in row.values()] for row in lines(tmp_path / "scores.csv")])
    assert drawn.shape == (50, 4)
    np.testing.assert_allclose(drawn.std(axis=0) ** 2 / float(spectrum[0]["variance"]), [1, 0.07, 1, 0.07], atol=0.6)


@pytest.mark.parametrize("stage", STAGES)
def test_held_out_images_are_not_looked_at(stage, latents, tmp_path):
    split = np.zeros(600, np.uint8)
    split[500:] = 1
    np.save(latents / "split.npy", split)
    before = measure(stage, latents, tmp_path / "before")
    mu = np.load(latents / "mu.npy")
    mu[500:] = 1e6
    np.save(latents / "mu.npy", mu)
    assert measure(stage, latents, tmp_path / "after") == before


@pytest.mark.parametrize("stage", STAGES)
def test_another_seed_draws_another_null(stage, latents, tmp_path):
    one = measure(stage, latents, tmp_path / "one")
    assert measure(stage, latents, tmp_path / "two", f"{stage}.seed=1") != one


@pytest.mark.parametrize("stage", STAGES)
def test_a_collapsed_model_is_one_line_and_leaves_nothing(stage, tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    make_latents(folder, np.ones((60, 4)))
    command = [sys.executable, "-m", f"stages.{stage}", "ae", "--latents", str(folder), "--out", str(tmp_path / "out")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and not (tmp_path / "out").exists()
    assert ended.stderr.splitlines() == ["error: z-points: expected points that differ, received 60 times the same one"]


@pytest.mark.parametrize("stage", STAGES)
def test_tensorflow_is_not_needed(stage, latents, tmp_path):
    code = (
        f"import sys; sys.argv = ['x', 'ae', '--latents', {str(latents)!r}, '--out', {str(tmp_path / 'out')!r}]\n"
        f"import runpy\ntry: runpy.run_module('stages.{stage}', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "set()\n", ended.stderr
