"""A run that is stopped at any moment and started again ends with the same bits as one that was not."""

import ast
import json
import multiprocessing
import os
import shutil
import signal
import threading
import time

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.shards.store import Shards
from zpoints.training import fit as fit_module
from zpoints.training.callback import TrainingCallback
from zpoints.training.checkpoint import fingerprint, kept_epochs
from zpoints.training.divergence import Diverged, DivergenceMonitor
from zpoints.training.fit import fit
from zpoints.training.resume import PACKAGE, WEIGHTS_CODE, Checkpoints, run_key, weights_code

TRAINING = Training(epochs=6, batch_size=8, learning_rate=1e-2)
EVERYTHING = Monitoring(keep_epochs=(2, 5), on_divergence="rollback")
WARM = VAE.model_copy(update={"fact_warmup_epochs": 2.5})


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


class Stopped(Exception):
    """What a kill looks like from inside."""


class Jumpy(DivergenceMonitor):
    """A monitor that sees a jump at the ends of two epochs, once each."""

    jumps = ((4, 0), (6, 1))  # epoch, attempt

    def check_row(self, row):
        if (row["epoch"], self.progress.attempt) in self.jumps:
            raise Diverged("expected no jump, received one", finite=True)
        super().check_row(row)


def run(spec, shards, folder, monkeypatch, stop_at_batch=None, training=TRAINING, monitoring=None):
    """Fit with checkpoints; stop at the given batch, counted over the whole of this start."""
    batches = iter(range(10**9))

    class Stop(TrainingCallback):
        def on_train_batch_begin(self, batch, logs=None):
            if next(batches) == stop_at_batch:
                raise Stopped
            super().on_train_batch_begin(batch, logs)

    monkeypatch.setattr(fit_module, "TrainingCallback", Stop)
    return fit(spec, training, shards, Checkpoints(folder), verbose=0, monitoring=monitoring)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same(one, other):
    (model, history), (other_model, other_history) = one, other
    assert history == other_history
    for mine, theirs in zip(model.get_weights(), other_model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(model.optimizer.variables, other_model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.fixture(scope="module")
def whole(shards):
    """A run of the VAE that nothing disturbed."""
    return fit(VAE, TRAINING, shards, verbose=0)


@pytest.fixture(scope="module")
def finished(shards, tmp_path_factory):
    """The model and history of another such run, and what it leaves in its folder."""
    folder = tmp_path_factory.mktemp("finished") / "runs" / "one"
    return folder, fit(VAE, TRAINING, shards, Checkpoints(folder), verbose=0)


@pytest.fixture(scope="module")
def stopped(shards, tmp_path_factory):
    """The folder of a run of the VAE that was stopped in epoch 4."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        stop_in_epoch_4(shards, folder, patch)
    return folder


BATCH = VAE.model_copy(update={"batch_norm": "batch"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "precision"),
    [(VAE, "float32"), (AE, "bfloat16"), (BATCH, "float16")],
    ids=["vae-float32", "ae-bfloat16", "batch-float16"],
)
def test_resume_is_bit_identical(spec, precision, shards, tmp_path, monkeypatch):
    training = TRAINING.model_copy(update={"precision": precision})
    undisturbed = fit(spec, training, shards, verbose=0)
    for batch in (9, 5):
        with pytest.raises(Stopped):
            run(spec, shards, tmp_path, monkeypatch, batch, training)
    assert any(tmp_path.iterdir())
    assert_same(run(spec, shards, tmp_path, monkeypatch, training=training), undisturbed)


@pytest.mark.slow
def test_resume_with_rollbacks_is_bit_identical(shards, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fit_module, "DivergenceMonitor", Jumpy)
    training = TRAINING.model_copy(update={"order_seed": 3})
    whole = fit(WARM, training, shards, Checkpoints(tmp_path / "whole"), verbose=0, monitoring=EVERYTHING)
    assert [row["attempt"] for row in whole[1]] == [0, 0, 0, 1, 1, 2]
    for batch in (9, 10, 13, 6):  # the second and the last behind a rollback, before the next epoch is complete
        with pytest.raises(Stopped):
            run(WARM, shards, tmp_path / "stopped", monkeypatch, batch, training, EVERYTHING)
    resumed = run(WARM, shards, tmp_path / "stopped", monkeypatch, training=training, monitoring=EVERYTHING)
    assert_same(resumed, whole)
    kept = tmp_path / "stopped" / "epochs"
    assert kept_epochs(kept) == [2, 5, 6]
    assert contents(kept) == contents(tmp_path / "whole" / "epochs")


@pytest.mark.slow
def test_looser_monitoring_resumes_the_run_and_keeps_its_speed(shards, whole, stopped, tmp_path):
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    before = json.loads((tmp_path / "speed.json").read_text())
    checkpoints = Checkpoints(tmp_path)
    looser = Monitoring(divergence_factor=4.0, on_divergence="warn")
    assert_same(fit(VAE, TRAINING, shards, checkpoints, verbose=0, monitoring=looser), whole)
    assert [row["epoch"] for row in checkpoints.speed] == [1, 2, 3, 4, 5, 6]
    assert checkpoints.speed[:3] == before
    for row in checkpoints.speed:
        assert row["images_per_second"] == pytest.approx(len(shards.rows("train")) / row["seconds"], rel=0.2)


@pytest.mark.slow
def test_finished_run_trains_no_more(shards, finished, monkeypatch):
    folder, trained = finished
    assert_same(run(VAE, shards, folder, monkeypatch, stop_at_batch=0), trained)


@pytest.mark.slow
def test_one_state_is_kept_at_a_time(finished, tmp_path):
    folder = tmp_path / "runs" / "one"
    shutil.copytree(finished[0], folder)
    assert kept_epochs(folder / "epochs") == [6]
    Checkpoints(folder).clear()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("file", ["state.npz", "history.json", "run.json"])
def test_damaged_state_names_its_folder(file, shards, finished, tmp_path, monkeypatch):
    shutil.copytree(finished[0], tmp_path, dirs_exist_ok=True)
    damaged = tmp_path / "epochs" / "epoch_00006" / file
    damaged.write_bytes(damaged.read_bytes()[:100])
    with pytest.raises(UserError, match=r"epoch_00006: .* delete the folder"):
        run(VAE, shards, tmp_path, monkeypatch)


def stop_in_epoch_4(shards, folder, monkeypatch, **keys):
    with pytest.raises(Stopped):
        run(VAE, shards, folder, monkeypatch, 14, monitoring=Monitoring(**keys))


@pytest.mark.slow
def test_past_epochs_cannot_be_kept(shards, tmp_path, monkeypatch):
    stop_in_epoch_4(shards, tmp_path, monkeypatch, keep_epochs=(1,))
    for kept in ((2,), (1, 2)):
        with pytest.raises(UserError, match=r"monitoring\.keep_epochs: expected .*from 3 on.*, received 2; .*delete"):
            run(VAE, shards, tmp_path, monkeypatch, monitoring=Monitoring(keep_epochs=kept))
    run(VAE, shards, tmp_path, monkeypatch, monitoring=Monitoring(keep_epochs=(1, 3, 5)))
    assert kept_epochs(tmp_path / "epochs") == [1, 3, 5, 6]


@pytest.fixture(scope="module")
def rolled_back(shards, tmp_path_factory):
    """The folder of a run that was stopped in epoch 4, after a rollback."""
    folder = tmp_path_factory.mktemp("rolled_back")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(Jumpy, "jumps", ((2, 0),))
        patch.setattr(fit_module, "DivergenceMonitor", Jumpy)
        run(VAE, shards, folder, patch, 18, monitoring=Monitoring(on_divergence="rollback"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {"divergence_factor": 2.0}, r"divergence_factor: expected 3\.0, .* received 2\.0"),
        ({"divergence_factor": None}, {"divergence_factor": 9.0}, r"divergence_factor: expected None"),
        ({"on_divergence": "rollback"}, {"on_divergence": "stop"}, "on_divergence: expected rollback, .* epoch 3"),
        ({"on_divergence": "rollback"}, {"on_divergence": "rollback", "divergence_factor": 4.0}, "received 4.0"),
    ],
)
def test_stricter_monitoring_is_refused(before, after, words, shards, stopped, rolled_back, tmp_path, monkeypatch):
    shutil.copytree(rolled_back if "on_divergence" in before else stopped, tmp_path, dirs_exist_ok=True)
    kept = json.loads((tmp_path / "monitoring.json").read_text())
    (tmp_path / "monitoring.json").write_text(json.dumps(kept | before))
    with pytest.raises(UserError, match=words):
        run(VAE, shards, tmp_path, monkeypatch, monitoring=Monitoring(**after))


@pytest.mark.slow
def test_leftovers_of_another_version_are_no_traceback(shards, whole, stopped, tmp_path, monkeypatch):
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    (tmp_path / "monitoring.json").write_text('{"divergence_factor": 3.0}')
    (tmp_path / "speed.json").write_text('[{"number": 1}]')
    (tmp_path / "guards.json").write_text("[]")
    (tmp_path / ".epochs.partial-7").mkdir()
    unwatched = Monitoring(divergence_factor=None)
    assert_same(run(VAE, shards, tmp_path, monkeypatch, monitoring=unwatched), whole)
    described = tmp_path / "epochs" / "epoch_00006" / "run.json"
    described.write_text(described.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(UserError, match=r"epoch_00006: .*: format 1, not 2; delete the folder"):
        run(VAE, shards, tmp_path, monkeypatch)


def test_key_depends_on_all_that_decides_weights(shards, tmp_path, monkeypatch):
    key = run_key(VAE, TRAINING, shards)
    assert key == run_key(VAE, TRAINING, shards)
    others = {
        run_key(VAE.model_copy(update={"fact": 0.02}), TRAINING, shards),
        run_key(AE, TRAINING, shards),
        run_key(VAE, TRAINING.model_copy(update={"seed": 1}), shards),
        run_key(VAE, TRAINING.model_copy(update={"order_seed": 1}), shards),
        run_key(VAE, TRAINING.model_copy(update={"layers": "stock"}), shards),
        run_key(WARM, TRAINING, shards),
        run_key(VAE, TRAINING.model_copy(update={"strategy": "mirrored"}), shards),
        run_key(VAE, TRAINING, shards, replicas=2),
        run_key(VAE, TRAINING, shards, {"from_epoch": 2}),
        run_key(VAE, TRAINING, shards, {"from_epoch": 3}),
        run_key(VAE, TRAINING, Shards.open(make_shards(tmp_path, seed=1))),
    }
    monkeypatch.setattr("zpoints.training.resume.WEIGHTS_CODE", WEIGHTS_CODE[1:])
    others.add(run_key(VAE, TRAINING, shards))
    assert len(others | {key}) == 13


# What the training imports from the rest of the project and what cannot change a weight.
BESIDE = ("artifacts.py", "config/block.py", "config/monitoring.py", "errors.py", "progress.py", "reading.py")


def test_training_imports_no_other_rooms():
    allowed = {PACKAGE / name for name in (*WEIGHTS_CODE, *BESIDE)}
    for path in weights_code():
        for module in imported_modules(path):
            file = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
            if file.is_file():
                assert allowed & {file, *file.parents}, f"{path} imports {module}"


def imported_modules(path):
    """Modules that a file imports from this project, anywhere in it."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {module for module in modules if module.startswith("zpoints.")}


LONG = TRAINING.model_copy(update={"epochs": 30})
KEEPING = EVERYTHING.model_copy(update={"keep_epochs": (3, 15)})


def _train(checkpoints, shards_folder, result, kill_after, from_epoch):
    """A whole start of the stage's work in a process of its own.

    It is killed `kill_after` seconds after it begins its first epoch (from_epoch 0), or begins to keep its state (1).
    """
    times = []

    class Begin(TrainingCallback):
        def on_train_begin(self, logs=None):
            super().on_train_begin(logs)
            reached()

    class Save(Checkpoints):
        def save(self, *state):
            reached()
            super().save(*state)

    def reached():
        times.append(time.monotonic())
        if kill_after is not None and len(times) == from_epoch + 1:
            timer = threading.Timer(kill_after, os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()

    fit_module.TrainingCallback, fit_module.DivergenceMonitor, Jumpy.jumps = Begin, Jumpy, ((10, 0), (20, 1))
    model, history = fit(WARM, LONG, Shards.open(shards_folder), Save(checkpoints), verbose=0, monitoring=KEEPING)
    state = [*model.get_weights(), *(variable.numpy() for variable in model.optimizer.variables)]
    rows = np.array([list(row.values()) for row in history])
    kept = np.array([fingerprint(checkpoints / "epochs" / name) for name in ("epoch_00003", "epoch_00015")])
    np.savez(result, *state, history=rows, kept=kept, times=np.diff(times))


@pytest.mark.slow
def test_kills_at_random_moments_change_no_bit(shards, tmp_path):
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
    while kills < 4:
        # The first epoch of a start is long, since graphs are traced: half of the kills fall into it, half behind it.
        after = rng.uniform(0, first) if kills % 2 else rng.uniform(0, 3 * epoch)
        resumed += any((tmp_path / f"run{runs}" / "epochs").glob("epoch_*"))
        result = start(f"run{runs}", after, from_epoch=1 - kills % 2)
        if result.exists():  # quicker than its killer: the next run begins anew
            assert_whole(result)
            runs += 1
        else:
            kills += 1
    assert resumed >= 2
    assert_whole(start(f"run{runs}"))
