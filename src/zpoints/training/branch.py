"""Branching: a new run that begins at a kept epoch of another run, with other noise and another order of images.

With the same seeds it repeats that run bit for bit; with others it shows how much of the rest was chance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.training import checkpoint
from zpoints.training.checkpoint import epoch_folder, kept_epochs

# What may differ between a run and its branch.
FREE = ("epochs", "seed", "order_seed")


@dataclass(frozen=True)
class Branch:
    """Where a branch begins: the kept epochs of another run, one of them, and the seeds from there on."""

    epochs: Path
    from_epoch: int
    seed: int
    fingerprint: str

    def entry(self) -> dict[str, Any]:
        """Its entry in model.json; `fingerprint` is that of the kept state."""
        return {"from_epoch": self.from_epoch, "seed": self.seed, "fingerprint": self.fingerprint}

    def epochs_to_copy(self, monitoring: Monitoring) -> list[int]:
        """The epoch to begin at, and those before it that the branch is to keep as well."""
        return sorted({epoch for epoch in monitoring.keep_epochs if epoch < self.from_epoch} | {self.from_epoch})


def open_branch(
    trained: Path, from_epoch: int, training: Training, monitoring: Monitoring, description: dict[str, Any]
) -> Branch:
    """Check a kept epoch of the run in `trained` (a trained model, or a run kept for resuming) against params.

    Args: training, of the branch, its seeds included; description, of the branch (zpoints.training.fit.describe_run).
    Raises UserError where the epoch is not kept, or belongs to a model that these params don't describe.
    """
    epochs = trained / "epochs"
    kept = kept_epochs(epochs)
    if not trained.is_dir():
        raise UserError(f"{trained}: expected a trained model, received no such folder; run its train stage first")
    if from_epoch not in kept:
        received = f"one that kept {', '.join(map(str, kept))}" if kept else "one that kept none"
        raise UserError(
            f"{trained}: expected a model that kept epoch {from_epoch}, received {received}; "
            "monitoring.keep_epochs says which are kept"
        )
    if training.epochs <= from_epoch:
        raise UserError(f"training.epochs: expected more than --from-epoch {from_epoch}, received {training.epochs}")
    if missed := sorted(epoch for epoch in monitoring.keep_epochs if epoch < from_epoch and epoch not in kept):
        raise UserError(
            f"monitoring.keep_epochs: expected epochs that {trained} kept, or epochs from {from_epoch} on, "
            f"received {missed[0]}"
        )
    folder = epoch_folder(epochs, from_epoch)
    original = checkpoint.describe(folder)
    for block in ("model", "training"):
        for key in sorted((description[block].keys() | original[block].keys()) - set(FREE)):
            _refuse_other(folder, key, description[block].get(key), original[block].get(key))
    for key in ("size", "steps_per_epoch"):
        _refuse_other(folder, key, description[key], original[key])
    return Branch(epochs, from_epoch, training.seed, checkpoint.fingerprint(folder))


def _refuse_other(folder: Path, key: str, expected: Any, received: Any) -> None:
    if expected != received:
        raise UserError(f"{folder}: expected the state of a run with {key} = {expected}, received one with {received}")
