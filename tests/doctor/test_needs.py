"""Disk space by params alone."""

import json

import pytest

from tests.datasets_support import jpeg
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models
from zpoints.doctor.needs import MODEL_BYTES, all_outs, image_count, missing_outs
from zpoints.errors import UserError

MODELS = {
    "ae": {"kind": "ae", "z_dim": 4},
    "vae": {"kind": "vae", "z_dim": 4, "fact": 1},
    "foreign": {"kind": "external", "z_dim": 2, "latents": "mu.npy", "logvar": "logvar.npy"},
}


def settings(limit=None):
    models = Models.model_validate_json(json.dumps(MODELS))
    data = Data.model_validate({"source": "toy", "toy": {"images": 1000}})
    return {Data: data, Images: Images(size=32, limit=limit), Models: models}


def test_outs_grow_with_images_pixels_and_dimensions(tmp_path):
    outs = all_outs(settings(), 1000)
    assert outs["shards"] == 1000 * 32 * 32 * 3 and outs["raw"] == 1000 * 9200
    assert outs["latents"] == 1000 * 4 * (4 + 3 * 4 + 3 * 2)  # mu; and mu, logvar and z
    assert outs["models"] == 3 * MODEL_BYTES
    assert missing_outs(settings(), 1000, tmp_path) == outs


def test_limit_leaves_the_originals_as_they_are():
    outs = all_outs(settings(limit=100), 1000)
    assert outs["raw"] == 1000 * 9200 and outs["shards"] == 100 * 32 * 32 * 3


def test_finished_outs_are_not_needed_again(tmp_path):
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards/shard_000.npy").write_bytes(bytes(1000 * 32 * 32 * 3 + 128))
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/source.json").write_text(json.dumps({"source": "toy", "images": 1000}))
    missing = missing_outs(settings(), 1000, tmp_path)
    assert (missing["shards"], missing["raw"]) == (0, 0) and missing["latents"] > 0


@pytest.mark.parametrize(("source", "count"), [("toy", 500), ("celeba", 202_599), ("lfw", 13_233)])
def test_number_of_images_by_source(tmp_path, source, count):
    data = Data.model_validate({"source": source, "toy": {"images": 500}})
    assert image_count(data, tmp_path) == count
    (tmp_path / "source.json").write_text(json.dumps({"source": source, "images": 77}))
    assert image_count(data, tmp_path) == (500 if source == "toy" else 77)  # other toy faces will be drawn
    (tmp_path / "source.json").write_text('{"source": 3, "images": []}')
    assert image_count(data, tmp_path) == count


def test_your_own_images_are_counted(tmp_path):
    data = Data.model_validate({"source": "folder", "folder": {"path": str(tmp_path)}})
    with pytest.raises(UserError):
        image_count(data, tmp_path)
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(jpeg(1))
    assert image_count(data, tmp_path) == 2
