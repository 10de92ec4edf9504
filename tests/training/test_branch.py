"""Branching: with the same seed a run repeats itself to the bit, with another it goes another way from there."""

import json
import shutil

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.artifacts import write_csv
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.model_folder import describe, save
from zpoints.shards.store import Shards
from zpoints.training import fit as fit_module
from zpoints.training.branch import open_branch
from zpoints.training.callback import TrainingCallback
from zpoints.training.checkpoint import kept_epochs
from zpoints.training.divergence import Diverged, DivergenceMonitor
from zpoints.training.fit import describe_run, fit
from zpoints.training.resume import Checkpoints, run_key

pytestmark = pytest.mark.slow
TRAINING = Training(epochs=5, batch_size=8, learning_rate=1e-2)
MONITORING = Monitoring(keep_epochs=(1, 3, 4), on_divergence="rollback")
WARM = VAE.model_copy(update={"fact_warmup_epochs": 4.0})


class Jumpy(DivergenceMonitor):
    """DivergenceMonitor that see a jump in epoch 2, so that all runs here are in their second attempt."""

    def check_row(self, row):
        if row["epoch"] == 2 and not self.progress.attempt:
            raise Diverged("expected no jump, received one", finite=True)
        super().check_row(row)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


@pytest.fixture(scope="module")
def original(shards, tmp_path_factory):
    """A trained model that kept epochs 1, 3 and 4, behind a rollback, as the stage writes it."""
    folder = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit_module, "DivergenceMonitor", Jumpy)
        train(shards, folder)
    return folder


def train(shards, folder, spec=WARM, training=TRAINING, branch=None, monitoring=MONITORING):
    """What the stage does, in `folder`; the states for resuming lie beside it."""
    entry = branch.entry() if branch else None
    checkpoints = Checkpoints(folder.parent / ".resume" / run_key(spec, training, shards, entry))
    if branch:
        checkpoints.begin_at(branch.epochs, branch.epochs_to_copy(monitoring))
    model, history = fit(spec, training, shards, checkpoints, verbose=0, monitoring=monitoring)
    folder.mkdir(exist_ok=True)
    save(folder, model, training, entry)
    write_csv(folder / "history.csv", history)
    checkpoints.hand_over(folder / "epochs", monitoring.keep_epochs)
    checkpoints.clear()
    return model


def open_at(original, shards, epoch=3, spec=WARM, monitoring=MONITORING, **keys):
    training = TRAINING.model_copy(update=keys)
    return training, open_branch(original, epoch, training, monitoring, describe_run(spec, training, shards))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def history(folder):
    return (folder / "history.csv").read_text().splitlines()


def test_the_kept_epochs_end_in_the_model(original):
    assert kept_epochs(original / "epochs") == [1, 3, 4]
    rows = [len(json.loads(path.read_text())) for path in sorted(original.glob("epochs/*/history.json"))]
    assert rows == [1, 3, 4]


def test_branch_with_same_seed_repeats_original(original, shards, tmp_path):
    training, branch = open_at(original, shards)
    train(shards, tmp_path / "branch", training=training, branch=branch)
    ours, theirs = contents(tmp_path / "branch"), contents(original)
    description = json.loads(ours.pop("model.json"))
    entry = description.pop("branch")
    assert (entry["from_epoch"], entry["seed"]) == (3, TRAINING.seed) and len(entry["fingerprint"]) == 64
    assert description == json.loads(theirs.pop("model.json"))
    assert ours == theirs
    assert not (tmp_path / ".resume").exists()


def test_branch_with_other_seed_differs_after_start(original, shards, tmp_path):
    training, branch = open_at(original, shards, seed=7)
    train(shards, tmp_path / "branch", training=training, branch=branch)
    ours, theirs = history(tmp_path / "branch"), history(original)
    assert ours[:4] == theirs[:4] and len(ours) == len(theirs)
    assert not set(ours[4:]) & set(theirs[4:])
    mine, other = contents(tmp_path / "branch"), contents(original)
    assert mine["encoder.weights.h5"] != other["encoder.weights.h5"]
    assert {name for name in mine if mine[name] == other.get(name)} >= {
        f"epochs/{epoch}/state.npz" for epoch in ("epoch_00001", "epoch_00003")
    }
    description = describe(tmp_path / "branch")
    assert description.branch.model_dump() == branch.entry()
    assert description.training.seed == 7


def test_a_branch_may_go_on_for_longer(original, shards, tmp_path):
    monitoring = MONITORING.model_copy(update={"keep_epochs": (3, 6)})
    training, branch = open_at(original, shards, epochs=7, monitoring=monitoring)
    train(shards, tmp_path / "branch", training=training, branch=branch, monitoring=monitoring)
    assert history(tmp_path / "branch")[:6] == history(original)
    assert len(history(tmp_path / "branch")) == 8
    assert kept_epochs(tmp_path / "branch" / "epochs") == [3, 6]


def test_stopped_branch_resumes_bit_for_bit(original, shards, tmp_path, monkeypatch):
    training, branch = open_at(original, shards, seed=7)
    whole = train(shards, tmp_path / "whole", training=training, branch=branch)

    class Stop(TrainingCallback):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "TrainingCallback", Stop)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(shards, tmp_path / "stopped", training=training, branch=branch)
    monkeypatch.setattr(fit_module, "TrainingCallback", TrainingCallback)
    again = train(shards, tmp_path / "stopped", training=training, branch=branch)
    for one, other in zip(whole.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_stopped_run_can_be_branched(shards, tmp_path):
    checkpoints = Checkpoints(tmp_path / "stopped")
    fit(WARM, TRAINING.model_copy(update={"epochs": 2}), shards, checkpoints, verbose=0)
    training = TRAINING.model_copy(update={"seed": 9})
    branch = open_branch(tmp_path / "stopped", 2, training, Monitoring(), describe_run(WARM, training, shards))
    assert branch.epochs_to_copy(Monitoring()) == [2]


MISFITS = {
    "not kept": ({"epoch": 2}, r"expected a model that kept epoch 2, received one that kept 1, 3, 4; monitoring\.keep"),
    "too short": ({"epochs": 3}, r"training\.epochs: expected more than --from-epoch 3, received 3"),
    "batch": ({"batch_size": 4}, r"epoch_00003: expected .* batch_size = 4, received one with 8"),
    "rate": ({"learning_rate": 0.1}, r"epoch_00003: expected .* learning_rate = 0\.1, received one with 0\.01"),
    "fact": ({"spec": WARM.model_copy(update={"fact": 3.0})}, r"expected .* fact = 3\.0, received one with 0\.01"),
    "kind": ({"spec": AE}, r"epoch_00003: expected the state of a run with"),
    "keep": (
        {"monitoring": Monitoring(keep_epochs=(1, 2))},
        r"monitoring\.keep_epochs: expected epochs that .* kept, .* received 2",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_a_user_error(name, original, shards):
    keys, words = MISFITS[name]
    with pytest.raises(UserError, match=words):
        open_at(original, shards, **keys)


def test_other_images_are_a_user_error(original, shards, tmp_path):
    for images, size, words in ((60, 16, "steps_per_epoch = 5"), (40, 32, "size = 32")):
        folder = tmp_path / f"{images}"
        folder.mkdir()
        with pytest.raises(UserError, match=words):
            open_at(original, Shards.open(make_shards(folder, images=images, size=size)))


def test_missing_model_or_epochs_are_user_errors(original, shards, tmp_path):
    with pytest.raises(UserError, match="absent: expected a trained model, received no such folder"):
        open_at(tmp_path / "absent", shards)
    shutil.copytree(original, tmp_path / "bare", ignore=shutil.ignore_patterns("epochs"))
    with pytest.raises(UserError, match=r"expected a model that kept epoch 3, received one that kept none"):
        open_at(tmp_path / "bare", shards)
    shutil.copytree(original, tmp_path / "damaged")
    (tmp_path / "damaged" / "epochs" / "epoch_00003" / "run.json").write_text("{}")
    with pytest.raises(UserError, match="epoch_00003: expected the state of a run"):
        open_at(tmp_path / "damaged", shards)
