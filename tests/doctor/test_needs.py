"""Bytes that the pipeline will need, from params alone."""

import json
from pathlib import Path

import pytest

from zpoints.doctor.needs import OTHER_BYTES, Needs, Room, needs, room, weight_count
from zpoints.doctor.origin import Origin
from zpoints.models.networks import build_decoder
from zpoints.models.networks import build_encoder
from zpoints.config.images import Images
from zpoints.config.models import AutoencoderEntry, Models, VariationalEntry
from zpoints.config.training import Training

NONE = Path("/nowhere")
SMALL = {"ae": {"kind": "ae", "z_dim": 4, "filters": [8, 8]}, "vae": {"kind": "vae", "z_dim": 4, "fact": 1}}


def asked(source=None, data=NONE, limit=None, models=None):
    return needs(
        source or Origin(1000, 7_000_000),
        Images(size=32, limit=limit),
        Models.model_validate_json(json.dumps(models or SMALL)),
        Training(epochs=9),
        data,
    )


@pytest.mark.parametrize("norm", ["none", "affine", "batch"])
@pytest.mark.parametrize("extra", [None, 7])
@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_weights_are_counted_as_the_networks_have_them(norm, extra, kind):
    options = {"z_dim": 5, "filters": (4, 6, 10), "batch_norm": norm, "extra_dense": extra}
    entry = AutoencoderEntry(kind="ae", **options) if kind == "ae" else VariationalEntry(kind="vae", fact=1, **options)
    built = build_encoder(entry, 24, 0).count_params() + build_decoder(entry, 24, 0).count_params()
    assert weight_count(entry, 24) == built


def test_outs_grow_with_images_pixels_and_dimensions():
    found = asked()
    assert found.outs["raw"] == 7_000_000 and found.outs["other"] == OTHER_BYTES
    assert found.outs["shards"] == 1000 * 32 * 32 * 3
    assert found.outs["latents"] == 1000 * 4 * 4 * (1 + 3)
    assert found.outs == found.missing and found.total == sum(found.outs.values())


def test_a_limit_leaves_raw_as_it_is():
    found = asked(limit=100)
    assert (found.outs["raw"], found.outs["shards"]) == (7_000_000, 100 * 32 * 32 * 3)


def test_kept_epochs_are_states_beside_the_model():
    plain = asked(models={"ae": SMALL["ae"]}).outs["models"]
    assert asked(models={"ae": {**SMALL["ae"], "keep_epochs": [2, 5]}}).outs["models"] == plain * 7


def test_a_download_waits_beside_what_it_becomes():
    assert asked(Origin(10, 10, waiting=10**9)).passing == 10**9
    assert asked(Origin(10, 10, waiting=10**9, brought=True)).passing < 10**9


def test_what_is_there_is_not_asked_for_again(tmp_path):
    shards = tmp_path / "shards"
    shards.mkdir()
    (shards / "shard_000.npy").write_bytes(bytes(1000 * 32 * 32 * 3 + 128))
    found = asked(Origin(1000, 7_000_000, brought=True), tmp_path)
    assert (found.missing["shards"], found.missing["raw"]) == (0, 0)
    assert found.missing["latents"] == found.outs["latents"] and found.outs["shards"] > 0
    assert asked(data=tmp_path, limit=100).missing["shards"] > 0


@pytest.mark.parametrize(
    ("link", "together", "expected"),
    [
        ("reflink", True, Room(170, 0)),
        ("hardlink", True, Room(170, 0)),
        ("symlink", True, Room(170, 0)),
        ("symlink", False, Room(120, 150)),
        ("copy", True, Room(170, 150)),
        ("copy", False, Room(170, 150)),
        (None, True, Room(170, 150)),
    ],
)
def test_copies_take_their_room_twice_and_links_do_not(link, together, expected):
    found = Needs({"raw": 400}, {"raw": 100, "shards": 50}, passing=20)
    assert room(found, link, together) == expected
