"""The stage clusters, from z-points and labels on disk to its files."""

import csv
import json

import numpy as np
import pytest
from stages.clusters import clusters

from tests.lab import make_latents, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.errors import UserError

COUNT = 400
SMALL = ["clusters.k=[2, 3, 4, 6, 8]", "clusters.labels=4", "clusters.silhouette=100", "clusters.shuffles=999"]


@pytest.fixture
def place(tmp_path):
    """Four planted clusters that are the attributes c0 to c3, one of noise and one that all have."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 4, COUNT)
    folder = tmp_path / "latents"
    folder.mkdir()
    make_latents(folder, 8 * np.eye(4, 5)[kinds] + rng.standard_normal((COUNT, 5)) + 50)
    shards = tmp_path / "shards"
    shards.mkdir()
    make_shards(shards, COUNT, size=4)
    split = np.load(shards / "split.npy")
    np.save(folder / "split.npy", split)
    noise = (rng.random((COUNT, 1)) < 0.3).astype(np.uint8)
    attributes = np.hstack([np.eye(4, dtype=np.uint8)[kinds], noise, np.ones((COUNT, 1), np.uint8)])
    np.save(shards / "attributes.npy", attributes)
    index = json.loads((shards / "index.json").read_text())
    index["attributes"] = ["c0", "c1", "c2", "c3", "noise", "all"]
    (shards / "index.json").write_text(json.dumps(index))
    return tmp_path


def measure(place, out="out", *overrides):
    arguments = place / "shards", place / "latents", ROOT / "params.yaml", [*SMALL, *overrides], place / out
    clusters("ae", *arguments)
    return json.loads((place / out / "clusters.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_its_outs_the_same_to_the_byte_each_time(place):
    for name in ("one", "two"):
        measure(place, name)
    files = {path.name: path.read_bytes() for path in (place / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (place / "two").iterdir()}
    assert set(files) == {path.rpartition("/")[2] for path in declared_outs("clusters")}


def test_planted_clusters_are_found_and_are_their_labels(place):
    found = measure(place)
    assert found["points"] == COUNT * 2 // 3
    assert found["gap"]["beyond_a_gaussian"] == 1 and found["silhouette"]["k"] == 4
    assert found["silhouette"]["mu"] > 2 * found["silhouette"]["null"]
    labels = found["labels"]
    assert (labels["k"], labels["attributes"], labels["constant_attributes"], labels["beyond_chance"]) == (4, 5, 1, 4)
    assert labels["matching"]["mu"] > 0.7 > 0.4 > labels["matching"]["shuffled"]
    assert labels["adjusted"]["max"] > 0.9
    rows = lines(place / "out" / "clusters_attributes.csv")
    assert [row["attribute"] for row in rows] == ["c0", "c1", "c2", "c3", "noise"]
    assert [float(row["p_holm"]) <= 0.05 for row in rows] == [True] * 4 + [False]
    assert [row["k"] for row in lines(place / "out" / "clusters.csv")] == ["2", "3", "4", "6", "8"]


def test_labels_of_other_images_than_the_training_ones_are_not_looked_at(place):
    before = measure(place, "before")
    attributes, mu = np.load(place / "shards" / "attributes.npy"), np.load(place / "latents" / "mu.npy")
    attributes[COUNT * 2 // 3 :] ^= 1
    mu[COUNT * 2 // 3 :] = 1e6
    np.save(place / "shards" / "attributes.npy", attributes)
    np.save(place / "latents" / "mu.npy", mu)
    assert measure(place, "after") == before


def test_a_subsample_keeps_each_point_with_its_labels(place):
    found = measure(place, "out", "clusters.points=150")
    assert found["points"] == 150 and found["labels"]["matching"]["mu"] > 0.7


def test_images_without_attributes_have_clusters_all_the_same(place):
    index = json.loads((place / "shards" / "index.json").read_text())
    (place / "shards" / "index.json").write_text(json.dumps(index | {"attributes": []}))
    found = measure(place)
    assert found["labels"] is None and found["gap"]["mean"] > 0
    assert lines(place / "out" / "clusters_attributes.csv") == []


def test_another_seed_draws_another_null(place):
    assert measure(place, "one")["gap"] != measure(place, "two", "clusters.seed=1")["gap"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("clusters.labels=5", r"clusters\.labels: expected one of clusters\.k \(2, 3, 4, 6, 8\), received 5"),
        ("clusters.k=[2, 4, 4]", r"clusters\.k: expected ascending numbers of clusters"),
        ("clusters.shuffles=500", r"clusters\.shuffles: expected at least 799, which clusters\.level asks for"),
        ("clusters.k=[2, 4, 200]", r"clusters\.k: expected at most 133, a cluster for two points, received 200 \(266"),
    ],
)
def test_what_does_not_go_together_is_one_line(place, override, message):
    with pytest.raises(UserError, match=message):
        measure(place, "out", override)
    assert not (place / "out").exists()


def test_shards_of_other_images_are_refused(place):
    make_shards(place / "shards", 40, size=4)
    with pytest.raises(
        UserError, match=r"shards: expected the 400 images that were encoded, .* received others \(40\); encode anew"
    ):
        measure(place)
