"""All scores of one set of pictures, in a feature space that is plain to see: pixels."""

import json

import numpy as np
import pytest

from tests.lab import make_shards
from zpoints.config.features import Features
from zpoints.errors import UserError
from zpoints.metrics import reference, scoring
from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.metrics.kid import kid
from zpoints.metrics.reference import SETS, Reference, choose, write_reference
from zpoints.metrics.scoring import Scorer, describe
from zpoints.shards.store import Shards

BLOCK = Features(images=120, scaler_images=150)
SCORES = {
    *("kid", "frechet", "density", "coverage", "precision", "recall", "nearest_real", "sharpness", "face_rate"),
}


class Pixels:
    """A few pixels are the features, and a bright first one is a face."""

    dimension, raw = 12, False

    def __init__(self, name="pixels"):
        self.name = name

    def describe(self):
        return {"space": self.name, "dimension": self.dimension}

    def __call__(self, images):
        return images[:, ::8, ::8].reshape(len(images), -1).astype(np.float32)

    def face_scores(self, features):
        return (features[:, 0] > 127).astype(float)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards"), 450, 16))


@pytest.fixture(scope="module")
def folder(shards, tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    write_reference(shards, Pixels(), BLOCK, folder)
    return folder


def test_no_image_is_in_two_sets_and_each_set_is_of_its_side(shards):
    rows = choose(shards, BLOCK)
    assert {name: len(found) for name, found in rows.items()} == {"reference": 120, "scaler": 150, "held_out": 120}
    everything = np.concatenate(list(rows.values()))
    assert len(set(everything.tolist())) == len(everything)
    for name, found in rows.items():
        assert set(shards.split[found]) == {0 if SETS[name] == "train" else 1} and (np.diff(found) > 0).all()
    assert not np.array_equal(choose(shards, BLOCK.model_copy(update={"seed": 1}))["scaler"], rows["scaler"])


@pytest.mark.parametrize(
    ("images", "others", "message"),
    [
        (120, 181, r"needs 301 training images for features\.images = 120 and .*, has 300"),
        (151, 100, r"needs 151 held-out images for features\.images, has 150"),
    ],
)
def test_too_few_images_are_told_how_many_there_are(shards, images, others, message):
    with pytest.raises(UserError, match=message):
        choose(shards, Features(images=images, scaler_images=others))


def test_the_folder_has_the_features_of_the_rows_it_names(shards, folder):
    known = Reference.open(folder, BLOCK, shards.split)
    for name in SETS:
        assert known.features[name].dtype == np.float32
        np.testing.assert_array_equal(known.features[name], Pixels()(shards.read(known.rows[name])))
    pictures = shards.read(known.rows["reference"])
    assert known.sharpness == pytest.approx(scoring.sharpness(pictures).mean())
    assert known.space == Pixels().describe()


def test_floors_and_ceilings_have_every_score_in_order(folder):
    controls = json.loads((folder / "controls.json").read_text())
    assert set(controls) == {"held_out", "blends", "blurred", "mean_face", "patches", "noise"}
    assert all(set(scores) == SCORES for scores in controls.values())
    for scores in controls.values():
        for score in scores.values():
            assert score["low"] <= score["value"] <= score["high"]
    real = controls["held_out"]["kid"]
    assert real["low"] < 0 < real["high"] < controls["noise"]["kid"]["low"]
    assert controls["held_out"]["sharpness"]["value"] == pytest.approx(1, abs=0.2)
    assert controls["noise"]["sharpness"]["value"] > 10 and controls["mean_face"]["coverage"]["value"] < 0.1
    assert controls["held_out"]["frechet"]["axes"] == 12 and controls["held_out"]["kid"]["spread"] is None


def test_the_mean_face_is_that_of_all_pictures_whatever_the_parts(shards, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "BATCH", 7)
    write_reference(shards, Pixels(), BLOCK, tmp_path)
    one, two = (json.loads((place / "controls.json").read_text()) for place in (folder, tmp_path))
    for name in ("held_out", "mean_face", "blurred"):
        assert one[name]["kid"] == pytest.approx(two[name]["kid"]), name


def test_a_face_rate_is_the_share_of_faces_and_sharpness_is_in_units_of_the_reference(shards, folder):
    scorer = Reference.open(folder, BLOCK, shards.split).scorer(Pixels())
    pictures = shards.read(shards.rows("held_out"))
    faces = pictures[:, 0, 0, 0] > 127
    pictures[:, 8:] = pictures[:, :8]
    scores = scorer.scores(describe(Pixels(), [pictures[:70], pictures[70:]]))
    assert scores["face_rate"]["value"] == pytest.approx(faces.mean()) and 0.2 < faces.mean() < 0.8
    sharp = scoring.sharpness(pictures).mean() / scorer.sharpness
    assert scores["sharpness"]["value"] == pytest.approx(sharp) and sharp > 1.2


def test_neighbours_are_sought_in_whitened_features_and_the_kernel_on_the_sphere():
    rng = np.random.default_rng(0)
    reals, others, fakes = (rng.random((count, 12)).astype(np.float32) for count in (120, 150, 110))
    scores = Scorer.of(reals, others, 1.0, Pixels(), 0).scores(scoring.Pictures(fakes, np.ones(110)))
    scaler = FeatureScaler.of(others)
    one, other = scaler.whitened(fakes), scaler.whitened(reals)
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    assert scores["nearest_real"]["value"] == pytest.approx(apart.min(axis=1).mean() / np.sqrt(12))
    distance, _ = kid(scaler.on_sphere(fakes), scaler.on_sphere(reals), 0)
    assert scores["kid"]["value"] == pytest.approx(distance.value)


def test_flat_references_leave_no_number_infinite():
    features = np.random.default_rng(0).standard_normal((2, 120, 5)).astype(np.float32)
    scorer = Scorer.of(features[0], features[1], 0.0, Pixels(), 0)
    pictures = scoring.Pictures(features[0], np.zeros(120))
    assert scorer.scores(pictures)["sharpness"]["value"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"images": 110},
            "expected features made with features.images = 110, received 120; run `dvc repro features`",
        ),
        ({"seed": 3}, "features.seed = 3, received 0"),
    ],
)
def test_features_of_other_settings_are_refused(shards, folder, change, message):
    with pytest.raises(UserError, match=message):
        Reference.open(folder, BLOCK.model_copy(update=change), shards.split)


def test_features_of_other_images_or_another_split_are_refused(shards, folder):
    for split in (shards.split[:-1], 1 - shards.split):
        with pytest.raises(UserError, match=r"expected features of the 4[0-9]+ images that were encoded"):
            Reference.open(folder, BLOCK, split)


def test_another_feature_space_is_refused(shards, folder):
    with pytest.raises(UserError, match=r"expected those of .*'other'.*, received those of .*'pixels'"):
        Reference.open(folder, BLOCK, shards.split).scorer(Pixels("other"))


def test_missing_and_damaged_features_are_named(shards, folder, tmp_path):
    with pytest.raises(UserError, match=r"index.json: expected features of real images, received no such file"):
        Reference.open(tmp_path, BLOCK, shards.split)
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    np.save(tmp_path / "scaler.npy", np.zeros((3, 12), np.float32))
    with pytest.raises(UserError, match=r"scaler.npy: expected .*150.*, received"):
        Reference.open(tmp_path, BLOCK, shards.split)
    np.save(tmp_path / "scaler.npy", np.zeros((150, 12)))
    with pytest.raises(UserError, match=r"scaler.npy: expected .*float32"):
        Reference.open(tmp_path, BLOCK, shards.split)
    (tmp_path / "index.json").write_text("[")
    with pytest.raises(UserError, match=r"index.json: expected JSON"):
        Reference.open(tmp_path, BLOCK, shards.split)
