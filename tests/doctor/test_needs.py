"""Disk space by params alone."""

import json
from pathlib import Path

import pytest

from tests.datasets_support import jpeg
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models
from zpoints.config.monitoring import Monitoring
from zpoints.doctor.needs import Needs, estimate, image_count
from zpoints.errors import UserError

NOWHERE = Path("/nowhere")
WEIGHTS = {"ae": 1_000_000, "vae": 2_000_000}
MODELS = {"ae": {"kind": "ae", "z_dim": 4}, "vae": {"kind": "vae", "z_dim": 4, "fact": 1}}


def estimated(folder=NOWHERE, limit=None, source=None, keep_epochs=(), **ae):
    models = Models.model_validate_json(json.dumps(MODELS | {"ae": MODELS["ae"] | ae}))
    data = Data.model_validate(source or {"source": "toy", "toy": {"images": 1000}})
    params = {
        Data: data,
        Images: Images(size=32, limit=limit),
        Models: models,
        Monitoring: Monitoring(keep_epochs=keep_epochs),
    }
    return estimate(params, 1000, WEIGHTS, folder)


def test_outs_grow_with_images_pixels_and_dimensions():
    outs = estimated().outs
    assert outs[Path("shards")] == 1000 * 32 * 32 * 3
    assert (outs[Path("latents/ae")], outs[Path("latents/vae")]) == (1000 * 4 * 4, 1000 * 4 * 4 * 3)
    assert (outs[Path("models/ae")], outs[Path("models/vae")]) == (4_000_000, 8_000_000)
    assert estimated().missing == outs


def test_limit_leaves_the_originals_as_they_are():
    outs = estimated(limit=100).outs
    assert outs[Path("raw")] == estimated().outs[Path("raw")]
    assert outs[Path("shards")] == 100 * 32 * 32 * 3


def test_kept_epochs_add_their_states():
    assert estimated(keep_epochs=(2, 5)).outs[Path("models/ae")] == 7 * 4_000_000


def test_training_and_download_need_temporary_space():
    assert estimated().temporary == 2 * 3 * 8_000_000
    assert estimated(source={"source": "lfw"}).temporary == max(2 * 3 * 8_000_000, 1000 * 18_400)
    hub = estimated(source={"source": "celeba", "mirror": "huggingface"})
    assert hub.temporary == hub.outs[Path("raw")] == 12_000_000_000


def test_finished_outs_are_not_needed_again(tmp_path):
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards/shard_000.npy").write_bytes(bytes(1000 * 32 * 32 * 3 + 128))
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/source.json").write_text(json.dumps({"source": "toy", "images": 1000}))
    needs = estimated(tmp_path)
    assert set(needs.outs) - set(needs.missing) == {Path("raw"), Path("shards")}
    assert Path("shards") in estimated(tmp_path, limit=100).missing


@pytest.mark.parametrize(
    ("link", "same_disk", "space"),
    [
        ("hardlink", True, {"data": 170}),
        ("copy", True, {"data": 320}),
        ("symlink", False, {"data": 120, "cache": 150}),
        ("copy", False, {"data": 170, "cache": 150}),
    ],
)
def test_copies_take_their_room_twice(link, same_disk, space):
    needs = Needs({}, {Path("raw"): 100, Path("shards"): 50}, temporary=20)
    assert needs.space(link, same_disk) == space
    assert needs.text() == "raw 0 MB, shards 0 MB, temporarily 0 MB"


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
