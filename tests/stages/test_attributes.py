"""The stage attributes, from z-points and labels on disk to its files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from stages.attributes import attributes
from tests.lab import make_latents, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.errors import UserError
from zpoints.latents.directions import Directions

RNG = np.random.default_rng(0)
IMAGES = 900
SMALL = ["attributes.subsample=400", "attributes.least=20"]


@pytest.fixture
def run(tmp_path):
    """Axes 0 and 1 hold an attribute each, axes 2 and 3 a factor each; of a third attribute there are too few."""
    labels = (RNG.random((IMAGES, 3)) < [0.5, 0.3, 0.01]).astype(np.uint8)
    factors = RNG.random((IMAGES, 3)).astype(np.float32)
    factors[:, 2] = 7
    mu = RNG.standard_normal((IMAGES, 5))
    mu[:, :2] += 2 * labels[:, :2]
    mu[:, 2:4] = 10 * factors[:, :2] + 0.1 * mu[:, 2:4]
    for name in ("shards", "latents"):
        (tmp_path / name).mkdir()
    make_shards(tmp_path / "shards", IMAGES, 8)
    label(tmp_path / "shards", ["One", "Two", "Rare"], labels, ["first", "second", "constant"], factors)
    make_latents(tmp_path / "latents", mu)
    np.save(tmp_path / "latents/split.npy", np.load(tmp_path / "shards/split.npy"))
    return tmp_path


def label(shards, names, labels, factor_names, factors):
    np.save(shards / "attributes.npy", labels)
    np.save(shards / "factors.npy", factors)
    index = json.loads((shards / "index.json").read_text())
    (shards / "index.json").write_text(json.dumps(index | {"attributes": names, "factors": factor_names}))


def measure(run, out="out", *overrides):
    attributes("ae", run / "latents", run / "shards", ROOT / "params.yaml", [*SMALL, *overrides], run / out)
    return json.loads((run / out / "attributes.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_labels_are_found_and_those_that_cannot_be_are_named(run):
    found = measure(run)
    assert found["images"] == {"train": 400, "held_out": 300, "directions": 600}
    facts, factors = found["attributes"], found["factors"]
    assert facts["probed"] == facts["beyond_chance"] == 2 and facts["null_beyond_chance"] == 0
    assert 0.85 < facts["auc"]["low"] < facts["auc"]["mean"] < facts["auc"]["high"] < 0.97
    assert list(facts["left_out"]) == ["Rare"] and list(factors["left_out"]) == ["constant"]
    assert "of 400 training and" in facts["left_out"]["Rare"] and "20 are needed" in facts["left_out"]["Rare"]
    assert factors["left_out"]["constant"].startswith("0 of 400 training and 0 of 300 held-out images")
    assert factors["r2"]["mean"] > 0.99 > 0.05 > factors["null"]["mean"]
    assert factors["disentanglement"]["value"] > 0.99 > factors["disentanglement"]["null_most"]


def test_the_rows_of_all_probes_stand_in_two_files_with_one_content(run):
    measure(run)
    rows = lines(run / "out/attributes.csv")
    assert [(row["kind"], row["name"]) for row in rows] == [
        *(("attribute", name) for name in ("One", "Two")),
        *(("factor", name) for name in ("first", "second")),
    ]
    assert float(rows[0]["p_holm"]) < 1e-9 and rows[2]["p_holm"] == rows[2]["share"] == ""
    turned = lines(run / "out/probes.csv")
    assert [line["line"] for line in turned] == list("012345")
    for at, key in enumerate(("value", "low", "high", "null", "chance_low", "chance_high")):
        assert [turned[at][f"{row['kind']} {row['name']}"] for row in rows] == [row[key] for row in rows]


def test_the_directions_are_kept_for_later(run):
    measure(run)
    found = Directions.open(run / "out/directions")
    assert found.names == ("One", "Two") and found.model == "none"
    train = np.load(run / "shards/split.npy") == 0
    mu, has = np.load(run / "latents/mu.npy")[train], np.load(run / "shards/attributes.npy")[train, 1] == 1
    np.testing.assert_allclose(found.of("Two"), mu[has].mean(axis=0) - mu[~has].mean(axis=0), atol=1e-5)
    assert np.abs(found.of("Two", "normal")).argmax() == 1


def test_the_outs_are_the_same_to_the_byte_each_time(run):
    for name in ("one", "two"):
        measure(run, name)
    files = {path.name: path.read_bytes() for path in (run / "one").rglob("*") if path.is_file()}
    assert files == {path.name: path.read_bytes() for path in (run / "two").rglob("*") if path.is_file()}
    declared = {path.rpartition("/")[2] for path in declared_outs("attributes")} - {"${key}"}
    assert set(files) == declared | {"index.json", "mean_difference.npy", "normal.npy"}


def test_probes_are_fitted_on_training_images_alone(run):
    before = Directions.open(run / "before/directions") if measure(run, "before") else None
    mu = np.load(run / "latents/mu.npy")
    mu[np.load(run / "shards/split.npy") == 1] = RNG.standard_normal((300, 5))
    np.save(run / "latents/mu.npy", mu)
    found = measure(run, "after")
    after = Directions.open(run / "after/directions")
    np.testing.assert_array_equal(after.normal, before.normal)
    np.testing.assert_array_equal(after.mean_difference, before.mean_difference)
    assert found["attributes"]["beyond_chance"] == 0 and found["factors"]["r2"]["mean"] < 0


def test_another_seed_draws_another_null(run):
    assert measure(run, "one")["attributes"]["null"] != measure(run, "two", "attributes.seed=1")["attributes"]["null"]


def test_images_without_labels_are_no_fault(run):
    index = json.loads((run / "shards/index.json").read_text())
    (run / "shards/index.json").write_text(json.dumps(index | {"attributes": [], "factors": []}))
    found = measure(run)
    assert found["attributes"] == found["factors"] == {"probed": 0, "left_out": {}}
    assert Directions.open(run / "out/directions").names == ()
    assert lines(run / "out/attributes.csv") == [] and len(lines(run / "out/probes.csv")) == 6


def test_labels_of_other_images_are_refused(run):
    np.save(run / "latents/split.npy", np.zeros(IMAGES, np.uint8))
    with pytest.raises(UserError, match=r"shards: expected the 900 images that were encoded, .* encode anew"):
        measure(run)


def test_a_collapsed_model_is_one_line_and_leaves_nothing(run):
    np.save(run / "latents/mu.npy", np.ones((IMAGES, 5), np.float32))
    command = [sys.executable, "-m", "stages.attributes", "ae", "--latents", str(run / "latents")]
    command += ["--shards", str(run / "shards"), "--out", str(run / "out")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1 and not (run / "out").exists()
    assert ended.stderr.splitlines() == [
        "error: z-points: expected points that differ, received 600 times the same one"
    ]


def test_tensorflow_is_not_needed(run):
    code = (
        f"import sys; sys.argv = ['x', 'ae', '--latents', {str(run / 'latents')!r}, '--shards', "
        f"{str(run / 'shards')!r}, '--out', {str(run / 'out')!r}]\n"
        "import runpy\ntry: runpy.run_module('stages.attributes', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "set()\n", ended.stderr
