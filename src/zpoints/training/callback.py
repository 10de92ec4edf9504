"""What is done around the steps of an epoch: guards within it, its row, and its state behind it."""

import time
from typing import Any

import keras

from zpoints.training.devices.strategy import Devices
from zpoints.config.training import Training
from zpoints.training import checkpoint as state
from zpoints.training.divergence import POLL, Guards
from zpoints.training.history import Probe, make_row
from zpoints.training.resume import Checkpoints
from zpoints.training.checkpoint import Progress


class Watch(keras.callbacks.Callback):
    """Append each good epoch's row to `progress`, and keep the state behind it.

    `good` is a copy of the state after the last good epoch, in the chief's memory, where the run may have to go back to
    it. Of several workers all come to the same decisions: the gauges are sums over all of them, and the chief alone
    measures the row of an epoch, which the others are sent.
    """

    def __init__(
        self,
        training: Training,
        guards: Guards,
        progress: Progress,
        probe: Probe,
        images: int,
        description: dict[str, Any],
        checkpoints: Checkpoints | None,
        devices: Devices,
    ) -> None:
        super().__init__()
        self.training, self.guards, self.progress, self.probe = training, guards, progress, probe
        self.images, self.description, self.checkpoints, self.devices = images, description, checkpoints, devices
        self.good: list[Any] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._remember()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.gauges.reset()
        self.guards.begin()
        self._started = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # Ahead of a step: with a callback behind each, Keras would make the host wait for every step's logs.
        if batch and batch % POLL == 0:
            self.guards.poll(self.model.gauges.read())

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        # Validation begins, so the training of the epoch has ended; reading the gauges waits for its last step.
        self._reading = self.model.gauges.read()
        self._seconds = time.perf_counter() - self._started
        self.guards.close(self._reading)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        reading, progress = self._reading, self.progress
        row = self.devices.from_chief(
            lambda: make_row(self.model, epoch + 1, progress.attempt, logs or {}, reading, self.probe)
        )
        self.guards.judge(row)
        progress.history.append(row)
        if "kl" in row:
            progress.kl = reading.kl / reading.images
        self._remember()
        self.devices.from_chief(self._keep)

    def go_back(self) -> None:
        """Put the last good state back; the run goes on from there with another noise and order."""
        if self.training.on_divergence != "rollback":
            raise ValueError(f"on_divergence: expected rollback, received {self.training.on_divergence}")
        state.spread(self.model, self.devices, self.good)
        self.progress.attempt += 1

    def _keep(self) -> None:
        if self.checkpoints:
            epoch = self.progress.epoch
            self.checkpoints.time(epoch, self._seconds, self.images)
            self.checkpoints.save(self.model, self.progress, self.description, self.training.keep_epochs)

    def _remember(self) -> None:
        if self.training.on_divergence == "rollback" and self.devices.chief:
            self.good = state.snapshot(self.model)
