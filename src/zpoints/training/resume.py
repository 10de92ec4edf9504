"""Exact resume: the state of a run after its last complete epoch, kept until the run has ended well.

The folder is named after everything that decides the run's outcome (params, data, code, versions), so that a state can
never be taken up by another run. A resumed run ends with the very bits of an uninterrupted one: noise is keyed by
(seed, step), the order of images by (seed, epoch), and the optimizer's state is kept with the weights.

Guards and kept epochs are no part of the name, so that a run that was stopped goes on when they are changed; where a
change would have led elsewhere before the kept state, that is an error.
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

from zpoints.training.devices.strategy import Devices
from zpoints.errors import UserError
from zpoints.models.layers.precision import resolve
from zpoints.models.layers.cpu_features import cpu_features
from zpoints.artifacts import whole_folder
from zpoints.artifacts import write_json
from zpoints.config.models import AutoencoderEntry
from zpoints.config.training import Training
from zpoints.shards.store import Shards
from zpoints.training import checkpoint as state
from zpoints.training.checkpoint import Progress, epoch_folder, kept_epochs

# The modules whose code decides the weights.
CODE = (
    "devices/replicas.py",
    "devices/strategy.py",
    "layers/adam.py",
    "layers/convolution.py",
    "layers/kernels.py",
    "layers/latent.py",
    "layers/precision.py",
    "layers/processor.py",
    "networks.py",
    "autoencoder/gauges.py",
    "autoencoder/losses.py",
    "autoencoder/model.py",
    "shards/store.py",
    "training/feeding.py",
    "training/fit.py",
    "training/guards.py",
    "training/history.py",
    "training/resume.py",
    "training/state.py",
    "training/watch.py",
)


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
    package = Path(__file__).resolve().parents[1]
    for path in [*(package / name for name in CODE), *sorted(shards.folder.glob("*.npy"))]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return branch_key(digest.hexdigest(), branch) if branch else digest.hexdigest()


def branch_key(key: str, branch: dict[str, Any]) -> str:
    """The key of a branch from the `run_key` that it has but for its beginning."""
    return hashlib.blake2b(json.dumps([key, branch], sort_keys=True).encode(), digest_size=16).hexdigest()


def restore_all(
    model: keras.Model, training: Training, checkpoints: "Checkpoints | None", devices: Devices
) -> Progress:
    """`Checkpoints.restore` on the chief, which alone reads; every worker gets its progress and its state."""
    if devices.workers == 1:
        return checkpoints.restore(model, training) if checkpoints else Progress()

    def on_chief() -> dict[str, Any]:
        return dataclasses.asdict(checkpoints.restore(model, training) if checkpoints else Progress())

    progress = Progress(**devices.from_chief(on_chief))
    if progress.epoch:
        state.spread(model, devices)
    return progress


class Checkpoints:
    """The kept states of one run, in a folder of its own, laid out as in a trained model: epochs/epoch_00018.

    `speed` has a row for each epoch (`epoch`, `seconds`, `images_per_second` of its training part). Timings lie beside
    the states, since these are the same bits on every start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.epochs = folder / "epochs"
        self.speed: list[dict[str, Any]] = []

    def save(
        self, model: keras.Model, progress: Progress, description: dict[str, Any], keep: Collection[int] = ()
    ) -> None:
        """Keep the state after the epoch that `progress` ends with; forget the others but those in `keep`."""
        write_json(self.folder / "speed.json", self.speed)
        state.write(epoch_folder(self.epochs, progress.epoch), model, progress, description)
        for epoch in kept_epochs(self.epochs):
            if epoch != progress.epoch and epoch not in keep:
                shutil.rmtree(epoch_folder(self.epochs, epoch))

    def restore(self, model: keras.Model, training: Training) -> Progress:
        """Bring back the newest kept state into a compiled model; empty progress where nothing is kept.

        Raises UserError for a damaged state, for a wanted epoch that is past and was not kept, and for guards that
        might have acted before this state.
        """
        kept = kept_epochs(self.epochs)
        progress = state.read(epoch_folder(self.epochs, kept[-1]), model) if kept else Progress()
        missed = sorted(epoch for epoch in training.keep_epochs if epoch < progress.epoch and epoch not in kept)
        if missed:
            raise UserError(
                f"training.keep_epochs: expected kept epochs or such from {progress.epoch} on, where this run goes on, "
                f"received {missed[0]}; to train it anew, delete {self.folder}"
            )
        if kept:
            self._refuse_other_guards(training, progress)
        write_json(self.folder / "guards.json", _guards(training))
        with contextlib.suppress(OSError, ValueError):
            rows = json.loads((self.folder / "speed.json").read_text(encoding="utf-8"))
            self.speed = [row for row in rows if row["epoch"] <= progress.epoch]
        return progress

    def time(self, epoch: int, seconds: float, images: int) -> None:
        """Take down how long an epoch's training took; one that was rolled back counts as its last attempt."""
        row = {"epoch": epoch, "seconds": round(seconds, 3), "images_per_second": round(images / seconds, 1)}
        self.speed = [*(row for row in self.speed if row["epoch"] < epoch), row]

    def begin_at(self, epochs: Path, wanted: Collection[int]) -> None:
        """Begin with copies of these states of another run, unless this run has begun; the newest of them goes on."""
        if not self.epochs.exists():
            with whole_folder(self.epochs, "epochs") as folder:
                _copy(epochs, folder, wanted)

    def hand_over(self, folder: Path, wanted: Collection[int]) -> None:
        """Copy the states of these epochs into an existing folder."""
        _copy(self.epochs, folder, wanted)

    def clear(self) -> None:
        """Forget the run: it has ended well."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # the last run leaves nothing

    def _refuse_other_guards(self, training: Training, progress: Progress) -> None:
        """While no guard has acted, any reaction and any larger factor would have led to the same state."""
        try:
            was = json.loads((self.folder / "guards.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return  # a branch that begins: whatever happened before it belongs to the other run
        now = _guards(training)
        acted = bool(progress.attempt or progress.warnings)
        before, factor = was["divergence_factor"], now["divergence_factor"]
        stricter = factor is not None and (before is None or factor < before)
        for key, value in now.items():
            if value != was[key] and (acted or (key == "divergence_factor" and stricter)):
                raise UserError(
                    f"training.{key}: expected {was[key]}, with which this run came to epoch {progress.epoch}, "
                    f"received {value}; to begin anew with it, delete {self.folder}"
                )


def _guards(training: Training) -> dict[str, Any]:
    return {"divergence_factor": training.divergence_factor, "on_divergence": training.on_divergence}


def _copy(source: Path, target: Path, wanted: Collection[int]) -> None:
    for epoch in sorted(wanted):
        shutil.copytree(epoch_folder(source, epoch), epoch_folder(target, epoch))
