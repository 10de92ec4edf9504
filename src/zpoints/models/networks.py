"""Encoder and decoder as functional Keras models, and their table of parameters.

The network is that of the posts: stride-2 3x3 convolutions, LeakyReLU, a linear Dense layer to the latent space, and
the mirror image of it back to the pixels. Its layers are this project's own (`fast`) or those of Keras (`stock`), with
the same weights in the same order.
"""

from collections.abc import Sequence
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from zpoints.config.models import AutoencoderEntry, VariationalEntry
from zpoints.models.layers.convolution import Convolution, DepthToSpace, SubPixelLogits
from zpoints.models.layers.latent import FromLatent, ToLatent
from zpoints.models.layers.precision import policy

CHANNELS = 3

Layers = Literal["fast", "stock"]


class _Builder:
    """Layers with initial weights keyed by (seed, position), independent of any global state."""

    def __init__(self, spec: AutoencoderEntry, seed: int, part: int, precision: str, layers: Layers) -> None:
        self.spec = spec
        self.policy = policy(precision)
        self.stock = layers == "stock"
        self._seeds = np.random.SeedSequence([seed, part]).generate_state(64).tolist()

    def options(self, name: str) -> dict[str, Any]:
        """What every layer with weights is given."""
        initializer = keras.initializers.GlorotUniform(seed=self._seeds.pop(0) >> 1)
        return {"kernel_initializer": initializer, "dtype": self.policy, "name": name}

    def convolution(self, x: Any, filters: int, index: int, transposed: bool = False) -> Any:
        """Apply a convolution of stride 2, [normalization and] LeakyReLU."""
        spec, options = self.spec, self.options(f"conv_{index}")
        if not self.stock:
            return Convolution(filters, spec.batch_norm, spec.negative_slope, transposed, **options)(x)
        kind = keras.layers.Conv2DTranspose if transposed else keras.layers.Conv2D
        x = kind(filters, 3, strides=2, padding="same", **options)(x)
        if spec.batch_norm != "none":
            x = keras.layers.BatchNormalization(dtype=self.policy, name=f"norm_{index}")(x)
        return keras.layers.LeakyReLU(spec.negative_slope, dtype=self.policy, name=f"relu_{index}")(x)

    def to_latent(self, x: Any, name: str) -> Any:
        """Apply a Dense layer with float32 results, whatever the precision."""
        options = self.options(name)
        if not self.stock:
            return ToLatent(self.spec.z_dim, **options)(x)
        return keras.layers.Dense(self.spec.z_dim, **options | {"dtype": "float32"})(x)


class Encoder(keras.Model):
    """A functional model that also takes images as uint8, which Keras alone would read as floats of up to 255."""

    def __call__(self, images: Any, *args: Any, **options: Any) -> Any:
        """Encode images: uint8, or floats in [0, 1]. Raises TypeError for other integers."""
        dtype = getattr(images, "dtype", "float32")
        if dtype == "uint8":
            images = unit_range(images)
        elif "float" not in str(dtype):
            raise TypeError(f"images: expected uint8, or floats in [0, 1], received {dtype}")
        return super().__call__(images, *args, **options)


def unit_range(images: tf.Tensor) -> tf.Tensor:
    """uint8 pixels as float32 in [0, 1]."""
    return tf.cast(images, tf.float32) / 255.0


def build_encoder(
    spec: AutoencoderEntry, size: int, seed: int, precision: str = "float32", layers: Layers = "fast"
) -> keras.Model:
    """Images, float32 (batch, size, size, 3) in [0, 1], to mu, float32 (batch, z_dim); for a VAE to [mu, logvar].

    `precision` is that of the arithmetic in between; weights are float32 in any.
    """
    build = _Builder(spec, seed, 0, precision, layers)
    images = x = keras.Input((size, size, CHANNELS), name="images")
    for index, filters in enumerate(spec.filters, 1):
        x = build.convolution(x, filters, index)
    x = keras.layers.Flatten(name="flatten", dtype=build.policy)(x)
    if spec.extra_dense:
        x = keras.layers.Dense(spec.extra_dense, **build.options("extra_dense"))(x)
    mu = build.to_latent(x, "mu")
    if not isinstance(spec, VariationalEntry):
        return Encoder(images, mu, name="encoder")
    return Encoder(images, [mu, build.to_latent(x, "logvar")], name="encoder")


def build_decoder(
    spec: AutoencoderEntry, size: int, seed: int, precision: str = "float32", layers: Layers = "fast"
) -> keras.Model:
    """z-points, float32 (batch, z_dim), to images, float32 (batch, size, size, 3) in (0, 1)."""
    build = _Builder(spec, seed, 1, precision, layers)
    edge, depth = size // 2 ** len(spec.filters), spec.filters[-1]
    z = keras.Input((spec.z_dim,), name="z")
    x = (keras.layers.Dense if build.stock else FromLatent)(edge * edge * depth, **build.options("dense"))(z)
    x = keras.layers.Reshape((edge, edge, depth), name="reshape", dtype=build.policy)(x)
    for index, filters in enumerate(reversed(spec.filters[:-1]), 1):
        x = build.convolution(x, filters, index, transposed=True)
    options = build.options("logits")
    if build.stock:
        x = keras.layers.Conv2DTranspose(CHANNELS, 3, strides=2, padding="same", **options)(x)
    else:
        x = DepthToSpace(name="pixels", dtype=build.policy)(SubPixelLogits(CHANNELS, **options)(x))
    return keras.Model(z, keras.layers.Activation("sigmoid", name="images", dtype="float32")(x), name="decoder")


def logits_of(decoder: keras.Model) -> keras.Model:
    """The decoder up to its last convolution, with shared weights.

    Of fast layers the logits are in sub-pixel order, as `space_to_depth` arranges images.
    """
    return keras.Model(decoder.input, decoder.get_layer("logits").output, name="decoder_logits")


def parameter_table(parts: Sequence[keras.Model]) -> list[dict[str, Any]]:
    """A row for each layer that has weights: part, layer, its output's shape without the batch, parameters."""
    return [
        {
            "part": part.name,
            "layer": layer.name,
            "output": str(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for part in parts
        for layer in part.layers
        if layer.count_params()
    ]
