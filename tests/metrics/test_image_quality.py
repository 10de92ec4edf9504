"""Sharpness and fidelity of pictures whose answer is known."""

import numpy as np
import pytest

from zpoints.metrics import image_quality as pictures
from zpoints.metrics.controls import CONTROLS, blurred, mean_face, noisy, shuffled
from zpoints.metrics.image_quality import fidelity, sharpness, ssim

RNG = np.random.default_rng(0)
IMAGES = blurred(RNG.integers(0, 256, (6, 64, 64, 3)).astype(np.uint8), 1.5)


def test_the_laplacian_of_a_parabola_is_its_second_derivative_and_does_not_vary():
    x = np.arange(64.0)
    parabola = np.broadcast_to((x**2 / 64).astype(np.uint8)[:, None, None], (1, 64, 64, 3))
    ramp = np.broadcast_to((2 * x).astype(np.uint8)[:, None, None], (1, 64, 64, 3))
    assert sharpness(ramp)[0] == pytest.approx(0, abs=1e-6) and sharpness(parabola)[0] < 1
    board = np.broadcast_to((255 * (np.indices((64, 64)).sum(axis=0) % 2))[None, ..., None], (1, 64, 64, 3))
    # Each pixel is 255 and its neighbours 0, or the reverse: the Laplacian is +-4 * 255.
    assert sharpness(board.astype(np.uint8))[0] == pytest.approx((4 * 255) ** 2, rel=1e-3)


def test_blur_takes_sharpness_and_noise_brings_more():
    blur, plain, noise = (sharpness(images).mean() for images in (blurred(IMAGES, 2), IMAGES, noisy(IMAGES, 20, RNG)))
    assert blur < 0.5 * plain and noise > 2 * plain


def test_what_64_pixels_cannot_show_adds_no_sharpness():
    fine = np.broadcast_to((255 * (np.indices((192, 192)).sum(axis=0) % 2))[None, ..., None], (1, 192, 192, 3))
    assert sharpness(fine.astype(np.uint8))[0] < 1e-3 * (4 * 255) ** 2


def test_equal_pictures_are_at_the_floor(monkeypatch):
    monkeypatch.setattr(pictures, "BATCH", 4)
    found = fidelity(IMAGES, IMAGES)
    assert all(values.shape == (6,) and np.isfinite(values).all() for values in found.values())
    np.testing.assert_allclose(found["above_floor"], 0, atol=0.5)
    np.testing.assert_allclose(found["ssim"], 1)
    np.testing.assert_allclose(found["sharpness"], 1)
    assert found["psnr"].min() > 80


def test_a_known_error_has_its_decibels_and_its_divergence():
    grey = np.full((1, 16, 16, 3), 102, np.uint8)
    other = np.full((1, 16, 16, 3), 153, np.uint8)
    found = fidelity(grey, other)
    assert found["psnr"][0] == pytest.approx(-20 * np.log10(0.2))
    p, q = 0.4, 0.6
    assert found["above_floor"][0] == pytest.approx(256 * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))))
    assert fidelity(np.zeros_like(grey), np.full_like(grey, 255))["above_floor"][0] == pytest.approx(256 * np.log(510))


def test_the_structural_similarity_of_flat_pictures_is_that_of_their_light():
    one, other = np.full((1, 20, 20), 100.0), np.full((1, 20, 20), 150.0)
    c = (0.01 * 255) ** 2
    assert ssim(one, other)[0] == pytest.approx((2 * 100 * 150 + c) / (100**2 + 150**2 + c))
    wave = 100 + 50 * np.sin(np.arange(20.0))[None, :, None] * np.ones((1, 1, 20))
    assert ssim(wave, 200 - wave)[0] < 0 < ssim(wave, wave + RNG.standard_normal(wave.shape))[0] < 1


def test_controls_keep_the_shape_and_the_seed_and_are_what_they_say():
    for control in CONTROLS.values():
        made = control(IMAGES, np.random.default_rng(1))
        assert made.dtype == np.uint8 and made.shape[0] == 6
        np.testing.assert_array_equal(made, control(IMAGES, np.random.default_rng(1)))
    assert np.ptp(mean_face(IMAGES), axis=0).max() == 0
    np.testing.assert_allclose(mean_face(IMAGES)[0], IMAGES.mean(axis=0), atol=0.51)
    blend = CONTROLS["blends"](IMAGES, RNG)
    np.testing.assert_allclose(blend[1], (IMAGES[1].astype(float) + IMAGES[0]) / 2, atol=0.51)


def test_shuffled_patches_are_the_same_patches_elsewhere():
    mixed = shuffled(IMAGES, 4, RNG)

    def patches(image):
        return sorted(part.tobytes() for row in np.split(image, 4) for part in np.split(row, 4, axis=1))

    assert all(patches(one) == patches(other) for one, other in zip(IMAGES, mixed, strict=True))
    assert (mixed != IMAGES).any(axis=(1, 2, 3)).all() and shuffled(IMAGES[:, :62, :62], 4, RNG).shape[1] == 60
