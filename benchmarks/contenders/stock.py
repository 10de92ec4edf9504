"""Contender: stock Keras layers and a plain GradientTape step, as a Keras user would write them."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _timing import serve

from contenders import network


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=network.MODELS)
    parser.add_argument("--start", type=Path, help="the arrays of network.start")
    parser.add_argument("--policy", default="float32")
    options = parser.parse_args()
    serve(lambda: prepare(options.model, options.start, options.policy))


def prepare(name: str, start: Path, policy: str) -> tuple[dict[str, Any], Callable[[], object]]:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    import keras
    import tensorflow as tf

    keras.config.set_dtype_policy(policy)
    arrays = dict(np.load(start))
    encoder, decoder = networks(name)
    for part in (encoder, decoder):
        for layer in part.layers:
            for weight in layer.weights:
                name_there = layer.name.replace("norm_", "conv_")
                weight.assign(arrays.pop(f"{part.name}/{name_there}/{weight.name}"))
    images, epsilon = tf.constant(arrays.pop("images")), tf.constant(arrays.pop("epsilon"))
    if arrays:
        raise ValueError(f"weights without a place: {', '.join(arrays)}")
    kind, normalization = network.MODELS[name]
    training = normalization == "batch"
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer = keras.optimizers.Adam(network.LEARNING_RATE)
    optimizer.build(variables)

    @tf.function
    def train() -> Any:
        x = tf.cast(images, tf.float32) / 255.0
        with tf.GradientTape() as tape:
            codes = [tf.cast(code, tf.float32) for code in tf.nest.flatten(encoder(x, training=training))]
            z = codes[0] if kind == "ae" else codes[0] + tf.exp(0.5 * codes[1]) * epsilon
            logits = tf.cast(decoder(z, training=training), tf.float32)
            terms = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            loss = tf.reduce_mean(tf.reduce_sum(terms, axis=(1, 2, 3))) / 3
            if kind == "vae":
                mu, logvar = codes
                kl = -0.5 * tf.reduce_sum(1 + logvar - mu**2 - tf.exp(logvar), axis=1)
                loss += network.FACT * tf.reduce_mean(kl)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def step() -> float:
        return float(train())

    losses = [step() for _ in range(network.CHECK_STEPS)]
    return {"losses": losses, "versions": {"tensorflow": tf.__version__, "keras": keras.__version__}}, step


def networks(name: str) -> tuple[Any, Any]:
    """Encoder (images to mu, or to mu and logvar) and decoder (z to logits)."""
    from keras import Input, Model
    from keras.layers import BatchNormalization, Conv2D, Conv2DTranspose, Dense, Flatten, LeakyReLU, Reshape

    kind, normalization = network.MODELS[name]

    def activation(x: Any, index: int) -> Any:
        if normalization != "none":
            x = BatchNormalization(name=f"norm_{index}")(x)
        return LeakyReLU(negative_slope=network.SLOPE)(x)

    images = x = Input((network.SIZE, network.SIZE, 3))
    for index, filters in enumerate(network.FILTERS, 1):
        x = activation(Conv2D(filters, 3, strides=2, padding="same", name=f"conv_{index}")(x), index)
    x = Flatten()(x)
    codes = [Dense(network.Z_DIM, name=head)(x) for head in ("mu", "logvar")[: 1 + (kind == "vae")]]

    z = Input((network.Z_DIM,))
    x = Reshape((network.EDGE, network.EDGE, network.FILTERS[-1]))(Dense(network.FEATURES, name="dense")(z))
    for index, filters in enumerate(network.FILTERS[-2::-1], 1):
        x = activation(Conv2DTranspose(filters, 3, strides=2, padding="same", name=f"conv_{index}")(x), index)
    logits = Conv2DTranspose(3, 3, strides=2, padding="same", name="logits")(x)
    return Model(images, codes, name="encoder"), Model(z, logits, name="decoder")


if __name__ == "__main__":
    main()
