"""Curvatures against second differences, an exact linear decoder, and a VAE that is trained until the law holds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE
from zpoints.analyses.curvature.method import hessian
from zpoints.analyses.curvature.method.hessian import (
    bend,
    curvatures,
    encoded,
    image_correlation,
    law,
    law_ratio,
    noise_cost,
    noisy_curvatures,
    predicted_logvar,
    pull,
    summary,
)
from zpoints.config.models import VariationalEntry
from zpoints.models.autoencoder import build, unit_range
from zpoints.models.networks import CHANNELS

pytestmark = pytest.mark.slow

SIZE = 8
LOSSES = ("bce", "mse")


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE, 3), np.uint8)


def model_of(loss="bce", slope=0.3, spec=VAE, norm="none"):
    changed = {"loss": loss, "negative_slope": slope, "filters": (4, 8), "batch_norm": norm}
    model = build(spec.model_copy(update=changed), SIZE, seed=3)
    rng = np.random.default_rng(7)
    for variable in model.decoder.trainable_variables:
        variable.assign(variable + 0.1 * rng.standard_normal(variable.shape))
    # Axes that differ.
    kernel = model.decoder.get_layer("dense").kernel
    kernel.assign(kernel * np.float32([[1], [1.5], [2], [3]]))
    return model


def reco(model, pixels, z):
    """The loss from the decoder's images, without the functions under test: summed over pixels, channels averaged."""
    x, y = pixels / 255, np.asarray(model.decoder(z.astype(np.float32)), np.float64)
    terms = (x - y) ** 2 if model.spec.loss == "mse" else -x * np.log(y) - (1 - x) * np.log1p(-y)
    return terms.sum(axis=(1, 2, 3)) / CHANNELS


def second_differences(model, pixels, z, step):
    steps = step * np.eye(z.shape[1])
    ahead, behind = (np.stack([reco(model, pixels, z + way * axis) for axis in steps], axis=1) for way in (1, -1))
    return (ahead + behind - 2 * reco(model, pixels, z)[:, None]) / step**2


@pytest.mark.parametrize(("loss", "norm"), [("bce", "none"), ("mse", "affine"), ("bce", "batch")])
def test_linear_decoder_has_curvature_of_second_differences(pixels, loss, norm):
    model = model_of(loss, slope=1.0, norm=norm)
    z = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    expected = second_differences(model, pixels, z, 0.05)
    np.testing.assert_allclose(curvatures(model, pixels, z), expected, rtol=0.03, atol=0.01 * np.abs(expected).max())


def test_linear_decoder_has_the_known_curvature(pixels):
    """With logits J z + b the Hessian of the cross-entropy is J^T diag(p (1 - p)) J / 3, whatever the images."""
    model = model_of(slope=1.0)
    z = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    jacobian = np.stack([logits(model, z + axis) - logits(model, z) for axis in np.eye(4, dtype=np.float32)], axis=1)
    p = 1 / (1 + np.exp(-logits(model, z)))
    expected = np.einsum("nap,np->na", jacobian**2, p * (1 - p)) / CHANNELS
    np.testing.assert_allclose(curvatures(model, pixels, z), expected, rtol=1e-3)


def test_leaky_decoder_has_curvature_of_its_piece(pixels):
    model = model_of()
    z = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    step = np.float32(2e-3)
    steps = step * np.eye(4, dtype=np.float32)
    jacobian = np.stack([(logits(model, z + axis) - logits(model, z - axis)) / (2 * step) for axis in steps], axis=1)
    p = 1 / (1 + np.exp(-logits(model, z)))
    expected = np.einsum("nap,np->na", jacobian**2, p * (1 - p)) / CHANNELS
    close = np.isclose(curvatures(model, pixels, z), expected, rtol=5e-3)
    # A step may cross from piece to piece; most of the 24 do not.
    assert close.mean() > 0.7


def logits(model, z):
    p = np.asarray(model.decoder(z), np.float64).reshape(len(z), -1)
    return np.log(p / (1 - p))


@pytest.mark.parametrize("loss", LOSSES)
def test_derivatives_to_logits_are_tensorflows(loss):
    logits = tf.constant(np.linspace(-4, 4, 41), tf.float64)
    images = tf.constant(np.random.default_rng(0).random(41))
    with tf.GradientTape() as outer:
        outer.watch(logits)
        with tf.GradientTape() as inner:
            inner.watch(logits)
            if loss == "bce":
                value = tf.nn.sigmoid_cross_entropy_with_logits(images, logits)
            else:
                value = tf.square(images - tf.sigmoid(logits))
        slope = inner.gradient(value, logits)
    np.testing.assert_allclose(pull(loss, images, logits), slope, atol=1e-12)
    np.testing.assert_allclose(bend(loss, images, logits), outer.gradient(slope, logits), atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_both_ways_agree_for_small_noise(pixels, loss):
    model = model_of(loss, slope=1.0)
    mu = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    sigma = np.float32([0.02, 0.05, 0.02, 0.1]) * np.ones((6, 1), np.float32)
    exact, drawn = curvatures(model, pixels, mu), noisy_curvatures(model, pixels, mu, sigma, 200, (0,))
    np.testing.assert_allclose(drawn.mean(axis=0), exact.mean(axis=0), rtol=0.4)
    assert drawn.mean() == pytest.approx(exact.mean(), rel=0.15)


def test_noisy_curvature_satisfies_prices_theorem(pixels):
    """Price's theorem: dE[reco] / d(sigma_j^2) = E[d^2 reco / dz_j^2] / 2, kinks of LeakyReLU included."""
    model = model_of(slope=0.0)
    mu = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    epsilon = np.random.default_rng(2).standard_normal((500, 4))
    epsilon = np.concatenate([epsilon, -epsilon])
    sigma = np.ones((6, 4), np.float32)
    expected = noisy_curvatures(model, pixels, mu, sigma, 600, (3,)).mean(axis=0) / 2
    for axis in (2, 3):
        means = []
        for variance in (0.8, 1.2):
            scale = np.ones(4)
            scale[axis] = np.sqrt(variance)
            z = mu[:, None] + scale * epsilon
            images = np.repeat(pixels, len(epsilon), axis=0)
            means.append(reco(model, images, z.reshape(-1, 4)).mean())
        slope = (means[1] - means[0]) / 0.4
        assert expected[axis] == pytest.approx(slope, rel=0.1)


def test_small_noise_costs_half_its_curvature(pixels):
    model = model_of(slope=1.0)
    mu = np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    step = np.full((6, 4), 0.05, np.float32)
    expected = (curvatures(model, pixels, mu) * step**2).sum(axis=1).mean() / 2
    assert noise_cost(model, pixels, mu, step, 300, (0,)).mean() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("eps_factor", [1.0, 0.5])
def test_best_sigma_follows_the_law(pixels, eps_factor):
    """A linear decoder and one logvar per axis, trained on this project's own loss: nothing of the law goes in."""
    spec = VAE.model_copy(update={"fact": 0.2, "eps_factor": eps_factor, "eps_clip": None})
    model = model_of(slope=1.0, spec=VariationalEntry(**spec.model_dump()))
    mu = tf.constant(np.random.default_rng(1).standard_normal((6, 4)), tf.float32)
    logvar = tf.Variable(tf.zeros(4))
    optimizer = keras.optimizers.Adam(0.05)
    images = tf.constant(np.repeat(pixels, 64, axis=0))
    points = tf.repeat(mu, 64, axis=0)

    @tf.function
    def step(number):
        with tf.GradientTape() as tape:
            wide = tf.broadcast_to(logvar, points.shape)
            z = model.z_points(points, wide, tf.stack([number, 0]))
            y = tf.clip_by_value(model.decoder(z), 1e-6, 1 - 1e-6)
            x = unit_range(images)
            terms = -x * tf.math.log(y) - (1 - x) * tf.math.log(1 - y)
            kl = -0.5 * tf.reduce_sum(1 + wide - points**2 - tf.exp(wide), axis=1)
            loss = tf.reduce_mean(tf.reduce_sum(terms, axis=(1, 2, 3)) / CHANNELS + model.spec.fact * kl)
        optimizer.apply_gradients([(tape.gradient(loss, logvar), logvar)])

    for number in range(200):
        step(tf.constant(number, tf.int64))
    sigma = np.exp(0.5 * np.broadcast_to(logvar.numpy(), (6, 4)))
    over = noisy_curvatures(model, pixels, mu.numpy(), eps_factor * sigma.astype(np.float32), 400, (0,)).mean(axis=0)
    predicted = predicted_logvar(over, model.spec.fact, eps_factor)
    assert np.ptp(logvar.numpy()) > 0.5 and (logvar.numpy() < -0.1).all()
    np.testing.assert_allclose(logvar.numpy(), predicted, atol=0.12)


def test_flat_axes_are_left_to_the_prior():
    predicted = predicted_logvar(np.array([0.0, -0.1, 5.0, 1e6]), 5.0)
    np.testing.assert_allclose(predicted, [0, 0, np.log(0.5), np.log(5 / (1e6 + 5))])
    np.testing.assert_allclose(predicted_logvar(np.array([5.0]), 5.0, 2.0), np.log(1 / 5))


def test_fit_of_the_law_is_described():
    predicted = np.array([-5.0, -3.0, -1.0, 0.0])
    fit = law(2 * predicted + 1, predicted)
    assert fit["slope"] == pytest.approx(2) and fit["correlation"] == pytest.approx(1)
    assert fit["difference"] == pytest.approx(predicted.mean() + 1)
    assert fit["difference_std"] == pytest.approx(predicted.std())
    assert "slope" not in law(np.ones(4), predicted)


def test_geometric_mean_needs_positive_curvatures():
    assert summary(np.array([1.0, 4.0])) == {"mean": 2.5, "min": 1.0, "max": 4.0, "geometric_mean": pytest.approx(2)}
    assert "geometric_mean" not in summary(np.array([-1.0, 4.0]))


def test_encoding_in_batches_is_the_models(pixels, monkeypatch):
    model = model_of()
    mu, logvar = model.encode(unit_range(tf.constant(pixels)))
    monkeypatch.setattr(hessian, "BATCH", 4)
    in_batches = encoded(model, pixels)
    np.testing.assert_allclose(in_batches[0], mu, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(in_batches[1], logvar, rtol=1e-5, atol=1e-6)
    assert encoded(model_of(spec=AE), pixels)[1] is None


def test_exact_law_holds_where_the_law_of_means_does_not():
    """The best constant logvar of each axis, and the best logvar of each image, both have ratio 1."""
    rng = np.random.default_rng(0)
    curvature, fact, eps_factor = rng.lognormal(0, 1.5, (500, 3)), 0.2, 0.7
    of_images = predicted_logvar(curvature, fact, eps_factor)
    of_axes = np.tile(predicted_logvar(curvature.mean(axis=0), fact, eps_factor), (500, 1))
    for logvar in (of_images, of_axes):
        np.testing.assert_allclose(law_ratio(curvature, logvar, fact, eps_factor).mean(axis=0), 1)
    assert np.abs(of_images.mean(axis=0) - of_axes[0]).min() > 0.2
    np.testing.assert_allclose(law_ratio(curvature, of_axes + np.log(2), fact, eps_factor).mean(axis=0), 2)


def test_correlation_over_images_is_numpys():
    logvar, predicted = np.random.default_rng(0).standard_normal((2, 50, 3))
    predicted[:, 1] = 2 * logvar[:, 1] + 5
    logvar[:, 2] = 1
    expected = [np.corrcoef(logvar[:, 0], predicted[:, 0])[0, 1], 1, 0]
    np.testing.assert_allclose(image_correlation(logvar, predicted), expected, atol=1e-12)
