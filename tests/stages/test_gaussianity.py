"""The stage gaussianity, from z-points on disk to its files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from stages.gaussianity import gaussianity

from tests.lab import make_latents
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.errors import UserError

SMALL = ["gaussianity.subsample=100", "gaussianity.repeats=2", "gaussianity.dimensions=2"]


def cloud(heavy=False):
    rng = np.random.default_rng(1)
    mu = rng.standard_normal((900, 6)) * [3, 2, 1, 1, 1e-3, 0] + [0, 0, 0, 9, 0, 7]
    return mu / np.sqrt(rng.chisquare(4, (900, 1)) / 4) if heavy else mu


@pytest.fixture
def latents(tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    return make_latents(folder, cloud())


def measure(latents, out, *overrides):
    gaussianity("ae", latents, ROOT / "params.yaml", [*SMALL, *overrides], out)
    return json.loads((out / "gaussianity.json").read_text())


def test_it_writes_its_outs_the_same_to_the_byte_each_time(latents, tmp_path):
    for name in ("one", "two"):
        measure(latents, tmp_path / name)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs("gaussianity")}


def test_a_gaussian_is_one_on_the_axes_that_did_not_collapse(latents, tmp_path):
    found = measure(latents, tmp_path / "out")
    assert (found["axes"], found["collapsed_axes"], found["dimensions"]) == (4, 2, 2) and found["variance"] > 0.99
    assert found["removed"]["mu"] == pytest.approx(found["removed"]["chance"], abs=0.015)
    assert found["removed"]["null_low"] <= found["removed"]["null"] <= found["removed"]["null_high"]
    for part in ("all", "core"):
        assert found[part]["qq"]["p"] > 0.05 and found[part]["shapiro_wilk"]["mu"] == 1
    with (tmp_path / "out" / "gaussianity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    middle = next(row for row in rows if row["level"] == "0.5")
    assert float(middle["all"]) == pytest.approx(float(middle["chi_square"]), rel=0.1)
    assert float(middle["core_low"]) < float(middle["core"]) < float(middle["core_high"])


def test_heavy_tails_are_told_before_and_after_the_removal(tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    found = measure(make_latents(folder, cloud(heavy=True)), tmp_path / "out")
    assert found["all"]["qq"]["p"] == found["core"]["qq"]["p"] == 0.05
    assert found["all"]["beyond"]["999"]["mu"] > 5 * found["all"]["beyond"]["999"]["null_high"]
    assert found["removed"]["mu"] > found["removed"]["null_high"]


def test_held_out_images_are_not_looked_at(latents, tmp_path):
    split = np.zeros(900, np.uint8)
    split[800:] = 1
    np.save(latents / "split.npy", split)
    before = measure(latents, tmp_path / "before")
    mu = np.load(latents / "mu.npy")
    mu[800:] = 1e6
    np.save(latents / "mu.npy", mu)
    assert measure(latents, tmp_path / "after") == before


def test_another_seed_draws_other_nulls_and_the_same_distances(latents, tmp_path):
    one, other = measure(latents, tmp_path / "one"), measure(latents, tmp_path / "two", "gaussianity.seed=1")
    assert one["all"]["beyond"]["95"]["mu"] == other["all"]["beyond"]["95"]["mu"]
    assert one["all"]["qq"]["critical"] != other["all"]["qq"]["critical"]


def test_too_few_nulls_for_the_level_are_refused(latents, tmp_path):
    with pytest.raises(UserError, match=r"gaussianity\.nulls: expected at least 19, which gaussianity\.level asks for"):
        measure(latents, tmp_path / "out", "gaussianity.nulls=18")
    with pytest.raises(UserError, match=r"gaussianity\.subsample: expected at least 20 points for 4 axes, received"):
        measure(latents, tmp_path / "out", "gaussianity.repeats=100")


def test_a_collapsed_model_is_one_line_and_leaves_nothing(tmp_path):
    folder = tmp_path / "latents"
    folder.mkdir()
    make_latents(folder, np.ones((60, 4)))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "stages.gaussianity", "ae", "--latents", str(folder), "--out", str(out)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and not out.exists()
    assert ended.stderr.splitlines() == ["error: z-points: expected points that differ, received 60 times the same one"]
