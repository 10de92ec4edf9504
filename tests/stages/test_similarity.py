"""The stage similarity, from the z-points of all models to its files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.stats import ortho_group

from stages.similarity import similarity
from tests.lab import make_latents
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.errors import UserError

RNG = np.random.default_rng(0)
ENTRY = {"kind": "ae", "z_dim": 5, "filters": [4]}
MODELS = {"ae": ENTRY, "ae_seed1": ENTRY | {"seed": 1}, "longer": ENTRY | {"epochs": 3, "seed": 1}}
SMALL = ["similarity.groups=10", "similarity.subsample=50"]


@pytest.fixture
def run(tmp_path):
    mu = RNG.standard_normal((700, 5)) * [4, 3, 2, 1, 1]
    turn = ortho_group.rvs(5, random_state=0)
    for name, points in {"ae": mu, "ae_seed1": mu @ turn, "longer": RNG.standard_normal((700, 5))}.items():
        folder = tmp_path / "latents" / name
        folder.mkdir(parents=True)
        make_latents(folder, points)
        np.save(folder / "split.npy", (np.arange(700) >= 600).astype(np.uint8))
    return write_params(tmp_path, MODELS)


def write_params(folder, models):
    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    (folder / "params.yaml").write_text(json.dumps(content | {"models": models}))
    return folder


def measure(run, out="out", *overrides):
    similarity(run / "latents", run / "params.yaml", [*SMALL, *overrides], run / out)
    return json.loads((run / out / "similarity.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_rotated_copy_is_told_from_a_stranger_and_a_seed_from_another_recipe(run):
    found = measure(run)
    assert found["models"] == list(MODELS) and found["images"] == {"train": 600, "held_out": 100}
    pairs = {(pair["a"], pair["b"]): pair for pair in found["pairs"]}
    assert list(pairs) == [("ae", "ae_seed1"), ("ae", "longer"), ("ae_seed1", "longer")]
    assert [pair["seed_alone"] for pair in found["pairs"]] == [True, False, False]
    copy, stranger = pairs["ae", "ae_seed1"], pairs["ae", "longer"]
    assert copy["cka"]["value"] > 0.9999 > 0.1 > stranger["cka"]["value"]
    assert copy["procrustes"]["value"] < 1e-6 < 0.1 < copy["unrotated"]["value"]
    assert copy["r2_a_to_b"]["value"] > 0.9999 and stranger["r2_a_to_b"]["value"] < 0.05
    rows = lines(run / "out/pairs.csv")
    assert float(rows[0]["cka"]) == copy["cka"]["value"] and float(rows[1]["cka_null"]) == stranger["cka"]["null"]
    spectrum = lines(run / "out/canonical.csv")
    assert {(row["a"], row["b"]) for row in spectrum} == set(pairs) and spectrum[0]["rank"] == "1"


def test_the_outs_are_the_same_to_the_byte_each_time(run):
    for name in ("one", "two"):
        measure(run, name)
    files = {path.name: path.read_bytes() for path in (run / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (run / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs("similarity")}


def test_another_seed_shuffles_otherwise_and_looks_at_other_neighbours(run):
    one, two = (measure(run, name, f"similarity.seed={name}")["pairs"][1] for name in "01")
    assert one["cka"]["null"] != two["cka"]["null"] and one["neighbours"]["value"] != two["neighbours"]["value"]
    assert one["cka"]["value"] == two["cka"]["value"]


def test_one_model_alone_has_no_pairs(run):
    write_params(run, {"ae": ENTRY})
    assert measure(run)["pairs"] == []
    assert lines(run / "out/pairs.csv") == lines(run / "out/canonical.csv") == []


def test_models_of_other_images_are_refused(run):
    np.save(run / "latents/longer/split.npy", np.zeros(700, np.uint8))
    with pytest.raises(UserError, match="longer: expected z-points of the 700 images of ae"):
        measure(run)


def test_the_maps_are_fitted_on_training_images_alone(run):
    before = measure(run, "before")["pairs"][0]
    for name in ("ae", "ae_seed1"):
        mu = np.load(run / f"latents/{name}/mu.npy")
        mu[600:] = RNG.standard_normal((100, 5))
        np.save(run / f"latents/{name}/mu.npy", mu)
    after = measure(run, "after")["pairs"][0]
    assert after["r2_a_to_b"]["value"] < 0 < before["r2_a_to_b"]["value"]
    assert [after[key] for key in ("cka", "canonical", "neighbours", "radius")] == [
        before[key] for key in ("cka", "canonical", "neighbours", "radius")
    ]


def test_tensorflow_is_not_needed(run):
    code = (
        f"import sys; sys.argv = ['x', '--latents', {str(run / 'latents')!r}, "
        f"'--params', {str(run / 'params.yaml')!r}, '--out', {str(run / 'out')!r}]\n"
        "import runpy\ntry: runpy.run_module('stages.similarity', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "set()\n", ended.stderr
