"""The stage tsne, from z-points on disk to its files."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from stages.tsne import tsne
from tests.lab import make_latents, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.errors import UserError

RNG = np.random.default_rng(0)
KINDS = np.repeat([0, 1], 60)
SMALL = (
    "tsne.points=[60]",
    "tsne.settings=[{early_exaggeration: 4, perplexity: 5, iterations: 40}]",
    "tsne.subsample=50",
    "tsne.neighbours=5",
    "tsne.clusters=2",
    "tsne.drawn=30",
    "tsne.attributes=[Male]",
)


@pytest.fixture
def lab(tmp_path):
    for name in ("latents", "shards"):
        (tmp_path / name).mkdir()
    # Two clusters, told apart by the first axis alone, so that the null of equal moments is one cloud.
    mu = RNG.standard_normal((120, 4)) + np.outer(30 * KINDS, [1, 0, 0, 0])
    make_latents(tmp_path / "latents", mu)
    folder = make_shards(tmp_path / "shards", images=120)
    index = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps(index | {"attributes": ["Bald", "Male"]}))
    np.save(folder / "attributes.npy", np.column_stack([np.zeros(120), KINDS]).astype(np.uint8))
    split_as(tmp_path, np.zeros(120, np.uint8))
    return tmp_path


def split_as(lab, split):
    """The same split for the z-points and for the images, as `encode` leaves it."""
    for folder in ("latents", "shards"):
        np.save(lab / folder / "split.npy", split)
    path = lab / "shards/index.json"
    counts = {"train": int((split == 0).sum()), "held_out": int((split == 1).sum())}
    path.write_text(json.dumps(json.loads(path.read_text()) | counts))


def measure(lab, out, *overrides):
    tsne("ae", lab / "shards", lab / "latents", ROOT / "params.yaml", [*SMALL, *overrides], lab / out)
    return json.loads((lab / out / "tsne.json").read_text())


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_stage_writes_its_outs_the_same_to_the_byte_each_time(lab):
    for name in ("one", "two"):
        measure(lab, name)
    files = contents(lab / "one")
    assert files == contents(lab / "two")
    assert set(files) == {"tsne.json", "tsne.csv", "tsne/map_1.npy", "tsne/.zpoints-out"}
    assert {path.rpartition("/")[2] for path in declared_outs("tsne")} == {"tsne.json", "tsne.csv", "tsne"}


def test_a_map_holds_its_places_and_the_colours_of_its_images(lab):
    found = measure(lab, "out")
    table = np.load(lab / "out/tsne/map_1.npy")
    assert table.dtype == np.float32 and table.shape == (60, 8)
    assert found["columns"] == ["row", "x", "y", "null_x", "null_y", "radius", "cluster", "attribute_Male"]
    rows = table[:, 0].astype(int)
    assert (np.diff(rows) > 0).all() and table[:, 7].tolist() == KINDS[rows].tolist()
    mu = np.load(lab / "latents/mu.npy")
    np.testing.assert_allclose(table[:, 5], np.linalg.norm(mu[rows], axis=1), rtol=1e-6)
    assert len(set(zip(table[:, 6], KINDS[rows], strict=True))) == 2, "cluster"
    drawn = lines(lab / "out/tsne.csv")
    assert len(drawn) == 30 and {line["recipe"] for line in drawn} == {
        "60 points, perplexity 5, exaggeration 4, 40 iterations"
    }
    for line in drawn:
        (place,) = table[rows == int(line["row"])]
        np.testing.assert_allclose([float(line[name]) for name in found["columns"]], place, rtol=1e-5)


def test_planted_clusters_are_islands_with_one_attribute_each_and_the_null_has_none(lab):
    one = measure(lab, "out", "tsne.settings=[{perplexity: 10, iterations: 200}]", "tsne.points=[120]")["maps"]["1"]
    assert (one["points"], one["looked_at"], one["early_exaggeration"]) == (120, 50, 12)
    assert one["mu"]["same"]["beyond_chance"] == {"cluster": 1, "Male": 1}
    assert one["null"]["same"]["beyond_chance"].keys() == {"cluster"}
    assert one["mu"]["hopkins"]["mean"] > one["null"]["hopkins"]["mean"] + 0.1
    assert one["neighbours_kept_by_chance"] == pytest.approx(5 / 119)
    for source in ("mu", "null"):
        assert one[source]["neighbours_kept"] > 0.3 and 0.8 < one[source]["trustworthiness"] < 1


def test_the_null_is_a_gaussian_of_the_same_mean_and_covariance_with_as_many_points(lab, monkeypatch):
    from zpoints.analyses.tsne.measure import tsne_maps as atlas

    seen = []
    real = atlas.tsne.neighbours
    monkeypatch.setattr(atlas.tsne, "neighbours", lambda *args: seen.append(args[0]) or real(*args))
    measure(lab, "out", "tsne.points=[120]")
    own, null = (values for values in seen if values.shape[1] == 4)
    assert own.shape == null.shape == (120, 4)
    np.testing.assert_allclose(null.mean(axis=0), own.mean(axis=0), atol=5)
    np.testing.assert_allclose(null.std(axis=0), own.std(axis=0), rtol=0.3)
    assert np.mean(np.abs(null[:, 0] - 15) < 10) > 0.1, "no gap between two clusters"


def test_every_size_meets_every_setting_and_equal_maps_are_made_once(lab):
    settings = "tsne.settings=[{perplexity: 5, iterations: 8}, {perplexity: 8, iterations: 8}]"
    found = measure(lab, "out", settings, "tsne.points=[60, 500, 1000]")["maps"]
    assert [(one["points"], one["perplexity"]) for one in found.values()] == [(60, 5), (60, 8), (120, 5), (120, 8)]
    assert sorted(path.name for path in (lab / "out/tsne").glob("*.npy")) == [
        f"map_{number}.npy" for number in range(1, 5)
    ]
    assert {line["map"] for line in lines(lab / "out/tsne.csv")} == set("1234")


def test_held_out_images_are_not_looked_at(lab):
    split = np.zeros(120, np.uint8)
    split[::4] = 1
    split_as(lab, split)
    before = measure(lab, "before", "tsne.points=[120]")
    mu = np.load(lab / "latents/mu.npy")
    mu[::4] = 1e6
    np.save(lab / "latents/mu.npy", mu)
    assert measure(lab, "after", "tsne.points=[120]") == before
    assert before["maps"]["1"]["points"] == 90 and not set(range(0, 120, 4)) & set(
        np.load(lab / "after/tsne/map_1.npy")[:, 0]
    )


def test_two_models_are_mapped_at_the_same_images_and_another_seed_takes_others(lab):
    measure(lab, "one")
    np.save(lab / "latents/mu.npy", RNG.standard_normal((120, 4)).astype(np.float32))
    measure(lab, "two")
    measure(lab, "three", "tsne.seed=1")
    one, two, three = (np.load(lab / name / "tsne/map_1.npy")[:, 0].tolist() for name in ("one", "two", "three"))
    assert one == two != three
    drawn = [[line["row"] for line in lines(lab / name / "tsne.csv")] for name in ("one", "two")]
    assert drawn[0] == drawn[1]


def test_a_data_set_without_attributes_has_none(lab):
    index = json.loads((lab / "shards/index.json").read_text())
    (lab / "shards/index.json").write_text(json.dumps(index | {"attributes": []}))
    assert measure(lab, "out")["columns"][-1] == "cluster"


ERRORS = {
    "tsne.attributes=[Hat]": "tsne.attributes: expected names out of Bald, Male, received Hat",
    "tsne.settings=[{perplexity: 30}]": "tsne.settings: expected a perplexity of at most 19 for 60 points, received 30",
    "tsne.neighbours=25": "tsne.neighbours: expected less than half of the 50 points that are looked at, received 25",
    "tsne.points=[60, 60]": 'tsne.points: expected each entry once, received ["60", "60"]',
    "tsne.settings=[]": "tsne.settings: expected at least one entry, received []",
    "tsne.settings=[{perplexity: 1}]": "tsne.settings.0.perplexity: expected at least 2, received 1",
}


@pytest.mark.parametrize("override", ERRORS)
def test_what_does_not_go_together_is_told_before_anything_is_written(lab, override):
    with pytest.raises(UserError) as caught:
        measure(lab, "out", override)
    assert (
        str(caught.value).removeprefix(f"{ROOT / 'params.yaml'}: ") == ERRORS[override] and not (lab / "out").exists()
    )


def test_shards_of_other_images_are_refused(lab):
    make_shards(lab / "shards", images=30)
    with pytest.raises(
        UserError, match=r"shards: expected the 120 images that were encoded, .* received others \(30\); encode anew"
    ):
        measure(lab, "out")


def test_a_collapsed_model_is_one_line_and_leaves_nothing(lab):
    np.save(lab / "latents/mu.npy", np.ones((120, 4), np.float32))
    with pytest.raises(UserError, match="z-points: expected points that differ, received 120 times the same one"):
        measure(lab, "out")
    assert not (lab / "out").exists()


def test_tensorflow_is_not_needed(lab):
    words = ["x", "ae", "--latents", str(lab / "latents"), "--shards", str(lab / "shards"), "--out", str(lab / "out")]
    words += [word for override in SMALL for word in ("-S", override)]
    code = (
        f"import runpy, sys; sys.argv = {words!r}\n"
        "try: runpy.run_module('stages.tsne', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout == "set()\n", ended.stderr
