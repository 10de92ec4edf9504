"""One process of tests/training/test_devices.py: `python -m tests.training.devices.devices_run SHARDS STRATEGY FOLDER`.

Trains every case, and keeps weights, optimizer state and history as FOLDER/CASE.npz and .json.
"""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.lab import AE, VAE
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError

SECONDS = 600  # then all are killed: a busy machine may need a part of it, a hang would need for ever
AFFINE = VAE.model_copy(update={"batch_norm": "affine", "fact": 1.0})
# 38 images: five batches of 8, the last of 6; or one of 37 and one of a single image, which one device is left without.
EIGHT = Training(epochs=3, batch_size=8, learning_rate=1e-3)
UNEVEN = Training(epochs=3, batch_size=37, learning_rate=1e-3)
ROLLBACK = Monitoring(on_divergence="rollback")  # alone in `UNEVEN` something happens
STILL = Training(epochs=1, batch_size=7, learning_rate=1e-9)  # parts of 3 and 4, or 1 and 2; the weights stay
RESUMED = "ae"  # by workers trained in two starts
CASES = {
    RESUMED: (AE, EIGHT),
    "uneven, rolled back": (AFFINE.model_copy(update={"filters": (4,)}), UNEVEN),
    "batch statistics": (AFFINE.model_copy(update={"filters": (4,), "batch_norm": "batch"}), STILL),
}


class Stopped(Exception):
    """What a kill looks like from inside."""


def main(shards: Path, strategy: str, folder: Path) -> None:
    import numpy as np
    import tensorflow as tf

    from zpoints.shards.store import Shards
    from zpoints.training import fit as fit_module
    from zpoints.training.callback import TrainingCallback
    from zpoints.training.devices.strategy import Devices
    from zpoints.training.divergence import Diverged, DivergenceMonitor
    from zpoints.training.resume import Checkpoints

    class Jumpy(DivergenceMonitor):
        """DivergenceMonitor that see a jump at the end of epoch 2, once."""

        def check_row(self, row):
            if current is UNEVEN and (row["epoch"], self.progress.attempt) == (2, 0):
                raise Diverged("expected no jump, received one", finite=True)
            super().check_row(row)

    class StopAfterTwo(TrainingCallback):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch == 1:
                raise Stopped

    if strategy == "mirrored":  # over two halves of the CPU
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [half, half])
        devices = Devices(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
    else:
        devices = Devices.open(strategy, run="test", start_seconds=SECONDS)
    folder.mkdir(parents=True)
    for name, (spec, training) in CASES.items():
        current = training
        arguments = spec, training, Shards.open(shards), Checkpoints(folder / "kept" / name), 0, devices, ROLLBACK
        if devices.workers > 1 and name == RESUMED:
            with mock.patch.object(fit_module, "TrainingCallback", StopAfterTwo), contextlib.suppress(Stopped):
                fit_module.fit(*arguments)
        with mock.patch.object(fit_module, "DivergenceMonitor", Jumpy):
            model, history = fit_module.fit(*arguments)
        state = [*model.encoder.variables, *model.decoder.variables, *model.optimizer.variables]
        arrays = {f"{place:03d} {variable.path}": variable.numpy() for place, variable in enumerate(state)}
        np.savez(folder / f"{name}.npz", **arrays)
        (folder / f"{name}.json").write_text(json.dumps(history))
    if devices.workers > 1:
        (folder / "a chief that fails").write_text(told(lambda: devices.from_chief(fail)))
        if not devices.chief:
            told_to_all = folder.parent / "worker 0" / "a chief that fails"
            while not told_to_all.exists():  # until then worker 0 may still be sending
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
        (folder / "a worker that is lost").write_text(told(lambda: devices.from_chief(dict), devices))


def fail() -> None:
    raise UserError("epoch_00003: expected this, received that")


def told(call: Callable[[], object], devices=None) -> str:
    """The one line that a user would read."""
    try:
        with devices.lost_workers_as_user_errors() if devices else contextlib.nullcontext():
            call()
    except UserError as error:
        return str(error)
    return "nothing"


if __name__ == "__main__":
    # The system ends this process whatever it waits for, and also where nobody is left who would.
    signal.alarm(SECONDS)
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
