"""Contender: this project's own model and train step, compiled as `fit` does it.

The noise is a constant instead of drawn, as it is for every contender, so that the losses can be compared.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from _timing import serve

from contenders import network


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=network.MODELS)
    parser.add_argument("--start", type=Path, help="the arrays of network.start")
    parser.add_argument("--precision", default="float32")
    options = parser.parse_args()
    serve(lambda: prepare(options.model, options.start, options.precision))


def prepare(name: str, start: Path, precision: str) -> tuple[dict[str, Any], Callable[[], object]]:
    model = made(name, precision)
    import tensorflow as tf

    arrays = dict(np.load(start))
    for part in (model.encoder, model.decoder):
        for layer in part.layers:
            for weight in layer.weights:
                weight.assign(arrays.pop(f"{part.name}/{layer.name}/{weight.name}"))
    images, epsilon = tf.constant(arrays.pop("images")), tf.constant(arrays.pop("epsilon"))
    if arrays:
        raise ValueError(f"weights without a place: {', '.join(arrays)}")
    first = tf.constant(0, tf.int64)
    train = tf.function(lambda: model.train_step((images, first)))

    def step() -> float:
        return float(train()["total"])

    losses = []
    # Tracing is what draws: from the first call on the constant stands in the graph.
    with mock.patch.object(tf.random, "stateless_normal", lambda *_, **__: epsilon):
        for _ in range(network.CHECK_STEPS):
            model.reset_metrics()  # what comes back are means over an epoch
            losses.append(step())
    return {"losses": losses, "versions": {"tensorflow": tf.__version__}}, step


def made(name: str, precision: str = "float32") -> Any:
    """The model network.MODELS[name], compiled as `fit` does it."""
    spec = spec_of(name)
    from zpoints.config.training import Training
    from zpoints.training.fit import compiled

    return compiled(spec, Training(learning_rate=network.LEARNING_RATE, precision=precision), network.SIZE)


def spec_of(name: str) -> Any:
    """The entry of params.yaml that describes it; called before TensorFlow is imported."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as in stages/_tensorflow.py
    from zpoints.config.models import AutoencoderEntry, VariationalEntry

    kind, normalization = network.MODELS[name]
    shape = {"z_dim": network.Z_DIM, "filters": network.FILTERS, "batch_norm": normalization}
    return (
        VariationalEntry(kind="vae", fact=network.FACT, **shape)
        if kind == "vae"
        else AutoencoderEntry(kind="ae", **shape)
    )


if __name__ == "__main__":
    main()
