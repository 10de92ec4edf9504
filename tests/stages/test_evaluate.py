"""The stages features and evaluate, from images, a model and its z-points to their files."""

import csv
import json

import numpy as np
import pytest
from stages.evaluate import evaluate

from stages.features import features
from tests.lab import AE, make_shards
from tests.pipeline.declarations import ROOT, declared_outs
from zpoints.config.encoding import Encoding
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.latents.encode import encode_images
from zpoints.metrics.image_quality import fidelity
from zpoints.models.autoencoder import build
from zpoints.shards.store import Shards
from zpoints.training.model_folder import fingerprint, save

SIZE, IMAGES = 16, 330
SMALL = [
    *("evaluation.images=100", "evaluation.units=110"),
    *("sampling.uniform=[2]", "sampling.core=null", "sampling.mixture=2", "sampling.jitter=null"),
]
SAMPLERS = {"normal", "uniform_2", "shell", "diagonal", "gaussian", "mixture_2", "bootstrap", "reconstructions"}
CONTROLS = {"held_out", "blends", "blurred", "mean_face", "patches", "noise"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """An untrained model will do."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("shards", "model", "other", "latents"):
        (root / name).mkdir()
    shards = Shards.open(make_shards(root / "shards", IMAGES, SIZE))
    for seed, name in enumerate(("model", "other")):
        save(root / name, build(AE, SIZE, seed), Training())
    encode_images(build(AE, SIZE, 0), fingerprint(root / "model"), shards, Encoding(), root / "latents")
    features(root / "shards", ROOT / "params.yaml", SMALL, root / "features")
    return root


def measure(lab, out, *overrides, trained="model", shards="shards"):
    folders = {"trained": lab / trained, "latents": lab / "latents", "features": lab / "features"}
    evaluate("ae", lab / shards, params=ROOT / "params.yaml", set_param=[*SMALL, *overrides], out=out, **folders)
    return json.loads((out / "evaluation.json").read_text())


@pytest.fixture(scope="module")
def out(lab, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    measure(lab, out)
    return out


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_the_stages_write_their_outs_the_same_to_the_byte_each_time(lab, out, tmp_path):
    measure(lab, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(out)
    features(lab / "shards", ROOT / "params.yaml", SMALL, tmp_path / "features")
    assert contents(tmp_path / "features") == contents(lab / "features")
    declared = {path.rpartition("/")[2] for path in declared_outs("evaluate")} - {"${key}"}
    assert set(contents(out)) == declared | {f"pictures/{name}.npy" for name in ("best", "median", "worst")}


def test_every_sampler_has_every_score_beside_the_same_floors_for_all_models(lab, out):
    found = json.loads((out / "evaluation.json").read_text())
    assert set(found["samplers"]) == SAMPLERS and set(found["controls"]) == CONTROLS
    assert found["controls"] == json.loads((lab / "features/controls.json").read_text())
    assert found["images"] == {"drawn": 100, "reference": 100, "units": 110, "held_out": 100}
    assert found["features"] == {"space": "onet", "dimension": 512, "face": [0.2, 0.25, 0.8, 0.9]}
    rows = lines(out / "evaluation.csv")
    assert len(rows) == len(SAMPLERS | CONTROLS) * 9
    for row in rows:
        kind = "samplers" if row["points"] in SAMPLERS else "controls"
        assert float(row["value"]) == found[kind][row["points"]][row["score"]]["value"]
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])


def test_each_sampler_is_scored_at_its_own_points(out):
    found = json.loads((out / "evaluation.json").read_text())["samplers"]
    assert len({scores["kid"]["value"] for scores in found.values()}) == len(SAMPLERS)


def test_quality_is_that_of_each_held_out_image_by_way_of_its_own_mu(lab, out):
    shards, rows = Shards.open(lab / "shards"), lines(out / "quality.csv")
    chosen = np.array([int(row["row"]) for row in rows])
    assert len(rows) == 100 and set(shards.split[chosen]) == {1}
    assert [row["id"] for row in rows] == shards.ids[chosen].tolist()
    mu = np.load(lab / "latents/mu.npy")[chosen]
    decoded = np.rint(255 * build(AE, SIZE, 0).decoder(mu).numpy()).astype(np.uint8)
    found = json.loads((out / "evaluation.json").read_text())["quality"]
    for name, values in fidelity(shards.read(chosen), decoded).items():
        # Another batch may round a pixel elsewhere.
        np.testing.assert_allclose([float(row[name]) for row in rows], values, rtol=0.01)
        assert found[name]["mean"] == pytest.approx(values.mean(), rel=0.01)


def test_pictures_are_the_best_the_median_and_the_worst_with_their_reconstructions(lab, out):
    shards, rows = Shards.open(lab / "shards"), lines(out / "quality.csv")
    rows.sort(key=lambda row: float(row["above_floor"]))
    expected = {"best": rows[:10], "median": rows[45:55], "worst": rows[:-11:-1]}
    for name, own in expected.items():
        pictures = np.load(out / f"pictures/{name}.npy")
        assert pictures.shape == (20, SIZE, SIZE, 3) and pictures.dtype == np.uint8
        np.testing.assert_array_equal(pictures[:10], shards.read([int(row["row"]) for row in own]))
        losses = fidelity(pictures[:10], pictures[10:])["above_floor"]
        np.testing.assert_allclose(losses, [float(row["above_floor"]) for row in own], rtol=0.01)


def test_z_points_of_another_model_are_refused_and_leave_nothing(lab, tmp_path):
    with pytest.raises(UserError, match="latents: expected z-points of the model ae, received those of another one"):
        measure(lab, tmp_path / "out", trained="other")
    assert not (tmp_path / "out").exists()


def test_shards_that_were_not_encoded_are_refused(lab, tmp_path):
    (tmp_path / "shards").mkdir()
    make_shards(tmp_path / "shards", IMAGES + 1, SIZE)
    with pytest.raises(UserError, match=f"expected the {IMAGES} images that were encoded, .* received others"):
        measure(lab, tmp_path / "out", shards=tmp_path / "shards")


def test_features_for_other_params_are_refused(lab, tmp_path):
    with pytest.raises(UserError, match=r"evaluation.images = 105, received 100; run `dvc repro features`"):
        measure(lab, tmp_path / "out", "evaluation.images=105")


def test_too_few_images_are_one_line_with_the_number_and_leave_nothing(lab, tmp_path):
    with pytest.raises(UserError, match=r"evaluation.images: expected at least 100, received 99"):
        features(lab / "shards", ROOT / "params.yaml", ["evaluation.images=99"], tmp_path / "out")
    with pytest.raises(UserError, match="expected at most 220 together, the training images, received 200 and 1000"):
        features(lab / "shards", ROOT / "params.yaml", ["evaluation.images=200"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("face", ["[0.8, 0, 0.2, 1]", "[0, 0.7, 1, 0.6]"])
def test_a_box_that_is_none_is_refused(lab, tmp_path, face):
    with pytest.raises(UserError, match=r"features.face: expected left < right and top < bottom"):
        features(lab / "shards", ROOT / "params.yaml", [*SMALL, f"features.face={face}"], tmp_path)


def test_features_of_another_box_are_refused(lab, tmp_path):
    with pytest.raises(UserError, match=r"'face': \[0.1, .*received .*'face': \[0.2, .*run `dvc repro features`"):
        measure(lab, tmp_path / "out", "features.face=[0.1, 0.1, 0.9, 0.9]")
