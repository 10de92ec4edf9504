"""The full state of a run after an epoch, as a folder, from which the run resumes and others branch.

state.npz holds weights and optimizer, history.json the rows so far (without floors, which no weight depends on),
run.json what kind of run it is and where its monitor stood.
"""

import dataclasses
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zpoints.artifacts import whole_folder
from zpoints.errors import UserError
from zpoints.training.devices.strategy import Devices

FORMAT = 2
FILES = ("state.npz", "history.json", "run.json")


@dataclasses.dataclass
class Progress:
    """How far a run has come, beside its weights.

    history: a row for each complete epoch.         attempt: how often the run was rolled back.
    kl: of the last epoch, in nats per image, not weighted; None for a plain AE and before the first epoch.
    kl_max: its largest value so far.               jumps: how many the monitor let pass.
    warnings: the lines it printed.                 collapsed: whether it reported a posterior collapse.
    """

    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    attempt: int = 0
    jumps: int = 0
    warnings: list[str] = dataclasses.field(default_factory=list)
    kl: float | None = None
    kl_max: float = 0.0
    collapsed: bool = False

    @property
    def epoch(self) -> int:
        """The last complete epoch, from 1; 0 before it."""
        return len(self.history)


def epoch_folder(parent: Path, epoch: int) -> Path:
    """The folder below `parent` for the state after an epoch."""
    return parent / f"epoch_{epoch:05d}"


def kept_epochs(parent: Path) -> list[int]:
    """The epochs whose states lie below `parent`, ascending."""
    return sorted(int(path.name.removeprefix("epoch_")) for path in parent.glob("epoch_" + "[0-9]" * 5))


def write(folder: Path, model: keras.Model, progress: Progress, description: dict[str, Any]) -> None:
    """Write the state, whole or not at all. The same state gives the same bytes."""
    run = {key: value for key, value in dataclasses.asdict(progress).items() if key != "history"}
    with whole_folder(folder, "epoch") as partial:
        np.savez(partial / "state.npz", *snapshot(model))
        (partial / "history.json").write_text(json.dumps(progress.history), encoding="utf-8")
        content = {"format": FORMAT, **description, "progress": run}
        (partial / "run.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def read(folder: Path, model: keras.Model) -> Progress:
    """Restore a state into a compiled model. Raises UserError where it is damaged or of another network."""
    run = describe(folder)
    try:
        history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
        with (folder / "state.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = [file[f"arr_{index}"] for index in range(len(file.files))]
        progress = Progress(history, **run["progress"])
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        RecursionError,
        MemoryError,
        zipfile.BadZipFile,
    ) as error:
        raise _damaged(folder, error) from None
    shapes = [tuple(variable.shape) for variable in _variables(model)]
    if [array.shape for array in arrays] != shapes or folder != epoch_folder(folder.parent, progress.epoch):
        raise _damaged(folder, "another network or epoch")
    put_back(model, arrays)
    return progress


def describe(folder: Path) -> dict[str, Any]:
    """run.json: `size`, `model`, `training`, `steps_per_epoch` and `progress`. Raises UserError where it is damaged."""
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        if run["format"] == FORMAT and {"size", "model", "training", "steps_per_epoch", "progress"} <= run.keys():
            return run
        reason: object = f"format {run['format']}, not {FORMAT}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = error
    raise _damaged(folder, reason)


def fingerprint(folder: Path) -> str:
    """SHA-256 of the state's files."""
    digest = hashlib.sha256()
    for name in FILES:
        try:
            digest.update((folder / name).read_bytes())
        except OSError as error:
            raise _damaged(folder, error) from None
    return digest.hexdigest()


def snapshot(model: keras.Model) -> list[np.ndarray]:
    """Copies of all weights and of the optimizer's state."""
    return [np.array(variable.numpy()) for variable in _variables(model)]


def put_back(model: keras.Model, arrays: list[np.ndarray]) -> None:
    """Assign the arrays of `snapshot`."""
    for variable, array in zip(_variables(model), arrays, strict=True):
        variable.assign(array)


def broadcast(model: keras.Model, devices: Devices, arrays: list[np.ndarray] | None = None) -> None:
    """Assign the chief's `arrays`, or without any its model's state, on every worker."""
    if devices.workers == 1:
        if arrays is not None:
            put_back(model, arrays)
        return

    def content() -> bytes:
        stream = io.BytesIO()
        np.savez(stream, *(snapshot(model) if arrays is None else arrays))
        return stream.getvalue()

    with np.load(io.BytesIO(devices.bytes_from_chief(content)), allow_pickle=False) as file:
        put_back(model, [file[f"arr_{index}"] for index in range(len(file.files))])


def _variables(model: keras.Model) -> list[Any]:
    return [*model.encoder.variables, *model.decoder.variables, *model.optimizer.variables]


def _damaged(folder: Path, error: object) -> UserError:
    return UserError(f"{folder}: expected the state of a run, received: {error}; delete the folder")
