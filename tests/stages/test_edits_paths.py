"""The stages edits and paths, from a model, its z-points and the images' labels to their files."""

import csv
import json
import shutil

import numpy as np
import pytest
from stages.edits import edits
from stages.paths import paths

from tests.lab import AE, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.config.encoding import Encoding
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.latents.directions import Directions
from zpoints.latents.encode import encode_images
from zpoints.models.autoencoder import build
from zpoints.shards.store import Shards
from zpoints.training.model_folder import fingerprint, save

SIZE, IMAGES = 16, 450
NAMES = ("Bright", "Red", "Coin", "Rare")
SMALL = {
    "edits": [
        "attributes=[Bright, Red, Coin, Rare, Hat]",
        *("images=12", "judged=300", "strengths=[1, 3]", "exemplars=2", "analogies=[[Bright, Red], [Bright, Coin]]"),
    ],
    "paths": ["pairs=4", "steps=5", "axes=2", "starts=6", "distances=[0, 1, 3]", "reference=300"],
}
STAGES = {"edits": edits, "paths": paths}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Labels of which two can be seen, one is a coin's, and one is too rare; an untrained model will do."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("shards", "model", "other", "latents"):
        (root / name).mkdir()
    make_shards(root / "shards", IMAGES, SIZE)
    pixels, rng = np.load(root / "shards/shard_000.npy"), np.random.default_rng(0)
    labels = (rng.random((IMAGES, 4)) < [0.5, 0.5, 0.5, 0]).astype(np.uint8)
    labels[:3, 3] = 1
    pixels[labels[:, 0] == 1, : SIZE // 2] = 255
    pixels[labels[:, 1] == 1, :, : SIZE // 2] = (200, 0, 0)
    np.save(root / "shards/shard_000.npy", pixels)
    np.save(root / "shards/attributes.npy", labels)
    index = json.loads((root / "shards/index.json").read_text())
    (root / "shards/index.json").write_text(json.dumps(index | {"attributes": list(NAMES)}))
    shards = Shards.open(root / "shards")
    for seed, name in enumerate(("model", "other")):
        save(root / name, build(AE, SIZE, seed), Training())
    own = fingerprint(root / "model")
    encode_images(build(AE, SIZE, 0), own, shards, Encoding(), root / "latents")
    vectors = np.random.default_rng(0).standard_normal((2, 3, AE.z_dim))
    Directions(own, NAMES[:3], *vectors).write(root / "directions")
    return root


def measure(stage, lab, out, *overrides, trained="model", shards="shards"):
    small = [f"{stage}.{line}" for line in [*SMALL[stage], *overrides]]
    folders = {"trained": lab / trained, "latents": lab / "latents", "params": ROOT / "params.yaml", "set_param": small}
    if stage == "edits":
        folders["directions"] = lab / "directions"
    STAGES[stage]("ae", shards=lab / shards, out=out, **folders)
    return json.loads((out / f"{stage}.json").read_text())


@pytest.fixture(scope="module")
def ran(lab, tmp_path_factory):
    """Both stages, run once: the folder that each wrote to."""
    root = tmp_path_factory.mktemp("ran")
    for stage in STAGES:
        measure(stage, lab, root / stage)
    return root


def read(ran, stage):
    return json.loads((ran / stage / f"{stage}.json").read_text())


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_writes_its_outs_the_same_to_the_byte_each_time(stage, lab, ran, tmp_path):
    measure(stage, lab, tmp_path)
    one, two = ({path.name: path.read_bytes() for path in root.rglob("*.*")} for root in (ran / stage, tmp_path))
    assert one == two
    declared = {path.rpartition("/")[2] for path in declared_outs(stage)} - {"${key}"}
    assert declared <= set(one) and all(name.endswith(".npy") for name in set(one) - declared)


def test_edits_names_what_the_judge_can_tell_and_why_others_are_left_out(ran):
    found = read(ran, "edits")
    assert found["judge"]["told"] == 2 and found["judge"]["auc"] > 0.8
    assert set(found["judge"]["attributes"]) == {"Bright", "Red", "Coin"}
    assert set(found["left_out"]) == {"Coin", "Rare", "Hat", "Bright and Coin"}
    assert (
        found["left_out"]["Coin"].startswith("the judge's AUC is 0.") and "20 are needed" in found["left_out"]["Rare"]
    )
    assert found["left_out"]["Hat"] == "the images have no such label"
    assert found["images"] == {"judged": 300, "held_out": 150}


def test_edits_has_a_row_for_each_direction_attribute_and_strength(ran):
    found = read(ran, "edits")
    rows = lines(ran / "edits/edits.csv")
    expected = [
        (by, name, strength)
        for by in ("mean_difference", "normal")
        for name in ("Bright", "Red", "all")
        for strength in ("0.0", "1.0", "3.0")
    ]
    assert [(row["by"], row["attribute"], row["strength"]) for row in rows] == expected
    for at in range(0, len(rows), 9):
        for own, other, both in zip(*(rows[at + shift : at + shift + 3] for shift in (0, 3, 6)), strict=True):
            for key in ("success", "identity", "faces_identity"):
                assert float(both[key]) == pytest.approx((float(own[key]) + float(other[key])) / 2)
    assert all(float(row["identity"]) == pytest.approx(1) for row in rows[::3])
    assert rows[0]["success"] == rows[9]["success"] and rows[1]["identity"] != rows[10]["identity"]
    (analogy,) = found["analogies"]
    assert (analogy["x"], analogy["y"], analogy["triples"]) == ("Bright", "Red", 12)
    assert analogy["both"] <= min(analogy["with_x"], analogy["with_y"])
    assert abs(found["identity"]["two_people"]) < 0.4 and set(found["at_identity"]) == {"mean_difference", "normal"}


def test_edits_keeps_pictures_of_a_face_its_reconstruction_and_its_edits(lab, ran):
    pictures = np.load(ran / "edits/pictures/edits.npy").reshape(2, 4, SIZE, SIZE, 3)
    shards = Shards.open(lab / "shards")
    held_out = {picture.tobytes() for picture in shards.read(shards.rows("held_out"))}
    assert all(strip[0].tobytes() in held_out for strip in pictures)
    assert all(len(np.unique(strip, axis=0)) == 4 for strip in pictures)
    assert np.load(ran / "edits/pictures/analogies.npy").shape == (4, SIZE, SIZE, 3)


def test_images_without_labels_are_no_fault(lab, tmp_path):
    shutil.copytree(lab / "shards", tmp_path / "bare")
    index = json.loads((tmp_path / "bare/index.json").read_text())
    (tmp_path / "bare/index.json").write_text(json.dumps(index | {"attributes": []}))
    found = measure("edits", lab, tmp_path / "out", shards=tmp_path / "bare")
    assert found["judge"] == {"told": 0, "auc": None, "rebuilt": None, "attributes": {}}
    (row,) = lines(tmp_path / "out/edits.csv")
    assert (row["attribute"], row["success"], row["identity"]) == ("none", "0.0", "1.0")
    assert found["at_identity"] == {} and found["analogies"] == []


def test_paths_has_a_curve_of_every_kind_and_a_width_of_every_neighbourhood(ran):
    found = read(ran, "paths")
    rows = lines(ran / "paths/paths.csv")
    kinds = {f"{start}_{way}" for start in ("images", "gaussian", "mean") for way in ("isotropic", "shaped")}
    assert {row["path"] for row in rows} == kinds | {"linear", "spherical", "axes", "origin"}
    assert set(found["width"]) == kinds and found["level"] > 1
    for row in rows:
        assert float(row["low"]) <= float(row["distance"]) <= float(row["high"]) and 0 <= float(row["good"]) <= 1
    by = {(row["path"], float(row["position"])): float(row["distance"]) for row in rows}
    assert by["linear", 0] == pytest.approx(by["spherical", 0], rel=1e-6)
    assert found["middle"]["spherical"]["distance"] == by["spherical", 0.5]
    assert found["origin"]["distance"] == by["origin", 0] and found["mean"]["distance"] == by["axes", 0]
    assert by["mean_shaped", 0] == pytest.approx(by["axes", 0], rel=1e-3)
    assert found["images"] == {"reference": 150, "real": 150, "starts": 6}
    for name in {row["path"] for row in rows}:
        assert np.load(ran / f"paths/pictures/{name}.npy").shape == (3 if name in kinds else 5, SIZE, SIZE, 3)


@pytest.mark.parametrize("stage", STAGES)
def test_another_seed_takes_other_faces(stage, lab, ran, tmp_path):
    assert measure(stage, lab, tmp_path, "seed=1") != read(ran, stage)


@pytest.mark.parametrize("stage", STAGES)
def test_what_another_model_made_and_what_other_images_are_is_refused(stage, lab, tmp_path):
    with pytest.raises(UserError, match="expected z-points of the model ae, received those of another one"):
        measure(stage, lab, tmp_path / "out", trained="other")
    shutil.copytree(lab / "shards", tmp_path / "other")
    split = np.load(tmp_path / "other/split.npy")
    np.save(tmp_path / "other/split.npy", split[::-1])
    with pytest.raises(UserError, match="expected the 450 images that were encoded"):
        measure(stage, lab, tmp_path / "out", shards=tmp_path / "other")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("stage", "override", "message"),
    [
        ("edits", "strengths=[3, 1]", "edits.strengths: expected ascending numbers"),
        ("edits", "attributes=[Bright, Bright]", "edits.attributes: expected each entry once"),
        ("paths", "distances=[1, 2]", "paths.distances: expected ascending numbers from 0"),
        ("paths", "steps=4", "paths.steps: expected an odd number"),
    ],
)
def test_params_that_do_not_go_together_are_told(stage, override, message, lab, tmp_path):
    with pytest.raises(UserError) as raised:
        measure(stage, lab, tmp_path, override)
    assert message in str(raised.value)
