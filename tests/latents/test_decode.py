"""Decoded pictures: the decoder's own output as bytes, and the same originals for every model."""

import numpy as np
import pytest
from zpoints.latents.decode import decode, write_samples

from tests.lab import AE, VAE, make_latents, make_shards
from zpoints.config.samplers import Sampling
from zpoints.latents.store import Latents
from zpoints.models.autoencoder import build, unit_range
from zpoints.shards.store import Shards

BLOCK = Sampling(images=5, uniform=(2.0,), mixture=2)
SAMPLERS = {*("normal", "uniform_2", "shell", "diagonal", "gaussian", "core", "mixture_2", "bootstrap", "jitter_0.2")}


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


@pytest.fixture(scope="module")
def latents(shards, tmp_path_factory):
    mu = np.random.default_rng(0).standard_normal((len(shards), AE.z_dim))
    return Latents.open(make_latents(tmp_path_factory.mktemp("latents"), mu))


def test_pictures_are_the_decoders_output_rounded_to_bytes(shards, latents):
    model = build(AE, shards.size)
    pictures = decode(model, latents.mu[:3])
    exact = 255 * model.decoder(latents.mu[:3]).numpy()
    assert pictures.dtype == np.uint8
    assert np.abs(pictures - exact).max() <= 0.5 + 1e-3


def test_every_sampler_and_the_reconstructions_are_written(shards, latents, tmp_path):
    model = build(AE, shards.size)
    radius = write_samples(model, latents, shards, BLOCK, tmp_path)
    assert {path.name.removesuffix(".npy") for path in tmp_path.iterdir()} == {
        *SAMPLERS,
        "originals",
        "reconstructions",
    }
    for path in tmp_path.iterdir():
        assert np.load(path).shape == (5, 16, 16, 3), path.name
    assert radius.keys() == SAMPLERS
    originals = np.load(tmp_path / "originals.npy")
    expected = model(unit_range(originals)).numpy() * 255
    assert np.abs(np.load(tmp_path / "reconstructions.npy") - expected).max() <= 0.51


def test_originals_are_held_out_images_and_the_same_for_every_model(shards, latents, tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, spec in zip(folders, (AE, VAE), strict=True):
        folder.mkdir()
        write_samples(build(spec, shards.size), latents, shards, BLOCK, folder)
    first, second = (np.load(folder / "originals.npy") for folder in folders)
    np.testing.assert_array_equal(first, second)
    held_out = {image.tobytes() for image in shards.read(shards.rows("held_out"))}
    assert {image.tobytes() for image in first} <= held_out


def test_more_pictures_than_held_out_images_ask_for_no_more_than_there_are(shards, latents, tmp_path):
    write_samples(build(AE, shards.size), latents, shards, Sampling(images=100, uniform=(), mixture=None), tmp_path)
    assert len(np.load(tmp_path / "originals.npy")) == len(shards.rows("held_out"))


def test_a_sampler_looks_at_training_images_alone(shards, tmp_path):
    mu = np.random.default_rng(0).standard_normal((len(shards), AE.z_dim))
    held_out = shards.rows("held_out")
    mu[held_out] = 1e6
    make_latents(tmp_path, mu)
    split = np.zeros(len(shards), np.uint8)
    split[held_out] = 1
    np.save(tmp_path / "split.npy", split)
    (tmp_path / "out").mkdir()
    radius = write_samples(build(AE, shards.size), Latents.open(tmp_path), shards, BLOCK, tmp_path / "out")
    assert max(drawn["radius_mean"] for drawn in radius.values()) < 10
