"""The latent space's own layers: float32 in and out, whatever lies between."""

import numpy as np
import pytest
import tensorflow as tf

from zpoints.models.layers.latent import FromLatent, ToLatent

RNG = np.random.default_rng(0)
POLICIES = ["float32", "mixed_bfloat16", "mixed_float16"]


def built(kind, units, inputs, policy):
    layer = kind(units, dtype=policy)
    layer.build((None, inputs))
    layer.set_weights([RNG.normal(size=(inputs, units)) / np.sqrt(inputs), RNG.normal(size=units)])
    return layer


@pytest.mark.parametrize("policy", POLICIES)
def test_mu_is_not_rounded_below_float32(policy):
    layer = built(ToLatent, 4, 256, policy)
    x = tf.cast(RNG.normal(size=(8, 256)), layer.compute_dtype)
    mu = layer(x)
    kernel, bias = layer.get_weights()
    assert mu.dtype == tf.float32
    np.testing.assert_allclose(mu, np.asarray(x, np.float64) @ kernel + bias, atol=1e-5)


@pytest.mark.parametrize("policy", POLICIES)
def test_tiny_moves_of_z_move_features(policy):
    """The noise of a tiny KL loss is such a move: each feature is rounded, but all of them together tell it."""
    layer = built(FromLatent, 8192, 64, policy)
    z = RNG.normal(size=(1, 64))
    z[0, 0] = 1.0
    move = 0.9 * 2**-8  # bfloat16 has no number between 1 and 1 + 2**-7
    moved = z + move * (np.arange(64) == 0)
    before, after = (layer(tf.constant(points, tf.float32)) for points in (z, moved))
    assert before.dtype == layer.compute_dtype
    row = layer.get_weights()[0][0]
    told = (np.asarray(after, np.float64) - np.asarray(before, np.float64))[0] @ row / (row @ row)
    assert told == pytest.approx(move, rel=0.2)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", [ToLatent, FromLatent])
def test_the_gradients_are_those_of_a_linear_layer(kind, policy):
    layer = built(kind, 6, 10, policy)
    x = tf.constant(RNG.normal(size=(16, 10)), tf.float32)
    weights = RNG.normal(size=(16, 6)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.cast(layer(x), tf.float32) * weights)
    dx, dkernel, dbias = tape.gradient(loss, [x, *(weight.value for weight in layer.weights)])
    tolerance = {"float32": 1e-5, "mixed_float16": 1e-2, "mixed_bfloat16": 5e-2}[policy]
    assert dx.dtype == dkernel.dtype == dbias.dtype == tf.float32
    np.testing.assert_allclose(dx, weights @ layer.get_weights()[0].T, atol=tolerance)
    np.testing.assert_allclose(dkernel, np.asarray(x).T @ weights, atol=5 * tolerance)
    np.testing.assert_allclose(dbias, weights.sum(axis=0), atol=5 * tolerance)


@pytest.mark.parametrize("kind", [ToLatent, FromLatent])
def test_a_layer_comes_back_from_its_config(kind):
    layer = kind(6, dtype="mixed_bfloat16")
    again = kind.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.compute_output_shape((None, 10)) == (None, 6)
