"""Fit one model on the training images, and validate it on the held-out ones after each epoch."""

from typing import Any

import keras
import numpy as np

from zpoints.autoencoder.losses import entropy
from zpoints.autoencoder.model import Autoencoder, build
from zpoints.errors import UserError
from zpoints.params.models import AutoencoderEntry
from zpoints.params.training import Training
from zpoints.shards.store import Shards
from zpoints.training.feeding import held_out_batches, steps_per_epoch, training_batches
from zpoints.training.resume import Checkpoints, KeepEpochs


def fit(
    spec: AutoencoderEntry,
    training: Training,
    shards: Shards,
    checkpoints: Checkpoints | None = None,
    verbose: int | str = 2,
) -> tuple[Autoencoder, list[dict[str, Any]]]:
    """Train a model, from scratch or from the state that `checkpoints` has kept of this very run.

    Returns the model and its history, a row an epoch: `epoch` from 1, the terms of the loss as means over the epoch
    (`total`, `reco` and for a VAE `kl`, which includes its weight), the same and `mse` and `psnr` over the held-out
    images with the weights at the epoch's end (`val_...`), and with bce the floors of both (`floor`, `val_floor`).

    Raises UserError where the loss is not a finite number.
    """
    model = build(spec, shards.size, training.seed)
    # XLA is off: on CPUs its convolutions are slower than oneDNN's, and results should not hang on the device.
    model.compile(optimizer=keras.optimizers.Adam(training.learning_rate), jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    history = checkpoints.restore(model) if checkpoints else []
    # Keras sorts its logs by name; a reader wants the total first.
    columns = [*model.term_names, *(f"val_{name}" for name in (*model.term_names, *model.validation_trackers))]
    train, held_out = shards.rows("train"), shards.rows("held_out")
    done = len(history)
    if done < training.epochs:
        model.fit(
            training_batches(shards, train, training.batch_size, training.seed, training.epochs, first_epoch=done),
            initial_epoch=done,
            epochs=training.epochs,
            steps_per_epoch=steps_per_epoch(len(train), training.batch_size),
            validation_data=held_out_batches(shards, held_out, training.batch_size),
            callbacks=[_StopAtNonFinite(), KeepEpochs(checkpoints, history, columns)],
            shuffle=False,  # the batches come shuffled
            verbose=verbose,
        )
    if spec.loss == "bce":
        floors = {"floor": mean_entropy(shards, train), "val_floor": mean_entropy(shards, held_out)}
        history = [{**row, **floors} for row in history]
    return model, history


def mean_entropy(shards: Shards, rows: np.ndarray, chunk: int = 256) -> float:
    """Mean of `entropy` over the images of these rows, in nats."""
    return float(sum(entropy(shards.read(part)).sum() for part in _chunks(rows, chunk)) / len(rows))


def _chunks(rows: np.ndarray, chunk: int) -> list[np.ndarray]:
    return [rows[start : start + chunk] for start in range(0, len(rows), chunk)]


class _StopAtNonFinite(keras.callbacks.Callback):
    """Weights that are not numbers never recover: stop, and say where."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            if not np.isfinite(value):
                step = int(self.model.optimizer.iterations)
                raise UserError(
                    f"training: expected a finite {name}, received {value} at step {step}; "
                    "a smaller learning_rate may help"
                )
