"""Fit one model on the training images, and validate it on the held-out ones after each epoch."""

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zpoints.config.models import AutoencoderEntry
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.autoencoder import Autoencoder, build
from zpoints.models.layers.adam import FusedAdam
from zpoints.models.layers.cpu_features import on_gpu
from zpoints.models.layers.precision import resolve
from zpoints.models.losses import entropy
from zpoints.shards.store import Shards
from zpoints.training.callback import TrainingCallback
from zpoints.training.checkpoint import Progress
from zpoints.training.devices.strategy import Devices
from zpoints.training.divergence import ROLLBACKS, Diverged, DivergenceMonitor, attempt_seed
from zpoints.training.history import PROBE_IMAGES, Probe, in_order
from zpoints.training.input_pipeline import (
    held_out_batches,
    steps_per_epoch,
    training_batches,
    unwrapped_user_errors,
)
from zpoints.training.resume import Checkpoints, restore_all


def fit(
    spec: AutoencoderEntry,
    training: Training,
    shards: Shards,
    checkpoints: Checkpoints | None = None,
    verbose: int | str = 2,
    devices: Devices | None = None,
    monitoring: Monitoring | None = None,
) -> tuple[Autoencoder, list[dict[str, Any]]]:
    """Train a model, from scratch or from the last checkpoint of this very run.

    Every worker calls this and gets the same; the chief alone needs `checkpoints` and prints.

    Args: devices, one unless given; monitoring, the defaults of params.yaml unless given.
    Returns: the model and its history, a row an epoch, whose columns zpoints.training.history describes. With bce they
    include the floors of the training and the held-out images (`floor`, `val_floor`).
    Raises UserError where the run diverges and monitoring.on_divergence lets it stop, where memory runs out, and on
    every other worker where one is lost or the chief fails.
    """
    devices = devices or Devices.open("none")
    monitoring = monitoring or Monitoring()
    with devices.lost_workers_as_user_errors(), unwrapped_user_errors():
        try:
            return _fit(spec, training, monitoring, shards, checkpoints if devices.chief else None, verbose, devices)
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            raise UserError(
                f"training.batch_size: expected steps that fit into memory, received {training.batch_size} ({reason}); "
                "a smaller one, or fewer filters, may help"
            ) from error


def _fit(
    spec: AutoencoderEntry,
    training: Training,
    monitoring: Monitoring,
    shards: Shards,
    checkpoints: Checkpoints | None,
    verbose: int | str,
    devices: Devices,
) -> tuple[Autoencoder, list[dict[str, Any]]]:
    if on_gpu():
        tf.config.experimental.enable_op_determinism()  # on CPUs all of our operations are
    with devices.strategy.scope():
        model = compiled(spec, training, shards.size)
    train, held_out = shards.rows("train"), shards.rows("held_out")
    size = training.batch_size
    model.steps_per_epoch = per_epoch = steps_per_epoch(len(train), size)
    progress = restore_all(model, monitoring, checkpoints, devices)
    monitor = DivergenceMonitor(monitoring, spec.z_dim, per_epoch, progress, devices.say)
    probe = Probe(model, shards.read(held_out[:PROBE_IMAGES]))
    description = describe_run(spec, training, shards)
    callback = TrainingCallback(monitoring, monitor, progress, probe, len(train), description, checkpoints, devices)
    while progress.epoch < training.epochs:
        # Noise and order are keyed by (seed, attempt) and the step's number, whatever was done in this start.
        model.noise_with(attempt_seed(training.seed, progress.attempt))
        order_seed = attempt_seed(training.shuffle_seed, progress.attempt)
        try:
            model.fit(
                devices.feed(
                    partial(training_batches, shards, train, size, order_seed, training.epochs, progress.epoch)
                ),
                initial_epoch=progress.epoch,
                epochs=training.epochs,
                steps_per_epoch=per_epoch,
                validation_data=devices.feed(partial(held_out_batches, shards, held_out, size)),
                # The slices of batches that several devices are fed have no end.
                validation_steps=steps_per_epoch(len(held_out), size) if devices.replicas > 1 else None,
                callbacks=[callback],
                shuffle=False,  # the batches come shuffled
                verbose=verbose if devices.chief else 0,
            )
        except Diverged as event:
            if monitoring.on_divergence != "rollback" or progress.attempt >= ROLLBACKS:
                raise UserError(_advice(event, monitoring, progress, checkpoints)) from None
            callback.roll_back()
            devices.say(
                f"warning: training: {event}; back to the end of epoch {progress.epoch} and on with other noise "
                f"(rollback {progress.attempt} of at most {ROLLBACKS})"
            )
    history = progress.history
    if spec.loss == "bce":
        floors = {"floor": mean_entropy(shards, train), "val_floor": mean_entropy(shards, held_out)}
        history = [in_order({**row, **floors}) for row in history]
    return model, history


def compiled(spec: AutoencoderEntry, training: Training, size: int) -> Autoencoder:
    """The model with its initial weights and its optimizer, ready to train, for images of `size` pixels."""
    precision = resolve(training.precision)
    model = build(spec, size, training.seed, precision, training.layers)
    adam = FusedAdam if training.layers == "fast" else keras.optimizers.Adam
    optimizer: keras.optimizers.Optimizer = adam(training.learning_rate)
    if precision == "float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    # XLA is off: on CPUs its convolutions are slower than oneDNN's, and results should not depend on the device.
    model.compile(optimizer=optimizer, jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def describe_run(spec: AutoencoderEntry, training: Training, shards: Shards) -> dict[str, Any]:
    """What a kept state belongs to, as plain data: `size`, `model`, `training` and `steps_per_epoch`."""
    return {
        "size": shards.size,
        "model": spec.own(),
        "training": training.outcome(),
        "steps_per_epoch": steps_per_epoch(len(shards.rows("train")), training.batch_size),
    }


def mean_entropy(shards: Shards, rows: np.ndarray, chunk: int = 256) -> float:
    """Mean of `entropy` over the images of these rows, in nats."""
    return float(sum(entropy(shards.read(part)).sum() for part in _chunks(rows, chunk)) / len(rows))


def _chunks(rows: np.ndarray, chunk: int) -> list[np.ndarray]:
    return [rows[start : start + chunk] for start in range(0, len(rows), chunk)]


def _advice(event: Diverged, monitoring: Monitoring, progress: Progress, checkpoints: Checkpoints | None) -> str:
    """What happened, and what can be done about it, in one line."""
    text = f"training: {event}; a smaller learning_rate may help"
    if monitoring.on_divergence == "rollback":
        text = f"training: {event}, after {ROLLBACKS} rollbacks; a smaller learning_rate may help"
    if not checkpoints or not progress.epoch:
        return text
    again = ""
    if monitoring.on_divergence != "rollback" and not progress.jumps:
        factor = " or a larger monitoring.divergence_factor" if event.finite else ""
        again = f"rerun with monitoring.on_divergence: rollback{factor}, which resumes there, or "
    return (
        f"{text}; the state after epoch {progress.epoch} is kept: {again}branch from it with "
        f"--from-epoch {progress.epoch} --seed N --trained {checkpoints.folder} --out DIR"
    )
