"""z-points on disk: the encoder's own numbers, in the shards' order; damage is named."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE, make_latents, make_shards
from zpoints.config.encoding import Encoding
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.latents.encode import encode_images
from zpoints.latents.store import Latents
from zpoints.models.autoencoder import build, noise_key, unit_range
from zpoints.models.model_folder import load, save
from zpoints.shards.store import Shards


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


def encoded(model, shards, folder, **keys):
    encode_images(model, "fingerprint", shards, Encoding(**keys), folder)
    return Latents.open(folder)


def test_latents_match_the_encoder_in_order(shards, tmp_path):
    model = build(VAE, shards.size)
    latents = encoded(model, shards, tmp_path, batch_size=7)
    mu, logvar = model.encode(unit_range(tf.constant(shards.read(np.arange(len(shards))))))
    np.testing.assert_allclose(latents.mu, mu, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(latents.logvar, logvar, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(latents.rows("held_out"), shards.rows("held_out"))
    assert latents.model == "fingerprint" and latents.z_dim == 4 and len(latents) == len(shards)


def test_noise_of_z_depends_on_the_seed(shards, tmp_path):
    model = build(VAE, shards.size)
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    first, same, other = (
        encoded(model, shards, folder, seed=seed) for folder, seed in zip(folders, (1, 1, 2), strict=True)
    )
    np.testing.assert_array_equal(first.z, same.z)
    assert (first.z != other.z).all()
    epsilon = (first.z - first.mu) / np.exp(first.logvar / 2)
    assert epsilon.std() == pytest.approx(1, abs=0.2) and np.abs(epsilon).max() <= 5.001


def test_eps_factor_scales_noise_of_z(shards, tmp_path):
    model = build(VAE.model_copy(update={"eps_factor": 0.5}), shards.size)
    noise = {}
    for factor in (None, 0.5, 0.0, 2.0):
        folder = tmp_path / str(factor)
        folder.mkdir()
        latents = encoded(model, shards, folder, eps_factor=factor)
        noise[factor] = (latents.z - latents.mu) / np.exp(latents.logvar / 2)
    np.testing.assert_array_equal(noise[None], noise[0.5])
    np.testing.assert_array_equal(noise[0.0], np.zeros_like(noise[0.0]))
    np.testing.assert_allclose(noise[2.0], 4 * noise[0.5], rtol=1e-3, atol=1e-5)
    assert 0.3 < noise[0.5].std() < 0.7


def test_another_eps_factor_needs_no_other_graph():
    """Neither a new trace, nor the old one with the factor it was traced with."""
    model = build(VAE, 16)
    mu, logvar, key = tf.zeros((3, 4)), tf.zeros((3, 4)), noise_key(0, tf.constant(0))
    points = tf.function(lambda factor: model.z_points(mu, logvar, key, factor))
    ones = points(tf.constant(1.0))
    np.testing.assert_allclose(points(tf.constant(0.25)), 0.25 * ones, rtol=1e-6)
    np.testing.assert_array_equal(points(tf.constant(0.0)), mu)
    assert points.experimental_get_tracing_count() == 1
    np.testing.assert_array_equal(ones, model.z_points(mu, logvar, key))


def test_loaded_model_draws_and_decodes_alike(shards, tmp_path):
    model = build(VAE, shards.size, seed=3)
    save(tmp_path, model, Training(seed=3))
    loaded, images, key = load(tmp_path), unit_range(tf.constant(shards.read([0, 1, 2]))), noise_key(4, tf.constant(5))
    for factor in (None, 0.0, 3.0):
        z, again = (part.z_points(*part.encode(images), key, factor) for part in (model, loaded))
        np.testing.assert_array_equal(z, again)
        np.testing.assert_array_equal(model.decoder(z), loaded.decoder(again))


def test_no_two_batches_share_their_noise(shards, tmp_path):
    latents = encoded(build(VAE, shards.size), shards, tmp_path, batch_size=10)
    epsilon = (latents.z - latents.mu) / np.exp(latents.logvar / 2)
    assert np.abs(epsilon[:10] - epsilon[10:20]).min() > 1e-4


def test_the_z_points_of_an_ae_are_mu(shards, tmp_path):
    latents = encoded(build(AE, shards.size), shards, tmp_path)
    assert latents.logvar is None and latents.z is latents.mu
    assert not (tmp_path / "z.npy").exists()


def test_images_of_another_size_are_refused(shards, tmp_path):
    with pytest.raises(UserError, match=r"images\.size: expected 32, the model's, received shards of 16"):
        encoded(build(AE, 32), shards, tmp_path)


def test_non_finite_encoding_is_a_user_error(shards, tmp_path):
    model = build(AE, shards.size)
    model.encoder.set_weights([np.full_like(weight, np.nan) for weight in model.encoder.get_weights()])
    with pytest.raises(UserError, match="expected finite mu"):
        encoded(model, shards, tmp_path)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("mu.npy", lambda path: path.unlink()),
        ("mu.npy", lambda path: path.write_bytes(path.read_bytes()[:200])),
        ("z.npy", lambda path: np.save(path, np.zeros((3, 4), np.float32))),
        ("logvar.npy", lambda path: np.save(path, np.zeros((40, 4), np.float64))),
        ("mu.npy", lambda path: np.save(path, np.full((40, 4), np.nan, np.float32))),
        ("split.npy", lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True)),
        ("index.json", lambda path: path.write_text("{")),
        ("index.json", lambda path: path.write_text(json.dumps({"format": 99}))),
        ("index.json", lambda path: path.unlink()),
    ],
)
def test_damaged_latents_name_the_file(tmp_path, file, damage):
    points = np.ones((40, 4))
    make_latents(tmp_path, points, points, points)
    damage(tmp_path / file)
    with pytest.raises(UserError, match=file):
        Latents.open(tmp_path)


def test_latents_without_training_images_are_refused(tmp_path):
    make_latents(tmp_path, np.ones((3, 2)))
    for split in (np.ones(3, np.uint8), np.array([0, 1, 7], np.uint8)):
        np.save(tmp_path / "split.npy", split)
        with pytest.raises(UserError, match=r"split.npy: expected 0 for training images and 1 for others"):
            Latents.open(tmp_path)
