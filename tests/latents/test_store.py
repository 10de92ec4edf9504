"""z-points in memory and on disk: the same arrays, or a line that names the one at fault."""

import json

import numpy as np
import pytest

from zpoints.errors import UserError
from zpoints.latents.store import CHUNK, Latents, chunks

MU = np.random.default_rng(0).standard_normal((6, 2)).astype(np.float32)
LOGVAR = np.full((6, 2), -3, np.float32)
SPLIT = np.array([0, 1, 0, 0, 1, 0], np.uint8)


@pytest.mark.parametrize("logvar", [None, LOGVAR], ids=["ae", "vae"])
def test_z_points_survive_the_disk(tmp_path, logvar):
    own = Latents.of(MU, logvar, split=SPLIT, model="f")
    own.write(tmp_path)
    read = Latents.open(tmp_path)
    assert (read.kind, read.model, read.z_dim, len(read)) == ("ae" if logvar is None else "vae", "f", 2, 6)
    for one, other in ((read.mu, own.mu), (read.z, own.z), (read.split, SPLIT)):
        np.testing.assert_array_equal(one, other)
    assert (read.logvar is None) == (logvar is None) and isinstance(read.mu, np.memmap)


def test_z_of_a_vae_is_drawn_from_its_posterior():
    mu, logvar = np.full((4000, 2), 5.0), np.full((4000, 2), -2.0)
    found = Latents.of(mu, logvar)
    assert found.z.std() == pytest.approx(np.exp(-1), rel=0.05) and found.z.mean() == pytest.approx(5, abs=0.03)
    np.testing.assert_array_equal(found.z, Latents.of(mu, logvar).z)
    assert Latents.of(mu).z is Latents.of(mu).mu or (Latents.of(mu).z == mu).all()


def test_rows_are_those_of_the_split():
    found = Latents.of(MU, split=SPLIT)
    assert found.rows("train").tolist() == [0, 2, 3, 5] and found.rows("held_out").tolist() == [1, 4]
    assert repr(found) == "Latents(6 x 2; 4 train, 2 held-out)"
    assert "with logvar" in repr(Latents.of(MU, LOGVAR))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"mu": MU[0]}, r"mu: expected an array \(images, z_dim\), received shape \(2,\)"),
        ({"mu": MU[:0]}, r"mu: expected an array \(images, z_dim\), received shape \(0, 2\)"),
        ({"mu": "x"}, "mu: expected an array of numbers, received str"),
        ({"mu": MU * np.inf}, "mu: expected finite numbers"),
        ({"mu": MU, "logvar": LOGVAR[:, :1]}, r"logvar: expected shape \(6, 2\), that of mu, received shape \(6, 1\)"),
        ({"mu": MU, "z": MU}, "z: expected logvar as well"),
        ({"mu": MU, "logvar": LOGVAR, "z": MU[:5]}, r"z: expected shape \(6, 2\)"),
        ({"mu": MU, "split": SPLIT[:5]}, "split: expected 0 .* for each of 6 images"),
        ({"mu": MU, "split": SPLIT + 1}, "split: expected 0"),
    ],
)
def test_arrays_that_do_not_go_together_are_a_line(given, line):
    with pytest.raises(UserError, match=line):
        Latents.of(**given)


@pytest.mark.parametrize(
    ("split", "received"), [(np.ones(6, np.uint8), "no 0"), (np.array([0, 1, 2, 0, 1, 0], np.uint8), "2")]
)
def test_a_split_of_other_codes_is_named(tmp_path, split, received):
    Latents.of(MU, split=SPLIT).write(tmp_path)
    np.save(tmp_path / "split.npy", split)
    with pytest.raises(UserError, match=rf"split\.npy: expected 0 .* received {received}"):
        Latents.open(tmp_path)


@pytest.mark.parametrize("key", ["images", "z_dim"])
def test_an_empty_index_is_named(tmp_path, key):
    Latents.of(MU, split=SPLIT).write(tmp_path)
    index = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps(index | {key: 0}))
    with pytest.raises(UserError, match=rf"index\.json: {key}: expected .* 1, received 0"):
        Latents.open(tmp_path)


def test_latents_that_are_missing_say_what_to_run(tmp_path):
    with pytest.raises(UserError, match="received no such file; run the encode stage first"):
        Latents.open(tmp_path)


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1])
def test_chunks_are_all_rows_in_order(count):
    parts = chunks(np.arange(count))
    assert all(0 < len(part) <= CHUNK for part in parts) and sum(map(len, parts)) == count
    assert not parts or np.array_equal(np.concatenate(parts), np.arange(count))
