"""The terms of the loss, per image, and what is reported beside them.

All sums run over pixels and all averages over the three channels, as in the posts. A textbook's sum over the channels
is three times as large, so a KL weight of `fact` here is beta = 3 * fact in the Bernoulli ELBO.
"""

import numpy as np
import tensorflow as tf


def cross_entropy(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy, averaged over the channels and summed over the pixels, in nats.

    Args: images in [0, 1] and the decoder's logits, both float32 (batch, height, width, channels).
    Returns: float32 (batch,).
    """
    terms = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)
    return tf.reduce_sum(terms, axis=(1, 2, 3)) / images.shape[-1]


def squared_error(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Squared error of sigmoid(logits), averaged over the channels and summed over the pixels; float32 (batch,)."""
    return tf.reduce_sum(tf.square(images - tf.sigmoid(logits)), axis=(1, 2, 3)) / images.shape[-1]


RECONSTRUCTION = {"bce": cross_entropy, "mse": squared_error}


def kl_divergence(mu: tf.Tensor, logvar: tf.Tensor) -> tf.Tensor:
    """KL(N(mu, exp(logvar)) || N(0, I)) in nats, not weighted: Kingma and Welling 2014, appendix B.

    Args: mu and logvar, float32 (batch, z_dim). Returns: float32 (batch,).
    """
    return -0.5 * tf.reduce_sum(1.0 + logvar - tf.square(mu) - tf.exp(logvar), axis=1)


def mean_squared_error(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean squared error per pixel value, for pixels in [0, 1]; float32 (batch,)."""
    return tf.reduce_mean(tf.square(images - tf.sigmoid(logits)), axis=(1, 2, 3))


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
