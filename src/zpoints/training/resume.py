"""Exact resume: the state of a run after its last complete epoch, kept until the run has ended well.

The folder is named after everything that decides the run's outcome (params, data, code, versions), so that a state can
never be taken up by another run. A resumed run ends with the very bits of an uninterrupted one: noise is keyed by
(seed, step), the order of images by (seed, epoch), and the optimizer's state is kept with the weights.
"""

import contextlib
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zpoints.errors import UserError
from zpoints.outs import whole_folder
from zpoints.params.models import AutoencoderEntry
from zpoints.params.training import Training
from zpoints.shards.store import Shards

# The modules whose code decides the weights.
CODE = (
    "networks.py",
    "autoencoder/losses.py",
    "autoencoder/model.py",
    "shards/store.py",
    "training/feeding.py",
    "training/fit.py",
    "training/resume.py",
)


def run_key(spec: AutoencoderEntry, training: Training, shards: Shards) -> str:
    """A digest of all that decides a run's weights; reads the shards once."""
    settings = {
        "model": spec.model_dump(mode="json"),
        "training": training.model_dump(mode="json"),
        "versions": [tf.__version__, keras.__version__, np.__version__],
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS"),
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
    }
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16)
    package = Path(__file__).resolve().parents[1]
    for path in [*(package / name for name in CODE), *sorted(shards.folder.glob("*.npy"))]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


class Checkpoints:
    """The kept state of one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, model: keras.Model, history: list[dict[str, Any]]) -> None:
        """Keep weights, optimizer state and history after the epoch that `history` ends with; forget the one before."""
        place = self.folder / f"epoch_{len(history):05d}"
        with whole_folder(place) as folder:
            np.savez(folder / "state.npz", *_state(model))
            (folder / "history.json").write_text(json.dumps(history), encoding="utf-8")
        for older in self.folder.glob("epoch_*"):
            if older != place:
                shutil.rmtree(older)

    def restore(self, model: keras.Model) -> list[dict[str, Any]]:
        """Bring back the newest kept state into a compiled model. Returns its history, empty where nothing is kept."""
        newest = max(self.folder.glob("epoch_*"), default=None)
        if newest is None:
            return []
        try:
            history = json.loads((newest / "history.json").read_text(encoding="utf-8"))
            with (newest / "state.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                arrays = [file[f"arr_{index}"] for index in range(len(file.files))]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UserError(f"{newest}: expected the state of a run, received: {error}; delete the folder") from None
        for variable, array in zip(_variables(model), arrays, strict=True):
            variable.assign(array)
        return history

    def clear(self) -> None:
        """Forget the run: it has ended well."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # the last run leaves nothing


class KeepEpochs(keras.callbacks.Callback):
    """Append each epoch's row to `history`, and keep the state behind it."""

    def __init__(self, checkpoints: Checkpoints | None, history: list[dict[str, Any]], columns: list[str]) -> None:
        super().__init__()
        self.checkpoints, self.history, self.columns = checkpoints, history, columns

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.history.append({"epoch": epoch + 1, **{name: float((logs or {})[name]) for name in self.columns}})
        if self.checkpoints:
            self.checkpoints.save(self.model, self.history)


def _variables(model: keras.Model) -> list[Any]:
    return [*model.encoder.variables, *model.decoder.variables, *model.optimizer.variables]


def _state(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in _variables(model)]
