"""The terms of the loss, per image, and what is reported beside them.

All sums run over pixels and all averages over the three channels, as in the posts. A textbook's sum over the channels
is three times as large, so a KL weight of `fact` here is beta = 3 * fact in the Bernoulli ELBO.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from zpoints.models.networks import CHANNELS


def cross_entropy(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy, averaged over the channels and summed over the pixels, in nats.

    Args: images in [0, 1], float32, and the decoder's logits, of any float dtype; both (batch, ...) with an image's
    values in any one order. The arithmetic is float32.
    Returns: float32 (batch,).
    """
    return _cross_entropy(images, logits)[0]


def squared_error(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Squared error of sigmoid(logits), averaged over the channels and summed over the pixels; float32 (batch,)."""
    return _squared_error(images, logits)[0]


def _cross_entropy(images: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The cross-entropy, and the mean squared error beside it, which has no gradient."""

    @tf.custom_gradient
    def loss(logits: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], Any]:
        sums, squares, slopes = _pixels(images, logits)

        def backward(upstream: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
            return _scaled(slopes, tf.reshape(upstream / CHANNELS, (-1,) + (1,) * (len(logits.shape) - 1)))

        return (sums / CHANNELS, squares / _values(images)), backward

    return loss(logits)


@tf.function(jit_compile=True, autograph=False, reduce_retracing=True)
def _pixels(images: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Sums over each image of cross-entropy and squared error, and the derivative of the first to each logit.

    Compiled by XLA into one pass over the pixels; op by op it is nine, a tenth of a training step.
    """
    x = tf.cast(logits, images.dtype)
    small = tf.exp(-tf.abs(x))
    terms = tf.maximum(x, 0.0) - x * images + tf.math.log1p(small)
    slopes = tf.where(x >= 0, 1.0 / (1.0 + small), small / (1.0 + small)) - images
    inner = range(1, len(x.shape))
    return tf.reduce_sum(terms, inner), tf.reduce_sum(tf.square(slopes), inner), tf.cast(slopes, logits.dtype)


@tf.function(jit_compile=True, autograph=False, reduce_retracing=True)
def _scaled(slopes: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """slopes * scale, of the slopes' dtype. In bfloat16 the scale itself would be off by up to 0.4%, for all alike."""
    return tf.cast(tf.cast(slopes, scale.dtype) * scale, slopes.dtype)


def _squared_error(images: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The squared error, and its mean over all values of an image."""
    mse = mean_squared_error(images, logits)
    return mse * (_values(images) / CHANNELS), mse


def _values(images: tf.Tensor) -> int:
    """Numbers in an image: pixels times channels."""
    return int(np.prod(images.shape[1:]))


# Each: images and logits to (loss, mean squared error), float32 (batch,) both.
RECONSTRUCTION = {"bce": _cross_entropy, "mse": _squared_error}


def kl_divergence(mu: tf.Tensor, logvar: tf.Tensor) -> tf.Tensor:
    """KL(N(mu, exp(logvar)) || N(0, I)) in nats, not weighted: Kingma and Welling 2014, appendix B.

    Args: mu and logvar, float32 (batch, z_dim). Returns: float32 (batch,).
    """
    return -0.5 * tf.reduce_sum(1.0 + logvar - tf.square(mu) - tf.exp(logvar), axis=1)


def mean_squared_error(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean squared error per pixel value, for pixels in [0, 1]; float32 (batch,)."""
    errors = images - tf.sigmoid(tf.cast(logits, tf.float32))
    return tf.reduce_mean(tf.square(errors), axis=range(1, len(errors.shape)))


def psnr(mse: tf.Tensor) -> tf.Tensor:
    """Peak signal-to-noise ratio in decibels, -10 log10(mse) for pixels in [0, 1]; any shape."""
    return -10.0 / np.log(10.0) * tf.math.log(mse)


def entropy(images: np.ndarray) -> np.ndarray:
    """The floor of `cross_entropy`: its value for a decoder that returns the images themselves, in nats.

    Pixels are not binary, so no decoder can reach 0; subtract this before comparing two crops or two data sets.

    Args: images, uint8 (batch, height, width, channels). Returns: float64 (batch,).
    """
    p = np.arange(1, 255) / 255
    table = np.zeros(256)
    table[1:255] = -p * np.log(p) - (1 - p) * np.log1p(-p)
    return table[images].sum(axis=(1, 2, 3)) / images.shape[-1]
