"""Dense layers at the borders of the latent space, where no value is rounded to bfloat16, whatever the precision.

A bfloat16 number of size 1 is exact to 0.004: as much as the whole noise of a VAE with a tiny KL loss. So mu, logvar
and z stay float32, and only the gradients behind them are computed in the layer's compute dtype.
"""

from typing import Any

import keras
import tensorflow as tf


class _Dense(keras.layers.Layer):
    """A linear layer with float32 weights that its `call` rounds itself."""

    def __init__(self, units: int, kernel_initializer: Any = "glorot_uniform", **options: Any) -> None:
        super().__init__(autocast=False, **options)
        self.units = units
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            shape=(shape[-1], self.units), initializer=self.kernel_initializer, autocast=False, name="kernel"
        )
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", autocast=False, name="bias")

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        initializer = keras.initializers.serialize(self.kernel_initializer)
        return {**super().get_config(), "units": self.units, "kernel_initializer": initializer}


@keras.saving.register_keras_serializable("zpoints")
class ToLatent(_Dense):
    """Features of any dtype, (batch, features), to mu or logvar, float32 (batch, units), with float32 arithmetic."""

    def call(self, x: Any) -> Any:
        dtype = self.compute_dtype

        @tf.custom_gradient
        def product(x: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Any]:
            def backward(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                d, low = tf.cast(dy, dtype), tf.cast(x, dtype)
                dx = tf.matmul(d, tf.cast(kernel, dtype), transpose_b=True)
                return tf.cast(dx, x.dtype), tf.cast(tf.matmul(low, d, transpose_a=True), kernel.dtype)

            return tf.matmul(tf.cast(x, tf.float32), kernel), backward

        return product(x, tf.convert_to_tensor(self.kernel)) + self.bias


@keras.saving.register_keras_serializable("zpoints")
class FromLatent(_Dense):
    """z, float32 (batch, z_dim), to features (batch, units) of the compute dtype.

    z enters as its rounded value and what that leaves, side by side: a product in fewer bits, of twice the length, that
    sees 16 bits of z.
    """

    def call(self, z: Any) -> Any:
        dtype = self.compute_dtype
        kernel, bias = tf.cast(self.kernel, dtype), tf.cast(self.bias, dtype)
        if dtype == "float32":
            return tf.matmul(z, kernel) + bias

        @tf.custom_gradient
        def product(z: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Any]:
            rounded = tf.cast(z, dtype)
            rest = tf.cast(z - tf.cast(rounded, z.dtype), dtype)

            def backward(d: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                dz = tf.cast(tf.matmul(d, kernel, transpose_b=True), z.dtype)
                return dz, tf.matmul(rounded, d, transpose_a=True)

            # One product, so that both parts are summed before anything is rounded.
            both = tf.matmul(tf.concat([rounded, rest], axis=1), tf.concat([kernel, kernel], axis=0))
            return both, backward

        return product(z, kernel) + bias
