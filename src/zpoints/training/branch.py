"""Branching: a new run that begins with a kept epoch of another one and goes on with other noise and order.

With the seed of the other run it repeats that run to the bit; with another it tells what of the rest was chance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zpoints.errors import UserError
from zpoints.config.training import Training
from zpoints.training import checkpoint as state
from zpoints.training.checkpoint import epoch_folder
from zpoints.training.checkpoint import kept_epochs

# What may differ between a run and its branch.
FREE = ("epochs", "seed")


@dataclass(frozen=True)
class Branch:
    """Where a branch begins: the kept epochs of another run, one of them, and the seed to go on with."""

    epochs: Path
    from_epoch: int
    seed: int
    fingerprint: str

    def entry(self) -> dict[str, Any]:
        """As it stands in model.json; `fingerprint` is that of the kept state."""
        return {"from_epoch": self.from_epoch, "seed": self.seed, "fingerprint": self.fingerprint}

    def wanted(self, training: Training) -> list[int]:
        """The epochs to begin with: the one to go on from, and those before it that the branch is to keep as well."""
        return sorted({epoch for epoch in training.keep_epochs if epoch < self.from_epoch} | {self.from_epoch})


def open_branch(trained: Path, from_epoch: int, training: Training, description: dict[str, Any]) -> Branch:
    """Hold a kept epoch of the run in `trained` (a trained model, or a run that is kept for resuming) against params.

    Args: training, of the branch, its seed included; description, of the branch (zpoints.training.fit.describe_run).
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
            "training.keep_epochs says which are kept"
        )
    if training.epochs <= from_epoch:
        raise UserError(f"training.epochs: expected more than --from-epoch {from_epoch}, received {training.epochs}")
    if missed := sorted(epoch for epoch in training.keep_epochs if epoch < from_epoch and epoch not in kept):
        raise UserError(
            f"training.keep_epochs: expected epochs that {trained} kept, or such from {from_epoch} on, "
            f"received {missed[0]}"
        )
    place = epoch_folder(epochs, from_epoch)
    was = state.describe(place)
    for block in ("model", "training"):
        for key in sorted((description[block].keys() | was[block].keys()) - set(FREE)):
            _same(place, key, description[block].get(key), was[block].get(key))
    for key in ("size", "steps_per_epoch"):
        _same(place, key, description[key], was[key])
    return Branch(epochs, from_epoch, training.seed, state.fingerprint(place))


def _same(place: Path, key: str, now: Any, was: Any) -> None:
    if now != was:
        raise UserError(f"{place}: expected the state of a run with {key} = {now}, received one with {was}")
