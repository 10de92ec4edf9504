"""The monitor: non-finite values are named to the step, jumps differ from growth, collapse is only reported."""

import contextlib
import io
import re

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.config.monitoring import Monitoring
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.step_metrics import Reading
from zpoints.shards.store import Shards
from zpoints.training import callback as callback_module
from zpoints.training import fit as fit_module
from zpoints.training.checkpoint import Progress, kept_epochs
from zpoints.training.divergence import ROLLBACKS, Diverged, DivergenceMonitor, attempt_seed
from zpoints.training.fit import fit
from zpoints.training.resume import Checkpoints

TRAINING = Training(epochs=5, batch_size=8, learning_rate=1e-2)
ROLLBACK = Monitoring(on_divergence="rollback")
STEPS = 100


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


def make_monitor(radius=16.0, kl=1780.0, epochs=21, z_dim=256, **keys):
    """A monitor after so many epochs, the last of which had this mean radius and KL, and the lines it prints."""
    progress = Progress([{"radius_mean": radius}] * epochs, kl=kl)
    lines = []
    return DivergenceMonitor(Monitoring(**keys), z_dim, STEPS, progress, lines.append), lines


def row(radius):
    return {"radius_mean": radius, "radius_max": 2 * radius, "val_total": 4564.0}


def reading(steps, kl, first_bad=None):
    """Step metrics after so many steps of 128 images with this mean KL."""
    return Reading(steps, 128 * steps, 1.0 * steps, 128.0 * steps * kl, 1.0, 5.0, first_bad)


def test_jump_of_the_posts_is_named():
    monitor, _ = make_monitor(radius=16.0)
    with pytest.raises(Diverged) as caught:
        monitor.check_row(row(66.0))
    assert str(caught.value) == (
        "expected a mean radius of the probe within 3 times the 16 of epoch 21, "
        "received 66 at epoch 22, step 100 of 100"
    )
    assert caught.value.finite


def test_growth_below_factor_passes():
    monitor, lines = make_monitor(radius=30.0)
    for radius in (89.9, 30.0, 0.1):
        monitor.check_row(row(radius))
    for kl in (3 * 1780 - 1, 0.01):
        monitor.check_epoch(reading(STEPS, kl))
    assert not lines


def test_waking_latent_space_is_no_jump():
    monitor, _ = make_monitor(radius=0.001, kl=0.01)
    monitor.check_row(row(3 * 16.0))  # that of N(0, I) is 16 for z_dim 256
    monitor.check_epoch(reading(STEPS, 3 * 128.0))
    with pytest.raises(Diverged, match=r"within 3 times the 16 of the prior \(0\.001 in epoch 21\), received 48\.1"):
        monitor.check_row(row(48.1))
    with pytest.raises(Diverged, match=r"within 3 times the 128 of the prior \(0\.01 in epoch 21\), received 384\.5"):
        monitor.check_epoch(reading(STEPS, 384.5))


@pytest.mark.parametrize(("epochs", "seen"), [(0, False), (1, False), (2, True)])
def test_third_epoch_is_first_compared(epochs, seen):
    monitor, lines = make_monitor(epochs=epochs, on_divergence="warn")
    monitor.check_row(row(1e6))
    monitor.check_epoch(reading(STEPS, 1e9))
    assert len(lines) == (2 if seen else 0)


def test_null_factor_compares_nothing():
    monitor, _ = make_monitor(divergence_factor=None)
    monitor.check_row(row(1e9))
    monitor.check_epoch(reading(STEPS, 1e12))
    monitor, _ = make_monitor(kl=None)
    monitor.check_epoch(reading(STEPS, 0.0))


def test_recent_steps_count_within_an_epoch():
    monitor, _ = make_monitor(kl=1000.0)
    monitor.check_steps(reading(16, 1000.0))
    monitor.check_steps(reading(32, 1000.0))
    jumped = Reading(48, 128 * 48, 1.0, 128 * (32 * 1000.0 + 16 * 3100.0), 1.0, 5.0, None)
    with pytest.raises(Diverged, match=r"mean KL divergence .* received 3100 at epoch 22, step 48 of 100"):
        monitor.check_steps(jumped)


def test_warn_prints_each_jump_once_an_epoch():
    monitor, lines = make_monitor(on_divergence="warn")
    for steps in (16, 32):
        monitor.check_steps(reading(steps, 1e5))
    monitor.check_epoch(reading(STEPS, 1e5))
    monitor.check_row(row(1e5))
    assert [line.split(" within ")[0] for line in lines] == [
        "warning: training: expected a mean KL divergence",
        "warning: training: expected a mean radius of the probe",
    ]
    assert monitor.progress.jumps == 2 and not any("\n" in line for line in lines)
    assert [f"warning: training: {line}" for line in monitor.progress.warnings] == lines
    monitor.begin_epoch()
    monitor.check_steps(reading(16, 1e5))
    assert len(lines) == 3


@pytest.mark.parametrize("action", ["stop", "rollback", "warn"])
def test_what_is_not_finite_is_never_passed(action):
    monitor, _ = make_monitor(epochs=2, on_divergence=action, divergence_factor=None)
    with pytest.raises(Diverged, match=r"finite loss and gradient, received .* epoch 3, step 8 of 100") as caught:
        monitor.check_steps(reading(16, float("nan"), first_bad=207))
    assert not caught.value.finite
    for name in ("val_total", "radius_max"):
        with pytest.raises(Diverged, match=f"expected a finite {name}, received inf at epoch 3"):
            monitor.check_row(row(5.0) | {name: float("inf")})


def test_attempt_seeds_all_differ():
    assert attempt_seed(7, 0) == 7
    seeds = [attempt_seed(seed, attempt) for seed in (0, 7) for attempt in range(4)]
    assert len(set(seeds)) == 8 and all(0 <= seed < 2**63 for seed in seeds)
    assert seeds == [attempt_seed(seed, attempt) for seed in (0, 7) for attempt in range(4)]


def message(shards, folder=None, monitoring=None, **keys):
    checkpoints = Checkpoints(folder) if folder else None
    with pytest.raises(UserError) as caught:
        fit(VAE, TRAINING.model_copy(update=keys), shards, checkpoints, verbose=0, monitoring=monitoring)
    return str(caught.value)


@pytest.mark.slow
def test_first_bad_step_is_named_exactly(shards, monkeypatch):
    broken = {"learning_rate": 1.0, "epochs": 50, "monitoring": Monitoring(divergence_factor=None)}
    seldom = message(shards, **broken)
    monkeypatch.setattr(callback_module, "CHECK_EVERY", 1)
    assert message(shards, **broken) == seldom
    assert re.fullmatch(
        r"training: expected a finite loss and gradient, received nan or infinity at epoch \d+, step [1-4] of 4; "
        "a smaller learning_rate may help",
        seldom,
    )


class Jump(DivergenceMonitor):
    """A monitor that sees a jump in one epoch's steps, in all of the first `attempts` attempts."""

    attempts, epoch = 1, 4

    def check_epoch(self, reading):
        super().check_epoch(reading)
        if self.progress.epoch + 1 == self.epoch and self.progress.attempt < self.attempts:
            raise Diverged("expected no jump, received one", finite=True)


@pytest.fixture
def jump(monkeypatch):
    monkeypatch.setattr(fit_module, "DivergenceMonitor", Jump)
    return lambda attempts: monkeypatch.setattr(Jump, "attempts", attempts)


@pytest.fixture(scope="module")
def plain(shards):
    """The history of a run in which nothing is seen."""
    return fit(VAE, TRAINING, shards, verbose=0)[1]


@pytest.fixture(scope="module")
def rolled_back(shards):
    """A run with one rollback: weights at the begin of each (epoch, attempt), model and history, and what it said."""
    seen, said = {}, io.StringIO()

    class TrainingCallback(callback_module.TrainingCallback):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            weights = [*self.model.get_weights(), *(variable.numpy() for variable in self.model.optimizer.variables)]
            seen[epoch + 1, self.progress.attempt] = weights

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.setattr(fit_module, "DivergenceMonitor", Jump)
        patch.setattr(fit_module, "TrainingCallback", TrainingCallback)
        trained = fit(VAE, TRAINING, shards, verbose=0, monitoring=ROLLBACK)
    return seen, trained, said.getvalue()


@pytest.mark.slow
def test_stop_keeps_last_good_state(shards, tmp_path, jump):
    said = message(shards, tmp_path)
    assert said.startswith("training: expected no jump, received one; a smaller learning_rate may help; ")
    for words in (
        "state after epoch 3",
        "on_divergence: rollback",
        "divergence_factor",
        "--from-epoch 3",
        str(tmp_path),
    ):
        assert words in said
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.npz")}
    assert kept_epochs(tmp_path / "epochs") == [3]
    assert message(shards, tmp_path) == said
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.npz")} == before


@pytest.mark.slow
def test_stopped_run_resumes_with_rollback(shards, rolled_back, tmp_path, jump, capsys):
    message(shards, tmp_path)
    stopped = fit(VAE, TRAINING, shards, Checkpoints(tmp_path), verbose=0, monitoring=ROLLBACK)
    _, at_once, _ = rolled_back
    assert stopped[1] == at_once[1]
    for one, other in zip(stopped[0].get_weights(), at_once[0].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_rollback_changes_noise_and_order_only(plain, rolled_back):
    seen, (_, history), said = rolled_back
    assert list(seen)[:5] == [(1, 0), (2, 0), (3, 0), (4, 0), (4, 1)]
    for first, again in zip(seen[4, 0], seen[4, 1], strict=True):
        np.testing.assert_array_equal(first, again)
    assert history[:3] == plain[:3]
    assert [row["attempt"] for row in history] == [0, 0, 0, 1, 1]
    for row, other in zip(history[3:], plain[3:], strict=True):
        assert row["eps_max"] != other["eps_max"] and row["reco"] != other["reco"]
        assert row["val_reco"] == pytest.approx(other["val_reco"], rel=0.02)
    (line,) = (line for line in said.splitlines() if line.startswith("warning: training"))
    assert "back to the end of epoch 3" in line and "rollback 1 of at most 3" in line


@pytest.mark.slow
def test_three_rollbacks_are_made_and_no_fourth(shards, tmp_path, jump, capsys):
    jump(ROLLBACKS + 1)
    said = message(shards, tmp_path, ROLLBACK)
    assert "after 3 rollbacks" in said and "--from-epoch 3" in said and "rerun" not in said
    assert len([line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]) == 3
    jump(ROLLBACKS)
    _, history = fit(AE, TRAINING, shards, verbose=0, monitoring=ROLLBACK)
    assert history[-1]["attempt"] == 3


@pytest.mark.slow
def test_rollback_to_initial_weights(shards, plain, jump, capsys, monkeypatch):
    monkeypatch.setattr(Jump, "epoch", 1)
    model, history = fit(VAE, TRAINING, shards, verbose=0, monitoring=ROLLBACK)
    assert [row["attempt"] for row in history] == [1] * 5
    assert int(model.optimizer.iterations.numpy()) == 5 * 4
    assert history[0]["val_reco"] == pytest.approx(plain[0]["val_reco"], rel=0.01)


@pytest.mark.slow
def test_what_is_not_finite_is_rolled_back_too(shards, capsys):
    monitoring = Monitoring(divergence_factor=None, on_divergence="rollback")
    said = message(shards, monitoring=monitoring, learning_rate=1.0, epochs=50)
    assert "expected a finite loss" in said and "after 3 rollbacks" in said


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "what"), [(AE, "mean radius of the probe"), (VAE, "mean KL divergence")])
def test_exploding_z_points_stop_a_run(spec, what, shards, tmp_path, monkeypatch):
    class Throw(callback_module.TrainingCallback):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            if epoch + 1 == 4:
                self.model.optimizer.learning_rate.assign(0.3)

    monkeypatch.setattr(fit_module, "TrainingCallback", Throw)
    said = []
    for _ in range(2):  # what the monitor remembers is kept with the state
        with pytest.raises(UserError, match=rf"expected a {what} within 3 times .* at epoch 4, step 4 of 4") as caught:
            fit(spec, TRAINING, shards, Checkpoints(tmp_path), verbose=0)
        said.append(str(caught.value))
        assert kept_epochs(tmp_path / "epochs") == [3]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("kl", "largest", "active", "warned"),
    [(0.5, 100.0, 1, True), (0.5, 100.0, 4, False), (2.0, 100.0, 1, False), (0.5, 0.0, 0, False)],
)
def test_collapse_needs_low_kl_and_inactive_units(kl, largest, active, warned):
    monitor, lines = make_monitor()
    monitor.progress.kl_max = largest
    for _ in range(2):
        monitor.check_collapse(kl, active)
    assert len(lines) == len(monitor.progress.warnings) == warned and monitor.progress.collapsed == warned
    assert all("posterior collapse in epoch 22" in line and "fact" in line for line in lines)


@pytest.mark.slow
def test_collapsing_vae_warns_and_trains_on(shards, plain, tmp_path, capsys):
    collapsing = VAE.model_copy(update={"fact": 1000.0})
    history = fit(collapsing, TRAINING.model_copy(update={"epochs": 12}), shards, verbose=0)[1]
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert "posterior collapse" in line and len(history) == 12
    assert sum(row["warnings"] for row in history) == 1 and sum(row["warnings"] for row in plain) == 0
