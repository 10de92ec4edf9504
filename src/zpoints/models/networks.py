"""Encoder and decoder as functional Keras models, and their table of parameters.

The network is that of the posts: stride-2 3x3 convolutions, LeakyReLU, a linear Dense layer to the latent space, and
the mirror image of it back to the pixels.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zpoints.models.layers.convolution import Convolution, FromPhases, LogitPhases
from zpoints.models.layers.latent import FromLatent, ToLatent
from zpoints.models.layers.precision import policy
from zpoints.config.models import AutoencoderEntry, VariationalEntry

CHANNELS = 3


class _Builder:
    """Layers with initial weights keyed by (seed, position), so that they don't hang on any global state."""

    def __init__(self, spec: AutoencoderEntry, seed: int, part: int, precision: str) -> None:
        self.spec = spec
        self.policy = policy(precision)
        self._seeds = np.random.SeedSequence([seed, part]).generate_state(64).tolist()

    def options(self, name: str) -> dict[str, Any]:
        """What every layer with weights is given."""
        initializer = keras.initializers.GlorotUniform(seed=self._seeds.pop(0) >> 1)
        return {"kernel_initializer": initializer, "dtype": self.policy, "name": name}

    def convolution(self, filters: int, index: int, transposed: bool = False) -> Convolution:
        """A convolution of stride 2 with [normalization and] LeakyReLU behind it."""
        spec = self.spec
        return Convolution(filters, spec.batch_norm, spec.negative_slope, transposed, **self.options(f"conv_{index}"))


def build_encoder(spec: AutoencoderEntry, size: int, seed: int, precision: str = "float32") -> keras.Model:
    """Images, float32 (batch, size, size, 3) in [0, 1], to mu, float32 (batch, z_dim); for a VAE to [mu, logvar].

    `precision` is that of the arithmetic in between; weights are float32 in any.
    """
    build = _Builder(spec, seed, 0, precision)
    images = x = keras.Input((size, size, CHANNELS), name="images")
    for index, filters in enumerate(spec.filters, 1):
        x = build.convolution(filters, index)(x)
    x = keras.layers.Flatten(name="flatten", dtype=build.policy)(x)
    if spec.extra_dense:
        x = keras.layers.Dense(spec.extra_dense, **build.options("extra_dense"))(x)
    mu = ToLatent(spec.z_dim, **build.options("mu"))(x)
    if not isinstance(spec, VariationalEntry):
        return keras.Model(images, mu, name="encoder")
    logvar = ToLatent(spec.z_dim, **build.options("logvar"))(x)
    return keras.Model(images, [mu, logvar], name="encoder")


def build_decoder(spec: AutoencoderEntry, size: int, seed: int, precision: str = "float32") -> keras.Model:
    """z-points, float32 (batch, z_dim), to images, float32 (batch, size, size, 3) in (0, 1)."""
    build = _Builder(spec, seed, 1, precision)
    edge, depth = size // 2 ** len(spec.filters), spec.filters[-1]
    z = keras.Input((spec.z_dim,), name="z")
    x = FromLatent(edge * edge * depth, **build.options("dense"))(z)
    x = keras.layers.Reshape((edge, edge, depth), name="reshape", dtype=build.policy)(x)
    for index, filters in enumerate(reversed(spec.filters[:-1]), 1):
        x = build.convolution(filters, index, transposed=True)(x)
    phases = LogitPhases(CHANNELS, **build.options("logits"))(x)
    images = FromPhases(name="pixels", dtype=build.policy)(phases)
    return keras.Model(z, keras.layers.Activation("sigmoid", name="images", dtype="float32")(images), name="decoder")


def logits_of(decoder: keras.Model) -> keras.Model:
    """The decoder up to its last convolution: logits in phases, as `to_phases` arranges images. Weights are shared."""
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
