"""Photographs unlike the training images are told from those like them."""

import numpy as np
import pytest

from tests.lab import AE, make_latents, make_shards
from zpoints.config.encoding import Encoding
from zpoints.interactive import novelty
from zpoints.interactive.novelty import error_percentile, mahalanobis_percentile, warning
from zpoints.latents.encode import encode_images
from zpoints.latents.store import Latents
from zpoints.latents.trained import Trained
from zpoints.models.autoencoder import build
from zpoints.shards.store import Shards


def made(folder):
    folder.mkdir()
    return folder


def points_of(folder, mu):
    return Latents.open(make_latents(made(folder), mu))


def test_mahalanobis_percentile_is_uniform_for_the_same_distribution(tmp_path):
    rng = np.random.default_rng(0)
    mix = rng.standard_normal((3, 3))
    points = points_of(tmp_path / "a", 5 + rng.standard_normal((4000, 3)) @ mix)
    values = [mahalanobis_percentile(points, 5 + z @ mix) for z in rng.standard_normal((300, 3))]
    np.testing.assert_allclose(np.quantile(values, [0.1, 0.5, 0.9]), [10, 50, 90], atol=8)
    assert mahalanobis_percentile(points, np.full(3, 5.0)) < 1
    assert mahalanobis_percentile(points, 5 + 5 * mix[0]) == 100


def test_distance_counts_in_units_of_each_axis(tmp_path):
    mu = np.random.default_rng(0).standard_normal((1000, 2)) * [10, 0.1]
    points = points_of(tmp_path / "a", mu)
    assert mahalanobis_percentile(points, np.array([5.0, 0])) < 50
    assert mahalanobis_percentile(points, np.array([0, 5.0])) == 100


@pytest.mark.parametrize("third", [lambda mu: 7, lambda mu: mu[:, 0] + mu[:, 1]], ids=["constant", "dependent"])
def test_axis_without_variance_of_its_own_does_not_count(tmp_path, third):
    mu = np.random.default_rng(0).standard_normal((1000, 3))
    mu[:, 2] = third(mu)
    points = points_of(tmp_path / "a", mu)
    typical = mu[np.argsort(np.linalg.norm(mu[:, :2], axis=1))[300]]
    assert 0 < mahalanobis_percentile(points, typical + np.array([0, 0, 0.01])) < 60


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A model that halves the contrast of its training images and inverts all others; its shards; their folder."""
    shards = Shards.open(make_shards(made(tmp_path / "shards")))
    trained = Trained("ae", build(AE, 16, 0), "fingerprint")
    encode_images(trained.model, "fingerprint", shards, Encoding(), made(tmp_path / "latents"))
    known = {image.tobytes() for image in shards.read(np.arange(len(shards)))}

    def reconstruct(self, images):
        means = images.mean(axis=(1, 2), keepdims=True)
        half = np.rint((images + means) / 2).astype(np.uint8)
        seen = np.array([image.tobytes() in known for image in images])
        return np.where(seen[:, None, None, None], half, 255 - images)

    monkeypatch.setattr(Trained, "encode", lambda self, images: images)
    monkeypatch.setattr(Trained, "decode", reconstruct)
    return trained, shards, tmp_path


def test_error_is_relative_to_contrast(lab):
    trained, shards, _ = lab
    faint = np.random.default_rng(0).integers(120, 136, (16, 16, 3), np.uint8)  # its error in pixels is tiny
    assert error_percentile(trained, shards, faint) == 100
    assert error_percentile(trained, shards, shards.read([30])[0]) < 100
    assert error_percentile(trained, shards, np.full((16, 16, 3), 9, np.uint8)) == 100  # no variance at all


def test_warning_names_both_percentiles(lab):
    trained, shards, folder = lab
    mu = Latents.open(folder / "latents").mu
    image, noise = shards.read([0])[0], np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    folders = folder / "latents", folder / "shards"
    line = warning(trained, noise, mu[0], *folders)
    assert "reconstruction error exceeds that of 100.0%" in line and "Mahalanobis distance exceeds that of" in line
    assert "\n" not in line
    far = warning(trained, image, mu[0] + 1000, *folders)
    assert "Mahalanobis distance exceeds that of 100.0%" in far


def test_ordinary_image_gets_no_warning(lab, monkeypatch):
    trained, shards, folder = lab
    mu = Latents.open(folder / "latents").mu.mean(axis=0)
    assert warning(trained, shards.read([30])[0], mu, folder / "latents", folder / "none") is None
    monkeypatch.setattr(novelty, "PERCENTILE", 100)
    assert warning(trained, shards.read([0])[0], mu, folder / "latents", folder / "shards") is None


def test_what_is_not_at_hand_is_left_out(lab, tmp_path):
    trained, shards, folder = lab
    mu = Latents.open(folder / "latents").mu[0] + 1000
    image = shards.read([0])[0]
    other = make_shards(made(tmp_path / "other"), images=30)
    for missing in (folder / "none", other):
        line = warning(trained, image, mu, folder / "latents", missing)
        assert "Mahalanobis" in line and "reconstruction error" not in line
    assert warning(trained, image, mu, folder / "none", folder / "shards") is None
    assert warning(Trained("ae", trained.model, "other"), image, mu, folder / "latents", folder / "shards") is None
