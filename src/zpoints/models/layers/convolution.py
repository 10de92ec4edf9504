"""The networks' convolutions as Keras layers: with normalization and LeakyReLU, and the last one, to logits."""

from typing import Any

import keras
import tensorflow as tf

from zpoints.models.layers import kernels

Shape = tuple[Any, ...]  # the batch's size is None
MOMENTUM = 0.99
EPSILON = 1e-3  # both as in keras.layers.BatchNormalization


@keras.saving.register_keras_serializable("zpoints")
class Convolution(keras.layers.Layer):
    """3x3 convolution of stride 2 (or its transpose), [normalization,] LeakyReLU; float32 weights.

    normalization `affine` is batch normalization that never sees a batch: its moving statistics stay 0 and 1, and what
    remains is a trained scale and shift per channel, gamma * x / sqrt(1 + epsilon) + beta. This is what a
    BatchNormalization layer does in a GradientTape step whose sub-models are called without `training=True`. A scale
    and shift behind a convolution is a convolution with other weights, so it is computed as that.
    normalization `batch` is the textbook's, with batch statistics in training and moving ones elsewhere.

    Args: filters; normalization `none`, `affine` or `batch`; negative_slope of LeakyReLU; transposed for the decoder.
    """

    def __init__(
        self,
        filters: int,
        normalization: str = "none",
        negative_slope: float = 0.3,
        transposed: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.filters, self.normalization = filters, normalization
        self.negative_slope, self.transposed = negative_slope, transposed
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, shape: Shape) -> None:
        channels = (self.filters, shape[-1]) if self.transposed else (shape[-1], self.filters)
        # Without autocast the weights come as they are: they are rounded once, after the scale is multiplied in.
        self.kernel = self.add_weight(
            shape=(3, 3, *channels), initializer=self.kernel_initializer, autocast=False, name="kernel"
        )
        options: dict[str, Any] = {"shape": (self.filters,), "autocast": False}
        self.bias = self.add_weight(initializer="zeros", name="bias", **options)
        if self.normalization != "none":
            self.gamma = self.add_weight(initializer="ones", name="gamma", **options)
            self.beta = self.add_weight(initializer="zeros", name="beta", **options)
            options |= {"trainable": False}
            self.moving_mean = self.add_weight(initializer="zeros", name="moving_mean", **options)
            self.moving_variance = self.add_weight(initializer="ones", name="moving_variance", **options)

    def call(self, x: Any, training: bool = False) -> Any:
        if self.normalization == "batch" and training:
            return self._normalize_batch(x)
        kernel, bias = tf.convert_to_tensor(self.kernel), tf.convert_to_tensor(self.bias)
        if self.normalization != "none":
            scale = self.gamma * tf.math.rsqrt(self.moving_variance + EPSILON)
            kernel = kernel * (scale[:, tf.newaxis] if self.transposed else scale)
            bias = (bias - self.moving_mean) * scale + self.beta
        kernel = tf.cast(kernel, self.compute_dtype)
        if kernels.fused(self.compute_dtype):
            return kernels.biased(x, kernel, bias, self.negative_slope, self.transposed)
        sums = kernels.convolve(x, kernel, self.transposed) + tf.cast(bias, self.compute_dtype)
        return tf.nn.leaky_relu(sums, self.negative_slope)

    def _normalize_batch(self, x: Any) -> Any:
        kernel = tf.cast(tf.convert_to_tensor(self.kernel), self.compute_dtype)
        bias, gamma, beta = (tf.convert_to_tensor(weight) for weight in (self.bias, self.gamma, self.beta))
        if kernels.fused(self.compute_dtype):
            y, mean, variance = kernels.normalized(
                x, kernel, bias, gamma, beta, EPSILON, self.negative_slope, self.transposed
            )
        else:
            sums = kernels.convolve(x, kernel, self.transposed) + tf.cast(bias, self.compute_dtype)
            norm = kernels.normalize(sums, gamma, beta, EPSILON)
            y = tf.nn.leaky_relu(norm.y, self.negative_slope)
            mean, variance = norm.batch_mean, kernels.biased_variance(norm.batch_variance, sums)
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * MOMENTUM + value * (1 - MOMENTUM))
        return y

    def compute_output_shape(self, shape: Shape) -> Shape:
        edges = [edge * 2 if self.transposed else edge // 2 for edge in shape[1:3]]
        return (shape[0], *edges, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "normalization": self.normalization,
            "negative_slope": self.negative_slope,
            "transposed": self.transposed,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


@keras.saving.register_keras_serializable("zpoints")
class SubPixelLogits(keras.layers.Layer):
    """The decoder's last transposed 3x3 convolution of stride 2, as a sub-pixel convolution.

    Weights are those of Conv2DTranspose.
    Every second row and every second column of the result is a convolution of its own with at most 2x2 taps. All four
    together are one 2x2 convolution of stride 1 with four times the channels: (batch, h, w, c) to
    (batch, h, w, 4 * filters), whose `depth_to_space` is the (batch, 2h, 2w, filters) of Conv2DTranspose
    (Shi et al. 2016, arXiv:1609.07009). With three channels it takes half the time.
    """

    def __init__(self, filters: int, kernel_initializer: Any = "glorot_uniform", **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, shape: Shape) -> None:
        self.kernel = self.add_weight(
            shape=(3, 3, self.filters, shape[-1]), initializer=self.kernel_initializer, autocast=False, name="kernel"
        )
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", autocast=False, name="bias")

    def call(self, x: Any) -> Any:
        kernel = tf.cast(sub_pixel_kernel(tf.convert_to_tensor(self.kernel)), self.compute_dtype)
        bias = tf.cast(tf.tile(tf.convert_to_tensor(self.bias), [4]), self.compute_dtype)
        before = tf.pad(x, [[0, 0], [1, 0], [1, 0], [0, 0]])
        return tf.nn.bias_add(tf.nn.conv2d(before, kernel, 1, "VALID"), bias)

    def compute_output_shape(self, shape: Shape) -> Shape:
        return (*shape[:3], 4 * self.filters)

    def get_config(self) -> dict[str, Any]:
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return {**super().get_config(), "filters": self.filters, "kernel_initializer": initializer}


def sub_pixel_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """A transposed 3x3 kernel, (3, 3, out, in), as that of a 2x2 convolution, (2, 2, in, 4 * out).

    Output row 2i takes input row i with tap 0 and row i - 1 with tap 2; row 2i + 1 row i with tap 1. Columns alike.
    """
    taps = tf.transpose(kernel, (0, 1, 3, 2))
    taps = tf.pad(taps, [[0, 1], [0, 1], [0, 0], [0, 0]])  # index 3 is no tap
    # By parity of the output row: the tap for the input row before, and for the row itself.
    order = tf.constant([[2, 0], [3, 1]])
    split = tf.gather(tf.gather(taps, order, axis=0), order, axis=2)  # parity, tap, parity, tap, in, out
    channels, filters = taps.shape[2], taps.shape[3]
    return tf.reshape(tf.transpose(split, (1, 3, 4, 0, 2, 5)), (2, 2, channels, 4 * filters))


def space_to_depth(images: tf.Tensor) -> tf.Tensor:
    """Images (batch, 2h, 2w, c) in sub-pixel order, (batch, h, w, 4c): a quicker tf.nn.space_to_depth."""
    height, width, channels = images.shape[1] // 2, images.shape[2] // 2, images.shape[3]
    pairs = tf.reshape(images, (-1, height, 2, width, 2 * channels))
    return tf.reshape(tf.transpose(pairs, (0, 1, 3, 2, 4)), (-1, height, width, 4 * channels))


@keras.saving.register_keras_serializable("zpoints")
class DepthToSpace(keras.layers.Layer):
    """Images (batch, 2h, 2w, c) from their sub-pixel order (batch, h, w, 4c)."""

    def call(self, x: Any) -> Any:
        return tf.nn.depth_to_space(x, 2)

    def compute_output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(edge * 2 for edge in shape[1:3]), shape[3] // 4)
