"""The terms of the loss against closed forms, numerical integrals, and Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zpoints.models.losses import (
    RECONSTRUCTION,
    cross_entropy,
    entropy,
    kl_divergence,
    mean_squared_error,
    psnr,
    squared_error,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (4, 6, 6, 3), dtype=np.uint8)
LOGITS = RNG.standard_normal((4, 6, 6, 3)).astype(np.float32)
UNIT = (IMAGES / 255).astype(np.float32)


def test_cross_entropy_matches_keras():
    keras_own = keras.losses.binary_crossentropy(UNIT, keras.ops.sigmoid(LOGITS)).numpy().sum(axis=(1, 2))
    np.testing.assert_allclose(cross_entropy(UNIT, LOGITS).numpy(), keras_own, rtol=1e-5)


def test_uniform_guess_costs_ln_2_per_pixel():
    np.testing.assert_allclose(cross_entropy(UNIT, np.zeros_like(LOGITS)).numpy(), 36 * np.log(2), rtol=1e-6)


def test_cross_entropy_stays_finite_where_a_sigmoid_saturates():
    sure = tf.constant(np.where(UNIT > 0.5, -200, 200).astype(np.float32))
    assert np.isfinite(cross_entropy(UNIT, sure).numpy()).all()


@pytest.mark.parametrize("dtype, tolerance", [(tf.float32, 1e-6), (tf.bfloat16, 2**-7)])
def test_cross_entropy_gradient_is_sigmoid_minus_image(dtype, tolerance):
    logits = tf.cast(np.concatenate([LOGITS[:3], 100 * LOGITS[3:]]), dtype)
    weights = np.array([1, 0.1, -2, 1 / 384], np.float32)  # of the images in the batch
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = tf.reduce_sum(weights * cross_entropy(UNIT, logits))
    expected = (1 / (1 + np.exp(-tf.cast(logits, tf.float64).numpy())) - UNIT) / 3 * weights[:, None, None, None]
    slopes = tape.gradient(loss, logits)
    assert slopes.dtype == dtype
    np.testing.assert_allclose(tf.cast(slopes, tf.float64), expected, rtol=tolerance, atol=2e-7)


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_reported_mse_has_no_gradient(loss):
    logits = tf.constant(LOGITS)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        value, mse = RECONSTRUCTION[loss](UNIT, logits)
    np.testing.assert_allclose(mse, mean_squared_error(UNIT, LOGITS), rtol=1e-5)
    plain = {"bce": cross_entropy, "mse": squared_error}[loss]
    np.testing.assert_array_equal(value, plain(UNIT, logits))
    assert loss == "mse" or not np.any(tape.gradient(mse, logits))


def test_bfloat16_rounding_is_not_common():
    """1 / 384 is no bfloat16 number: were it rounded before it is multiplied in, every slope would be off alike."""
    images = RNG.random((1, 64, 64, 12), dtype=np.float32)
    logits = tf.cast(RNG.standard_normal(images.shape), tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = cross_entropy(images, logits)[0] / 128
    exact = (tf.sigmoid(tf.cast(logits, tf.float64)) - images) / 384
    ratio = np.linalg.norm(tf.cast(tape.gradient(loss, logits), tf.float64)) / np.linalg.norm(exact)
    assert ratio == pytest.approx(1, abs=2e-4)


def test_squared_error_reduction():
    expected = np.square(UNIT - 1 / (1 + np.exp(-LOGITS))).mean(axis=-1).sum(axis=(1, 2))
    np.testing.assert_allclose(squared_error(UNIT, LOGITS).numpy(), expected, rtol=1e-5)


def test_entropy_is_floor_of_cross_entropy():
    inside = np.clip(IMAGES, 1, 254)
    unit = inside / 255
    perfect = cross_entropy(tf.constant(unit), tf.constant(np.log(unit / (1 - unit)))).numpy()
    np.testing.assert_allclose(entropy(inside), perfect, rtol=1e-10)
    assert (cross_entropy(UNIT, LOGITS).numpy() > entropy(IMAGES)).all()


def test_entropy_of_black_white_and_grey():
    assert entropy(np.zeros((1, 2, 2, 3), np.uint8)) == entropy(np.full((1, 2, 2, 3), 255, np.uint8)) == 0
    np.testing.assert_allclose(entropy(np.full((1, 2, 2, 3), 127, np.uint8)), 4 * np.log(2), rtol=1e-4)


def test_kl_divergence_agrees_with_a_numerical_integral():
    mu, logvar = 0.7, -1.3
    z = np.linspace(-12, 12, 200_001)
    q = np.exp(-0.5 * (z - mu) ** 2 / np.exp(logvar)) / np.sqrt(2 * np.pi * np.exp(logvar))
    log_p = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    log_q = -0.5 * (z - mu) ** 2 / np.exp(logvar) - 0.5 * np.log(2 * np.pi) - 0.5 * logvar
    integral = np.sum(q * (log_q - log_p)) * (z[1] - z[0])
    ours = kl_divergence(tf.fill((1, 3), mu), tf.fill((1, 3), logvar))
    np.testing.assert_allclose(ours.numpy(), 3 * integral, rtol=1e-5)


def test_kl_is_zero_at_prior_only():
    assert kl_divergence(tf.zeros((1, 8)), tf.zeros((1, 8))).numpy() == 0
    points = RNG.standard_normal((2, 100, 8)).astype(np.float32)
    assert (kl_divergence(points[0], points[1]).numpy() > 0).all()


@pytest.mark.parametrize("error", [0.1, 0.5])
def test_psnr_of_a_constant_error(error):
    images = np.full((2, 4, 4, 3), 0.5 + error, np.float32)
    mse = mean_squared_error(images, np.zeros_like(images))
    np.testing.assert_allclose(psnr(mse).numpy(), -20 * np.log10(error), rtol=1e-5)
