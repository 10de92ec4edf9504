"""Stride-2 convolutions with what follows them, and their gradients, in the form that oneDNN is fastest at on CPUs.

Nothing here changes the mathematics, only the order of rounding (tests hold each function against stock Keras layers):

- the gradient of LeakyReLU is taken from its output, whose sign is that of its input; so no one else needs the sum
  behind the convolution, and TensorFlow fuses convolution, bias and LeakyReLU into one kernel;
- the gradient of a bias is a matrix product with ones: oneDNN's fused "weights with bias" gradient takes up to twice as
  long as that of the weights alone;
- in bfloat16 on small images the gradient of the weights is one matrix product with the image patches: oneDNN's
  kernel works row by row, and rows of 6 leave most of a vector register idle.

Arrays are NHWC; padding is TensorFlow's SAME for even sizes (none before, one row and column behind).
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from zpoints.models.layers.cpu_features import cpu_features, on_gpu

STRIDES = [1, 2, 2, 1]
# Up to this edge of the smaller image one matrix product beats oneDNN's bfloat16 weight gradient (at 6, not at 12).
PATCHES_UP_TO = 8

Gradient = Callable[[tf.Tensor], tuple[Any, ...]]


def fused(dtype: str) -> bool:
    """Whether these kernels are used: on CPUs, in float32 and bfloat16. Elsewhere TensorFlow's own gradients are."""
    return dtype in ("float32", "bfloat16") and not on_gpu()


def convolve(x: tf.Tensor, kernel: tf.Tensor, transposed: bool) -> tf.Tensor:
    """3x3 convolution of stride 2, or its transpose; the kernel is (3, 3, in, out), transposed (3, 3, out, in)."""
    if not transposed:
        return tf.nn.conv2d(x, kernel, STRIDES, "SAME")
    batch, height, width = tf.shape(x)[0], x.shape[1], x.shape[2]
    return tf.nn.conv2d_transpose(x, kernel, [batch, 2 * height, 2 * width, kernel.shape[2]], STRIDES, "SAME")


def biased(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, slope: float, transposed: bool) -> tf.Tensor:
    """LeakyReLU of convolution and bias. x and the result are of the kernel's dtype, bias is float32 (out,)."""

    @tf.custom_gradient
    def forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, Gradient]:
        sums = tf.nn.bias_add(convolve(x, kernel, transposed), tf.cast(bias, kernel.dtype))
        y = tf.nn.leaky_relu(sums, slope)

        def backward(dy: tf.Tensor) -> tuple[tf.Tensor, ...]:
            d = tf.raw_ops.LeakyReluGrad(gradients=dy, features=y, alpha=slope)
            return *_backward(x, kernel, d, transposed), column_sums(d)

        return y, backward

    return forward(x, kernel, bias)


def normalized(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    gamma: tf.Tensor,
    beta: tf.Tensor,
    epsilon: float,
    slope: float,
    transposed: bool,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """LeakyReLU of batch normalization of convolution and bias, with the statistics of this batch.

    The normalization takes the bias away again, so it is not even added, and its gradient is 0.

    Returns: the result, and mean and (biased) variance of convolution and bias over the batch, float32 (out,), for
    which no gradient is defined.
    """

    @tf.custom_gradient
    def forward(
        x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], Gradient]:
        sums = convolve(x, kernel, transposed)
        norm = normalize(sums, gamma, beta, epsilon)
        y = tf.nn.leaky_relu(norm.y, slope)

        def backward(dy: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, ...]:
            d = tf.raw_ops.FusedBatchNormGradV3(
                y_backprop=tf.raw_ops.LeakyReluGrad(gradients=dy, features=y, alpha=slope),
                x=sums,
                scale=gamma,
                reserve_space_1=norm.reserve_space_1,
                reserve_space_2=norm.reserve_space_2,
                reserve_space_3=norm.reserve_space_3,
                epsilon=epsilon,
            )
            dx, dkernel = _backward(x, kernel, d.x_backprop, transposed)
            return dx, dkernel, tf.zeros_like(bias), d.scale_backprop, d.offset_backprop

        return (y, norm.batch_mean + bias, biased_variance(norm.batch_variance, sums)), backward

    return forward(x, kernel, bias, gamma, beta)


def normalize(sums: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float) -> Any:
    """TensorFlow's fused batch normalization over batch, height and width (the raw op, with all its outputs)."""
    none = tf.zeros([0])
    return tf.raw_ops.FusedBatchNormV3(
        x=sums, scale=gamma, offset=beta, mean=none, variance=none, epsilon=epsilon, is_training=True
    )


def biased_variance(variance: tf.Tensor, sums: tf.Tensor) -> tf.Tensor:
    """The mean squared deviation, as Keras keeps it, from the unbiased estimate that the fused op returns."""
    count = tf.cast(tf.size(sums) // sums.shape[-1], tf.float32)
    return variance * (count - 1.0) / count


def column_sums(d: tf.Tensor) -> tf.Tensor:
    """Sums over all axes but the last, float32 (channels,), as a matrix product."""
    rows = tf.reshape(d, (-1, d.shape[-1]))
    return tf.cast(tf.matmul(tf.ones((1, tf.shape(rows)[0]), d.dtype), rows)[0], tf.float32)


def _backward(x: tf.Tensor, kernel: tf.Tensor, d: tf.Tensor, transposed: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """Gradients of a convolution to its input and its kernel; a transposed one's are a convolution's, swapped."""
    if transposed:
        return convolve(d, kernel, transposed=False), weight_gradient(d, x)
    dx = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.shape(x), filter=kernel, out_backprop=d, strides=STRIDES, padding="SAME"
    )
    return dx, weight_gradient(x, d)


def weight_gradient(large: tf.Tensor, small: tf.Tensor) -> tf.Tensor:
    """Gradient of the kernel, (3, 3, channels of large, channels of small), of large's dtype.

    Args: large (batch, 2h, 2w, c), what the convolution reads; small (batch, h, w, f), the gradient of its result.
    """
    channels, filters = large.shape[-1], small.shape[-1]
    if not _by_patches(large.dtype, small.shape[1]):
        return tf.raw_ops.Conv2DBackpropFilter(
            input=large, filter_sizes=[3, 3, channels, filters], out_backprop=small, strides=STRIDES, padding="SAME"
        )
    patches, rows = patch_matrix(large), tf.reshape(small, (-1, filters))
    return tf.reshape(tf.matmul(patches, rows, transpose_a=True), (3, 3, channels, filters))


def _by_patches(dtype: tf.DType, edge: int) -> bool:
    # CPUs with AMX have kernels of their own for this gradient; float32 gains nothing.
    features = cpu_features()
    return dtype == tf.bfloat16 and edge <= PATCHES_UP_TO and "avx512_bf16" in features and "amx_bf16" not in features


def patch_matrix(x: tf.Tensor) -> tf.Tensor:
    """All 3x3 patches of stride 2 as rows, (batch * h * w, 9 * channels), from x (batch, 2h, 2w, channels)."""
    batch, height, width, channels = tf.shape(x)[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]
    padded = tf.pad(x, [[0, 0], [0, 2], [0, 2], [0, 0]])
    pairs = tf.reshape(padded, (batch, height + 1, 2, width + 1, 2 * channels))
    columns = []
    for rows in (pairs[:, :height, 0], pairs[:, :height, 1], pairs[:, 1:, 0]):
        columns += [rows[:, :, :width], rows[:, :, 1:, :channels]]
    return tf.concat([tf.reshape(part, (-1, part.shape[-1])) for part in columns], axis=1)
