"""A run that is stopped at any moment and started again ends with the very bits of one that was not."""

import multiprocessing
import os
import signal
import threading
import time

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from tests.pipeline.declarations import imported_modules, module_file
from zpoints.errors import UserError
from zpoints.params.training import Training
from zpoints.shards.store import Shards
from zpoints.training import fit as fit_module
from zpoints.training.fit import fit
from zpoints.training.resume import CODE, Checkpoints, run_key

TRAINING = Training(epochs=6, batch_size=8, learning_rate=1e-2)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


class Stopped(Exception):
    """What a kill looks like from inside."""


def run(spec, shards, folder, monkeypatch, stop_at_batch=None):
    """Fit with checkpoints; stop within the given batch, counted over the whole of this start."""
    batches = iter(range(10**9))

    class Stop(fit_module._StopAtNonFinite):
        def on_train_batch_end(self, batch, logs=None):
            if next(batches) == stop_at_batch:
                raise Stopped

    monkeypatch.setattr(fit_module, "_StopAtNonFinite", Stop)
    return fit(spec, TRAINING, shards, Checkpoints(folder), verbose=0)


def assert_same(one, other):
    (model, history), (other_model, other_history) = one, other
    assert history == other_history
    for mine, theirs in zip(model.get_weights(), other_model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(model.optimizer.variables, other_model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize("spec", [AE, VAE, VAE.model_copy(update={"batch_norm": "batch"})], ids=["ae", "vae", "batch"])
def test_a_stopped_run_ends_with_the_bits_of_an_uninterrupted_one(spec, shards, tmp_path, monkeypatch):
    whole = fit(spec, TRAINING, shards, verbose=0)
    for batch in (1, 9, 5):
        with pytest.raises(Stopped):
            run(spec, shards, tmp_path, monkeypatch, stop_at_batch=batch)
    assert any(tmp_path.iterdir())
    assert_same(run(spec, shards, tmp_path, monkeypatch), whole)


def test_a_run_stopped_after_its_last_epoch_trains_no_more(shards, tmp_path, monkeypatch):
    whole = run(VAE, shards, tmp_path, monkeypatch)
    assert_same(run(VAE, shards, tmp_path, monkeypatch, stop_at_batch=0), whole)


def test_one_epoch_is_kept_at_a_time_and_none_after_the_end(shards, tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "one"
    run(VAE, shards, folder, monkeypatch)
    assert [path.name for path in folder.iterdir()] == ["epoch_00006"]
    Checkpoints(folder).clear()
    assert not list(tmp_path.iterdir())


def test_a_damaged_state_is_a_user_error_that_names_its_folder(shards, tmp_path, monkeypatch):
    run(VAE, shards, tmp_path, monkeypatch)
    state = tmp_path / "epoch_00006" / "state.npz"
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(UserError, match=r"epoch_00006: .* delete the folder"):
        run(VAE, shards, tmp_path, monkeypatch)


def test_the_key_changes_with_params_data_and_code_and_with_nothing_else(shards, tmp_path, monkeypatch):
    key = run_key(VAE, TRAINING, shards)
    assert key == run_key(VAE, TRAINING, shards)
    others = {
        run_key(VAE.model_copy(update={"fact": 0.02}), TRAINING, shards),
        run_key(AE, TRAINING, shards),
        run_key(VAE, TRAINING.model_copy(update={"seed": 1}), shards),
        run_key(VAE, TRAINING, Shards.open(make_shards(tmp_path, seed=1))),
    }
    monkeypatch.setattr("zpoints.training.resume.CODE", CODE[1:])
    others.add(run_key(VAE, TRAINING, shards))
    assert len(others | {key}) == 6


def test_all_code_that_decides_the_weights_is_part_of_the_key():
    seen, waiting = set(), ["zpoints.training.fit"]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += imported_modules(module_file(module))
    files = {str(module_file(module)).partition("/zpoints/")[2] for module in seen}
    decides = {file for file in files if not file.endswith("__init__.py") and not file.startswith("params/")}
    # These move or name things, and compute nothing; of the params the values are part of the key.
    assert decides - {"errors.py", "outs.py", "shards/split.py"} == set(CODE)


LONG = TRAINING.model_copy(update={"epochs": 60})


def _train(checkpoints, shards_folder, result, kill_after, from_epoch):
    """A whole start of the stage's work in a process of its own.

    It is killed `kill_after` seconds after it begins its first epoch (from_epoch 0), or has trained it (1).
    """
    times = []

    class Kill(fit_module._StopAtNonFinite):
        def on_train_begin(self, logs=None):
            self.reached(0)

        def on_epoch_end(self, epoch, logs=None):  # before the checkpoint of this epoch is written
            self.reached(1)

        def reached(self, place):
            times.append(time.monotonic())
            if kill_after is not None and len(times) == from_epoch + 1:
                timer = threading.Timer(kill_after, os.kill, (os.getpid(), signal.SIGKILL))
                timer.daemon = True
                timer.start()

    fit_module._StopAtNonFinite = Kill
    model, history = fit(VAE, LONG, Shards.open(shards_folder), Checkpoints(checkpoints), verbose=0)
    state = [*model.get_weights(), *(variable.numpy() for variable in model.optimizer.variables)]
    rows = np.array([list(row.values()) for row in history])
    np.savez(result, *state, history=rows, times=np.diff(times))


def test_twenty_kills_at_random_moments_change_no_bit(shards, tmp_path):
    """Real processes, really killed: within an epoch, in the middle of writing a checkpoint, or in between."""
    context = multiprocessing.get_context("forkserver")  # loads TensorFlow once
    context.set_forkserver_preload(["tests.training.test_resume"])

    def start(name, kill_after=None, from_epoch=0):
        result = tmp_path / f"{name}.npz"
        process = context.Process(target=_train, args=(tmp_path / name, shards.folder, result, kill_after, from_epoch))
        process.start()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        return result

    def assert_whole(result):
        with np.load(result) as resumed:
            for name in whole.keys() - {"times"}:
                np.testing.assert_array_equal(whole[name], resumed[name])

    with np.load(start("whole")) as file:
        whole = {name: file[name] for name in file.files}
    first, epoch = whole["times"][0], np.median(whole["times"][1:])
    rng = np.random.default_rng(0)
    kills = runs = resumed = 0
    while kills < 20:
        # The first epoch of a start is long, since graphs are traced: half of the kills fall into it, half behind it.
        after = rng.uniform(0, first) if kills % 2 else rng.uniform(0, 3 * epoch)
        resumed += any((tmp_path / f"run{runs}").glob("epoch_*"))
        result = start(f"run{runs}", after, from_epoch=1 - kills % 2)
        if result.exists():  # quicker than its killer: the next run begins anew
            assert_whole(result)
            runs += 1
        else:
            kills += 1
    assert resumed >= 10
    assert_whole(start(f"run{runs}"))
