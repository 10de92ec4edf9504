"""Our convolutions against stock Keras layers with the same weights: values, gradients and moving statistics."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zpoints.models.layers import kernels
from zpoints.models.layers.convolution import Convolution, DepthToSpace, SubPixelLogits, space_to_depth

RNG = np.random.default_rng(0)
EDGES = [4, 12, 24]  # of the smaller image: by patches in bfloat16 on some CPUs, and by convolution


def weigh(layer, seed=1):
    """Give all weights of a built layer random values, so that none is 0 or 1 by accident; a variance is positive."""
    rng = np.random.default_rng(seed)
    signs = [rng.choice([-1, 1], weight.shape) for weight in layer.get_weights()[:4]]
    values = [rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()]
    layer.set_weights([value * sign for value, sign in zip(values, signs, strict=False)] + values[4:])


def stock(ours, images, training):
    """The same three steps as Keras has them, as a function of the weights' list."""
    kernel, bias, *norm = ours.get_weights()
    options = {"strides": 2, "padding": "same", "dtype": "float32"}
    conv = (keras.layers.Conv2DTranspose if ours.transposed else keras.layers.Conv2D)(ours.filters, 3, **options)
    conv.build(images.shape)
    conv.set_weights([kernel, bias])
    layers = [conv]
    if norm:
        batch = keras.layers.BatchNormalization()
        batch.build(conv.compute_output_shape(images.shape))
        batch.set_weights(norm)
        layers.append(batch)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(images)
        x = conv(images)
        if norm:
            x = batch(x, training=training and ours.normalization == "batch")
        y = keras.layers.LeakyReLU(ours.negative_slope)(x)
        loss = tf.reduce_sum(y * directions(y.shape))
    weights = [weight.value for layer in layers for weight in layer.trainable_weights]
    return (
        y,
        [tape.gradient(loss, images), *tape.gradient(loss, weights)],
        [w.numpy() for layer in layers for w in layer.non_trainable_weights],
    )


def directions(shape):
    return tf.constant(np.random.default_rng(2).normal(size=shape), tf.float32)


def own(ours, images, training):
    with tf.GradientTape() as tape:
        tape.watch(images)
        y = tf.cast(ours(images, training=training), tf.float32)
        loss = tf.reduce_sum(y * directions(y.shape))
    weights = [weight.value for weight in ours.trainable_weights]
    gradients = tape.gradient(loss, [images, *weights])
    return y, gradients, [w.numpy() for w in ours.non_trainable_weights]


def layer(normalization, transposed, edge, dtype="float32"):
    made = Convolution(5, normalization, 0.3, transposed, dtype=dtype)
    images = (
        tf.constant(RNG.normal(size=(6, edge, edge, 3)), tf.float32)
        if transposed
        else tf.constant(RNG.normal(size=(6, 2 * edge, 2 * edge, 3)), tf.float32)
    )
    made.build(images.shape)
    weigh(made)
    return made, images


def assert_near(one, other, tolerance):
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    assert one.shape == other.shape
    scale = np.sqrt(np.mean(other**2))
    np.testing.assert_allclose(one, other, atol=tolerance * max(scale, 0.5), rtol=0)


@pytest.mark.parametrize(
    ("fused", "edge", "training"),
    [*((True, edge, True) for edge in EDGES), (True, 12, False), (False, 12, True), (False, 12, False)],
)
@pytest.mark.parametrize("transposed", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("normalization", ["none", "affine", "batch"])
def test_convolution_equals_stock_keras_layers(normalization, transposed, edge, training, fused, monkeypatch):
    monkeypatch.setattr(kernels, "fused", lambda dtype: fused)
    made, images = layer(normalization, transposed, edge)
    expected = stock(made, images, training)
    y, gradients, statistics = own(made, images, training)
    assert_near(y, expected[0], 1e-4)
    for mine, theirs in zip(gradients, expected[1], strict=True):
        assert_near(mine, theirs, 2e-3 if normalization == "batch" else 1e-4)
    for mine, theirs in zip(statistics, expected[2], strict=True):
        assert_near(mine, theirs, 1e-5)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("transposed", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("normalization", ["none", "affine", "batch"])
def test_bfloat16_convolution_differs_by_rounding(normalization, transposed, edge):
    made, images = layer(normalization, transposed, edge)
    y, gradients, _ = own(made, images, training=True)
    low, _ = layer(normalization, transposed, edge, "mixed_bfloat16")
    low.set_weights(made.get_weights())
    low_y, low_gradients, _ = own(low, images, training=True)
    assert low(images).dtype == tf.bfloat16
    assert {weight.dtype for weight in low.weights} == {"float32"}
    assert_near(low_y, y, 0.1)
    for mine, theirs in zip(low_gradients, gradients, strict=True):
        assert_similar(mine, theirs)


def assert_similar(one, other):
    """The same within a quarter: near 0, rounding also changes signs, and with them LeakyReLU's slope."""
    one, other = np.ravel(one).astype(np.float64), np.ravel(other).astype(np.float64)
    assert np.linalg.norm(one - other) <= 0.25 * np.linalg.norm(other) + 0.3


@pytest.mark.parametrize("edge", [2, 6, 8])
def test_weight_gradient_by_patches_is_exact(edge, monkeypatch):
    large = tf.constant(RNG.normal(size=(7, 2 * edge, 2 * edge, 3)), tf.float32)
    small = tf.constant(RNG.normal(size=(7, edge, edge, 5)), tf.float32)
    expected = kernels.weight_gradient(large, small)
    monkeypatch.setattr(kernels, "_by_patches", lambda dtype, edge: True)
    assert_near(kernels.weight_gradient(large, small), expected, 1e-5)


def test_patches_are_tensorflows(edge=6):
    x = tf.constant(RNG.normal(size=(3, 2 * edge, 2 * edge, 4)), tf.float32)
    expected = tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME")
    np.testing.assert_array_equal(kernels.patch_matrix(x), tf.reshape(expected, (-1, 36)))


def test_column_sums_accumulate_in_float32():
    ones = tf.ones((8, 64, 64, 3), tf.bfloat16)
    np.testing.assert_array_equal(kernels.column_sums(ones), [8 * 64 * 64] * 3)  # in bfloat16 a sum of ones ends at 256


def test_the_kernels_are_used_on_cpus_alone(monkeypatch):
    monkeypatch.setattr(kernels, "on_gpu", lambda: False)
    assert kernels.fused("float32") and kernels.fused("bfloat16") and not kernels.fused("float16")
    monkeypatch.setattr(kernels, "on_gpu", lambda: True)
    assert not kernels.fused("float32")


def logits(edge=6, dtype="float32"):
    made = SubPixelLogits(3, dtype=dtype)
    made.build((None, edge, edge, 4))
    weigh(made)
    return made


def test_sub_pixel_logits_equal_conv2dtranspose():
    made = logits()
    x = tf.constant(RNG.normal(size=(5, 6, 6, 4)), tf.float32)
    theirs = keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same")
    theirs.build(x.shape)
    theirs.set_weights(made.get_weights())
    weights = directions((5, 12, 12, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        own, stock = DepthToSpace()(made(x)), theirs(x)
        losses = tf.reduce_sum(own * weights), tf.reduce_sum(stock * weights)
    assert_near(own, stock, 1e-5)
    mine = tape.gradient(losses[0], [x, *(weight.value for weight in made.weights)])
    for one, other in zip(
        mine, tape.gradient(losses[1], [x, *(weight.value for weight in theirs.weights)]), strict=True
    ):
        assert_near(one, other, 1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_space_to_depth_matches_tensorflow(dtype):
    images = tf.constant(RNG.integers(0, 256, (3, 8, 12, 3)).astype(dtype))
    np.testing.assert_array_equal(space_to_depth(images), tf.nn.space_to_depth(images, 2))
    np.testing.assert_array_equal(DepthToSpace(dtype="float32")(tf.cast(space_to_depth(images), tf.float32)), images)


@pytest.mark.parametrize("made", [Convolution(5, "affine", 0.2, True), SubPixelLogits(3), DepthToSpace()])
def test_layers_serialize_with_their_shapes(made):
    again = type(made).from_config(made.get_config())
    x = tf.zeros((2, 6, 6, 8))
    assert again(x).shape == made(x).shape == (2, *made.compute_output_shape((None, 6, 6, 8))[1:])
    assert again.get_config() == made.get_config()
