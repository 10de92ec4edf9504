"""training.layers: stock Keras layers compute what this project's own do, up to rounding."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE
from zpoints.config.training import Training
from zpoints.models.autoencoder import build, noise_key
from zpoints.models.layers.adam import FusedAdam
from zpoints.training.fit import compiled

pytestmark = pytest.mark.slow

SIZE = 16
IMAGES = np.random.default_rng(1).integers(0, 256, (12, SIZE, SIZE, 3), dtype=np.uint8)
SPECS = {
    "none": AE,
    "affine": VAE.model_copy(update={"batch_norm": "affine", "extra_dense": 5, "fact": 1.0}),
    "batch": VAE.model_copy(update={"batch_norm": "batch", "fact": 1.0}),
}
OURS = "zpoints.models"


@pytest.fixture(params=SPECS)
def spec(request):
    return SPECS[request.param]


def pair(spec):
    """A fast and a stock model with the same weights, none of them 0 or 1 by accident."""
    fast, stock = (build(spec, SIZE, 3, layers=layers) for layers in ("fast", "stock"))
    for mine, theirs in zip(fast.get_weights(), stock.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    rng = np.random.default_rng(0)
    weights = [weight + rng.uniform(0, 0.1, weight.shape).astype(np.float32) for weight in fast.get_weights()]
    for model in (fast, stock):
        model.set_weights(weights)
    return fast, stock


def assert_near(ours, theirs, tolerance=1e-4):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(0.1, np.abs(theirs).max()))


def test_stock_layers_are_keras_own(spec):
    stock = build(spec, SIZE, layers="stock")
    layers = [layer for part in (stock.encoder, stock.decoder) for layer in part.layers]
    assert not [layer for layer in layers if type(layer).__module__.startswith(OURS)]
    assert sum(map(type(layers[1]).__instancecheck__, layers)) == len(spec.filters)
    assert type(compiled(spec, Training(layers="stock"), SIZE).optimizer) is keras.optimizers.Adam
    assert type(compiled(spec, Training(), SIZE).optimizer) is FusedAdam


@pytest.mark.parametrize("training", [False, True])
def test_outputs_and_gradients_agree(spec, training):
    results = []
    for model in pair(spec):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model.forward(IMAGES, noise_key(0, tf.constant(0)), training).terms["total"])
        gradients = tape.gradient(loss, model.trainable_variables)
        mu, _ = model.encode(IMAGES, training)
        results.append((loss, mu, model.decoder(mu), *gradients))
    for ours, theirs in zip(*results, strict=True):
        assert_near(ours, theirs, 1e-3 if spec.batch_norm == "batch" else 1e-4)


def test_one_training_step_agrees(spec):
    fast, stock = pair(spec)
    for model, adam in ((fast, FusedAdam), (stock, keras.optimizers.Adam)):
        model.compile(optimizer=adam(1e-3), jit_compile=False)
        model.optimizer.build(model.trainable_variables)
        model.train_step((tf.constant(IMAGES), tf.constant(0, tf.int64)))
    for ours, theirs, variable in zip(fast.get_weights(), stock.get_weights(), stock.weights, strict=True):
        if spec.batch_norm == "batch" and variable.path.startswith("conv") and variable.name == "bias":
            continue  # its gradient is 0 up to rounding, which Adam scales up to whole steps
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_stock_layers_keep_latents_in_float32(precision):
    model = build(VAE, SIZE, precision=precision, layers="stock")
    outputs = [*model.encode(IMAGES), model.decoder(tf.zeros((1, VAE.z_dim)))]
    assert {output.dtype for output in outputs} == {tf.float32}
    assert model.logits(tf.zeros((1, VAE.z_dim))).dtype == precision
