"""What happens around the steps of an epoch: the monitor's checks, the epoch's row, and its checkpoint."""

import time
from typing import Any

import keras

from zpoints.config.monitoring import Monitoring
from zpoints.models.step_metrics import Reading
from zpoints.training.checkpoint import Progress, broadcast, snapshot
from zpoints.training.devices.strategy import Devices
from zpoints.training.divergence import CHECK_EVERY, DivergenceMonitor
from zpoints.training.history import Probe, in_order, make_row
from zpoints.training.resume import Checkpoints


class TrainingCallback(keras.callbacks.Callback):
    """Append each good epoch's row to `progress`, and save a checkpoint.

    `last_good` is a copy of the state after the last good epoch, in the chief's memory, kept where the run may have to
    roll back to it. All workers come to the same decisions: step metrics are sums over all of them, and the chief alone
    measures the row of an epoch and sends it to the others.
    """

    def __init__(
        self,
        monitoring: Monitoring,
        monitor: DivergenceMonitor,
        progress: Progress,
        probe: Probe,
        images: int,
        description: dict[str, Any],
        checkpoints: Checkpoints | None,
        devices: Devices,
    ) -> None:
        super().__init__()
        self.monitoring, self.monitor, self.progress, self.probe = monitoring, monitor, progress, probe
        self.images, self.description, self.checkpoints, self.devices = images, description, checkpoints, devices
        self.last_good: list[Any] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._remember()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.step_metrics.reset()
        self.monitor.begin_epoch()
        self._started = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        # Before a step: with a callback after each, Keras would make the host wait for every step's logs.
        if batch and batch % CHECK_EVERY == 0:
            self.monitor.check_steps(self.model.step_metrics.read())

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        # Validation begins, so the training of the epoch has ended; reading the metrics waits for its last step.
        self._reading: Reading = self.model.step_metrics.read()
        self._seconds = time.perf_counter() - self._started
        self.monitor.check_epoch(self._reading)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        reading, progress = self._reading, self.progress
        row = self.devices.from_chief(
            lambda: make_row(self.model, epoch + 1, progress.attempt, logs or {}, reading, self.probe)
        )
        self.monitor.check_row(row)
        if "kl" in row:
            progress.kl = reading.kl / reading.images
            self.monitor.check_collapse(progress.kl, row["active_units"])
            progress.kl_max = max(progress.kl_max, progress.kl)
        row["warnings"] = len(progress.warnings) - sum(earlier["warnings"] for earlier in progress.history)
        progress.history.append(in_order(row))
        self._remember()
        self.devices.from_chief(self._save)

    def roll_back(self) -> None:
        """Restore the last good state; the run continues from there with other noise and another order."""
        if self.monitoring.on_divergence != "rollback":
            raise ValueError(f"on_divergence: expected rollback, received {self.monitoring.on_divergence}")
        broadcast(self.model, self.devices, self.last_good)
        self.progress.attempt += 1

    def _save(self) -> None:
        if self.checkpoints:
            self.checkpoints.time(self.progress.epoch, self._seconds, self.images)
            self.checkpoints.save(self.model, self.progress, self.description, self.monitoring.keep_epochs)

    def _remember(self) -> None:
        if self.monitoring.on_divergence == "rollback" and self.devices.chief:
            self.last_good = snapshot(self.model)
