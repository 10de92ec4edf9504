"""Encoder and decoder as functional Keras models, and their table of parameters.

The network is that of the posts: stride-2 3x3 convolutions, LeakyReLU, a linear Dense layer to the latent space, and
the mirror image of it back to the pixels.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zpoints.params.models import AutoencoderEntry, VariationalEntry

CHANNELS = 3


@keras.saving.register_keras_serializable("zpoints")
class AffineNormalization(keras.layers.BatchNormalization):
    """Batch normalization that never sees a batch: its moving statistics stay 0 and 1.

    What remains is a trained scale and shift per channel, gamma * x / sqrt(1 + epsilon) + beta. This is what a
    BatchNormalization layer does in a GradientTape step whose sub-models are called without `training=True`.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return super().call(inputs, training=False, mask=mask)


NORMALIZATIONS = {"affine": AffineNormalization, "batch": keras.layers.BatchNormalization}


class _Builder:
    """Layers with initial weights keyed by (seed, position), so that they don't hang on any global state."""

    def __init__(self, spec: AutoencoderEntry, seed: int, part: int) -> None:
        self.spec = spec
        self._seeds = np.random.SeedSequence([seed, part]).generate_state(64).tolist()

    def glorot(self) -> keras.initializers.Initializer:
        return keras.initializers.GlorotUniform(seed=self._seeds.pop(0) >> 1)

    def activation(self, x: Any, index: int) -> Any:
        """[Normalization and] LeakyReLU behind a convolution."""
        if self.spec.batch_norm != "none":
            x = NORMALIZATIONS[self.spec.batch_norm](name=f"norm_{index}")(x)
        return keras.layers.LeakyReLU(self.spec.negative_slope, name=f"act_{index}")(x)


def build_encoder(spec: AutoencoderEntry, size: int, seed: int) -> keras.Model:
    """Images, float32 (batch, size, size, 3) in [0, 1], to mu (batch, z_dim); for a VAE to [mu, logvar]."""
    build = _Builder(spec, seed, part=0)
    images = x = keras.Input((size, size, CHANNELS), name="images")
    for index, filters in enumerate(spec.filters, 1):
        x = keras.layers.Conv2D(
            filters, 3, strides=2, padding="same", kernel_initializer=build.glorot(), name=f"conv_{index}"
        )(x)
        x = build.activation(x, index)
    x = keras.layers.Flatten(name="flatten")(x)
    if spec.extra_dense:
        x = keras.layers.Dense(spec.extra_dense, kernel_initializer=build.glorot(), name="extra_dense")(x)
    mu = keras.layers.Dense(spec.z_dim, kernel_initializer=build.glorot(), name="mu")(x)
    if not isinstance(spec, VariationalEntry):
        return keras.Model(images, mu, name="encoder")
    logvar = keras.layers.Dense(spec.z_dim, kernel_initializer=build.glorot(), name="logvar")(x)
    return keras.Model(images, [mu, logvar], name="encoder")


def build_decoder(spec: AutoencoderEntry, size: int, seed: int) -> keras.Model:
    """z-points, float32 (batch, z_dim), to images, float32 (batch, size, size, 3) in (0, 1)."""
    build = _Builder(spec, seed, part=1)
    edge, depth = size // 2 ** len(spec.filters), spec.filters[-1]
    z = keras.Input((spec.z_dim,), name="z")
    x = keras.layers.Dense(edge * edge * depth, kernel_initializer=build.glorot(), name="dense")(z)
    x = keras.layers.Reshape((edge, edge, depth), name="reshape")(x)
    widths = [*reversed(spec.filters[:-1]), CHANNELS]
    for index, filters in enumerate(widths, 1):
        last = index == len(widths)
        x = keras.layers.Conv2DTranspose(
            filters,
            3,
            strides=2,
            padding="same",
            kernel_initializer=build.glorot(),
            name="logits" if last else f"conv_{index}",
        )(x)
        if not last:
            x = build.activation(x, index)
    return keras.Model(z, keras.layers.Activation("sigmoid", name="images")(x), name="decoder")


def logits_of(decoder: keras.Model) -> keras.Model:
    """The decoder up to its last convolution; it shares all weights with `decoder`."""
    return keras.Model(decoder.input, decoder.get_layer("logits").output, name="decoder_logits")


def parameter_table(parts: Sequence[keras.Model]) -> list[dict[str, Any]]:
    """A row for each layer that has weights: part, layer, its output's shape without the batch, parameters."""
    return [
        {
            "part": part.name,
            "layer": layer.name,
            "output": "x".join(str(edge) for edge in layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for part in parts
        for layer in part.layers
        if layer.count_params()
    ]
