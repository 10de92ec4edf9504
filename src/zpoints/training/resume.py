"""Exact resume: the state of a run after its last complete epoch, kept until the run has succeeded.

The folder is named after everything that decides the run's weights (params, data, code, versions), so that no other run
can take the state up. A resumed run ends with the same bits as an uninterrupted one: noise is keyed by (seed, step),
the order of images by (order_seed, epoch), and the optimizer's state is kept with the weights.

The block `monitoring` is no part of the name, so a stopped run resumes when it is changed; where a change would have
led elsewhere before the kept state, that is an error.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zpoints.artifacts import whole_folder, write_json
from zpoints.config.models import AutoencoderEntry
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.layers.cpu_features import cpu_features
from zpoints.models.layers.precision import resolve
from zpoints.shards.store import Shards
from zpoints.training import checkpoint
from zpoints.training.checkpoint import Progress, epoch_folder, kept_epochs
from zpoints.training.devices.strategy import Devices

# The code that decides the weights, below src/zpoints: all modules of a folder, or one. dvc.yaml names the same as code
# dependencies of the stage train.
WEIGHTS_CODE = (
    "config/models.py",
    "config/training.py",
    "models",
    "shards/store.py",
    "stats/active_units.py",
    "training",
)
PACKAGE = Path(__file__).resolve().parents[1]


def run_key(
    spec: AutoencoderEntry,
    training: Training,
    shards: Shards,
    branch: dict[str, Any] | None = None,
    replicas: int = 1,
) -> str:
    """A digest of all that decides a run's weights, for a branch also its beginning; reads the shards once.

    `replicas` is the number of devices, which decides about rounding.
    """
    settings = {
        "model": spec.own(),
        "training": training.outcome() | {"precision": resolve(training.precision)},
        "processor": sorted(cpu_features()),  # decides which kernels are used
        "versions": [tf.__version__, keras.__version__, np.__version__],
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS"),
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
        "replicas": replicas,
    }
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16)
    for path in [*weights_code(), *sorted(shards.folder.glob("*.npy"))]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return branch_key(digest.hexdigest(), branch) if branch else digest.hexdigest()


def weights_code() -> list[Path]:
    """The modules that WEIGHTS_CODE names, in a fixed order."""
    paths = [PACKAGE / name for name in WEIGHTS_CODE]
    return [module for path in paths for module in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def branch_key(key: str, branch: dict[str, Any]) -> str:
    """The key of a branch, from the `run_key` of a run with its params."""
    return hashlib.blake2b(json.dumps([key, branch], sort_keys=True).encode(), digest_size=16).hexdigest()


def restore_all(
    model: keras.Model, monitoring: Monitoring, checkpoints: "Checkpoints | None", devices: Devices
) -> Progress:
    """`Checkpoints.restore` on the chief, which alone reads; every worker gets its progress and its state."""
    if devices.workers == 1:
        return checkpoints.restore(model, monitoring) if checkpoints else Progress()

    def on_chief() -> dict[str, Any]:
        return dataclasses.asdict(checkpoints.restore(model, monitoring) if checkpoints else Progress())

    progress = Progress(**devices.from_chief(on_chief))
    if progress.epoch:
        checkpoint.broadcast(model, devices)
    return progress


class Checkpoints:
    """The kept states of one run, in a folder of its own, laid out as in a trained model: epochs/epoch_00018.

    `speed` has a row for each epoch (`epoch`, `seconds`, `images_per_second` of its training part). It is kept beside
    the states, since these have the same bits on every start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.epochs = folder / "epochs"
        self.speed: list[dict[str, Any]] = []

    def save(
        self, model: keras.Model, progress: Progress, description: dict[str, Any], keep: Collection[int] = ()
    ) -> None:
        """Keep the state after the last epoch of `progress`; remove the others but those in `keep`."""
        write_json(self.folder / "speed.json", self.speed)
        checkpoint.write(epoch_folder(self.epochs, progress.epoch), model, progress, description)
        for epoch in kept_epochs(self.epochs):
            if epoch != progress.epoch and epoch not in keep:
                shutil.rmtree(epoch_folder(self.epochs, epoch))

    def restore(self, model: keras.Model, monitoring: Monitoring) -> Progress:
        """Restore the newest kept state into a compiled model; empty progress where nothing is kept.

        Raises UserError for a damaged state, for a wanted epoch that is past and was not kept, and for monitoring that
        might have acted before this state.
        """
        kept = kept_epochs(self.epochs)
        progress = checkpoint.read(epoch_folder(self.epochs, kept[-1]), model) if kept else Progress()
        missed = sorted(epoch for epoch in monitoring.keep_epochs if epoch < progress.epoch and epoch not in kept)
        if missed:
            raise UserError(
                f"monitoring.keep_epochs: expected kept epochs, or epochs from {progress.epoch} on, where this run "
                f"resumes, received {missed[0]}; to train anew, delete {self.folder}"
            )
        if kept:
            self._refuse_other_monitoring(monitoring, progress)
        write_json(self.folder / "monitoring.json", monitoring.model_dump(mode="json"))
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            rows = json.loads((self.folder / "speed.json").read_text(encoding="utf-8"))
            self.speed = [row for row in rows if row["epoch"] <= progress.epoch]
        return progress

    def time(self, epoch: int, seconds: float, images: int) -> None:
        """Record how long an epoch's training took; one that was rolled back counts as its last attempt."""
        row = {"epoch": epoch, "seconds": round(seconds, 3), "images_per_second": round(images / seconds, 1)}
        self.speed = [*(row for row in self.speed if row["epoch"] < epoch), row]

    def begin_at(self, epochs: Path, numbers: Collection[int]) -> None:
        """Begin with copies of these states of another run, unless this run has begun; it resumes at the newest."""
        if not self.epochs.exists():
            with whole_folder(self.epochs, "epochs") as folder:
                _copy(epochs, folder, numbers)

    def hand_over(self, folder: Path, numbers: Collection[int]) -> None:
        """Copy the states of these epochs, where they are kept, into an existing folder."""
        _copy(self.epochs, folder, set(numbers) & set(kept_epochs(self.epochs)))

    def clear(self) -> None:
        """Remove everything; for a run that has succeeded."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # the last run leaves nothing

    def _refuse_other_monitoring(self, monitoring: Monitoring, progress: Progress) -> None:
        """While the monitor has not acted, any reaction and any larger factor would have led to the same state."""
        try:
            before = Monitoring.model_validate_json((self.folder / "monitoring.json").read_bytes())
        except (OSError, ValueError):
            return  # a branch that begins: whatever happened before it belongs to the other run
        acted = bool(progress.attempt or progress.jumps)
        stricter = monitoring.divergence_factor is not None and (
            before.divergence_factor is None or monitoring.divergence_factor < before.divergence_factor
        )
        for key in ("divergence_factor", "on_divergence"):
            was, now = getattr(before, key), getattr(monitoring, key)
            if now != was and (acted or (key == "divergence_factor" and stricter)):
                raise UserError(
                    f"monitoring.{key}: expected {was}, with which this run reached epoch {progress.epoch}, "
                    f"received {now}; to train anew with it, delete {self.folder}"
                )


def _copy(source: Path, target: Path, numbers: Collection[int]) -> None:
    for epoch in sorted(numbers):
        shutil.copytree(epoch_folder(source, epoch), epoch_folder(target, epoch))
