"""DivergenceMonitor: what is not finite is named to the step, a jump is told from growth, and each reaction does what it says."""

import re

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.models.step_metrics import Reading
from zpoints.errors import UserError
from zpoints.config.training import Training
from zpoints.shards.store import Shards
from zpoints.training import fit as fit_module
from zpoints.training import callback as callback_module
from zpoints.training.fit import fit
from zpoints.training.divergence import ROLLBACKS, Diverged, DivergenceMonitor, attempt_seed
from zpoints.training.resume import Checkpoints
from zpoints.training.checkpoint import Progress, kept_epochs

TRAINING = Training(epochs=5, batch_size=8, learning_rate=1e-2)
STEPS = 100


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


def guards(radius=16.0, kl=1780.0, epochs=21, z_dim=256, **keys):
    """DivergenceMonitor behind so many epochs, the last of which had this mean radius and KL."""
    progress = Progress([{"radius_mean": radius}] * epochs, kl=kl)
    told = []
    made = DivergenceMonitor(Training(**keys), z_dim, STEPS, progress, told.append)
    return made, told


def row(radius):
    return {"radius_mean": radius, "radius_max": 2 * radius, "val_total": 4564.0}


def reading(steps, kl, first_bad=None):
    """The step_metrics after so many steps of 128 images with this mean KL."""
    return Reading(steps, 128 * steps, 1.0 * steps, 128.0 * steps * kl, 1.0, 5.0, first_bad)


def test_the_jump_of_the_posts_is_seen_by_default_and_named():
    made, _ = guards(radius=16.0)
    with pytest.raises(Diverged) as caught:
        made.judge(row(66.0))
    assert str(caught.value) == (
        "expected a mean radius of the probe within 3 times the 16 of epoch 21, "
        "received 66 at epoch 22, step 100 of 100"
    )
    assert caught.value.finite


def test_growth_below_the_factor_passes_and_so_does_a_fall():
    made, told = guards(radius=30.0)
    for radius in (89.9, 30.0, 0.1):
        made.judge(row(radius))
    for kl in (3 * 1780 - 1, 0.01):
        made.close(reading(STEPS, kl))
    assert not told


def test_a_latent_space_that_wakes_up_is_no_jump():
    made, _ = guards(radius=0.001, kl=0.01)
    made.judge(row(3 * 16.0))  # that of N(0, I) is 16 for z_dim 256
    made.close(reading(STEPS, 3 * 128.0))
    with pytest.raises(Diverged, match=r"within 3 times the 16 of the prior \(0\.001 in epoch 21\), received 48\.1"):
        made.judge(row(48.1))
    with pytest.raises(Diverged, match=r"within 3 times the 128 of the prior \(0\.01 in epoch 21\), received 384\.5"):
        made.close(reading(STEPS, 384.5))


@pytest.mark.parametrize(("epochs", "seen"), [(0, False), (1, False), (2, True)])
def test_the_third_epoch_is_the_first_that_is_compared(epochs, seen):
    made, told = guards(epochs=epochs, on_divergence="warn")
    made.judge(row(1e6))
    made.close(reading(STEPS, 1e9))
    assert len(told) == (2 if seen else 0)


def test_null_compares_nothing_and_a_plain_ae_has_no_kl():
    made, _ = guards(divergence_factor=None)
    made.judge(row(1e9))
    made.close(reading(STEPS, 1e12))
    made, _ = guards(kl=None)
    made.close(reading(STEPS, 0.0))


def test_within_an_epoch_the_kl_of_the_last_steps_counts_not_that_of_the_whole():
    made, _ = guards(kl=1000.0)
    made.poll(reading(16, 1000.0))
    made.poll(reading(32, 1000.0))
    jumped = Reading(48, 128 * 48, 1.0, 128 * (32 * 1000.0 + 16 * 3100.0), 1.0, 5.0, None)
    with pytest.raises(Diverged, match=r"mean KL divergence .* received 3100 at epoch 22, step 48 of 100"):
        made.poll(jumped)


def test_warn_says_a_jump_once_an_epoch_in_one_line_and_counts_it():
    made, told = guards(on_divergence="warn")
    for steps in (16, 32):
        made.poll(reading(steps, 1e5))
    made.close(reading(STEPS, 1e5))
    made.judge(row(1e5))
    assert [line.split(" within ")[0] for line in told] == [
        "warning: training: expected a mean KL divergence",
        "warning: training: expected a mean radius of the probe",
    ]
    assert made.progress.warnings == 2 and not any("\n" in line for line in told)
    made.begin()
    made.poll(reading(16, 1e5))
    assert len(told) == 3


@pytest.mark.parametrize("action", ["stop", "rollback", "warn"])
def test_what_is_not_finite_is_never_passed(action):
    made, _ = guards(epochs=2, on_divergence=action, divergence_factor=None)
    with pytest.raises(Diverged, match=r"finite loss and gradient, received .* epoch 3, step 8 of 100") as caught:
        made.poll(reading(16, float("nan"), first_bad=207))
    assert not caught.value.finite
    for name in ("val_total", "radius_max"):
        with pytest.raises(Diverged, match=f"expected a finite {name}, received inf at epoch 3"):
            made.judge(row(5.0) | {name: float("inf")})


def test_the_seed_of_an_attempt_is_the_runs_own_at_first_and_then_another_each_time():
    assert attempt_seed(7, 0) == 7
    seeds = [attempt_seed(seed, attempt) for seed in (0, 7) for attempt in range(4)]
    assert len(set(seeds)) == 8 and all(0 <= seed < 2**63 for seed in seeds)
    assert seeds == [attempt_seed(seed, attempt) for seed in (0, 7) for attempt in range(4)]


def message(shards, folder=None, **keys):
    with pytest.raises(UserError) as caught:
        fit(VAE, TRAINING.model_copy(update=keys), shards, Checkpoints(folder) if folder else None, verbose=0)
    return str(caught.value)


def test_the_first_step_that_is_not_finite_is_named_however_seldom_one_looks(shards, monkeypatch):
    broken = {"learning_rate": 1.0, "epochs": 50, "divergence_factor": None}
    seldom = message(shards, **broken)
    monkeypatch.setattr(callback_module, "POLL", 1)
    assert message(shards, **broken) == seldom
    assert re.fullmatch(
        r"training: expected a finite loss and gradient, received nan or infinity at epoch \d+, step [1-4] of 4; "
        "a smaller learning_rate may help",
        seldom,
    )


class Jump(DivergenceMonitor):
    """DivergenceMonitor that see a jump in one epoch's steps, in all of the first `attempts` attempts."""

    attempts, epoch = 1, 4

    def close(self, reading):
        super().close(reading)
        if self.progress.epoch + 1 == self.epoch and self.progress.attempt < self.attempts:
            raise Diverged("expected no jump, received one", finite=True)


@pytest.fixture
def jump(monkeypatch):
    monkeypatch.setattr(fit_module, "DivergenceMonitor", Jump)
    return lambda attempts: monkeypatch.setattr(Jump, "attempts", attempts)


def test_stop_keeps_the_last_good_state_and_stops_there_again(shards, tmp_path, jump):
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


def test_after_a_stop_the_run_goes_on_when_told_to_roll_back(shards, tmp_path, jump, capsys):
    message(shards, tmp_path)
    rolling = TRAINING.model_copy(update={"on_divergence": "rollback"})
    stopped = fit(VAE, rolling, shards, Checkpoints(tmp_path), verbose=0)
    at_once = fit(VAE, rolling, shards, verbose=0)
    assert stopped[1] == at_once[1]
    for one, other in zip(stopped[0].get_weights(), at_once[0].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_rollback_repeats_the_epoch_from_the_same_weights_with_other_noise_and_order(
    shards, jump, capsys, monkeypatch
):
    seen = {}

    class TrainingCallback(callback_module.TrainingCallback):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            weights = [*self.model.get_weights(), *(variable.numpy() for variable in self.model.optimizer.variables)]
            seen[epoch + 1, self.progress.attempt] = weights

    monkeypatch.setattr(fit_module, "TrainingCallback", TrainingCallback)
    _, history = fit(VAE, TRAINING.model_copy(update={"on_divergence": "rollback"}), shards, verbose=0)
    monkeypatch.setattr(fit_module, "DivergenceMonitor", DivergenceMonitor)
    _, plain = fit(VAE, TRAINING, shards, verbose=0)
    assert list(seen)[:5] == [(1, 0), (2, 0), (3, 0), (4, 0), (4, 1)]
    for first, again in zip(seen[4, 0], seen[4, 1], strict=True):
        np.testing.assert_array_equal(first, again)
    assert history[:3] == plain[:3]
    assert [row["attempt"] for row in history] == [0, 0, 0, 1, 1]
    for row, other in zip(history[3:], plain[3:], strict=True):
        assert row["eps_max"] != other["eps_max"] and row["reco"] != other["reco"]
        assert row["val_reco"] == pytest.approx(other["val_reco"], rel=0.02)
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: training"))
    assert "back to the end of epoch 3" in line and "rollback 1 of at most 3" in line


def test_three_rollbacks_are_made_and_no_fourth(shards, tmp_path, jump, capsys):
    jump(ROLLBACKS + 1)
    said = message(shards, tmp_path, on_divergence="rollback")
    assert "after 3 rollbacks" in said and "--from-epoch 3" in said and "start again" not in said
    assert len([line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]) == 3
    jump(ROLLBACKS)
    _, history = fit(AE, TRAINING.model_copy(update={"on_divergence": "rollback"}), shards, verbose=0)
    assert history[-1]["attempt"] == 3


def test_a_run_can_be_rolled_back_to_its_very_beginning(shards, jump, capsys, monkeypatch):
    monkeypatch.setattr(Jump, "epoch", 1)
    model, history = fit(VAE, TRAINING.model_copy(update={"on_divergence": "rollback"}), shards, verbose=0)
    assert [row["attempt"] for row in history] == [1] * 5
    assert int(model.optimizer.iterations.numpy()) == 5 * 4
    monkeypatch.setattr(fit_module, "DivergenceMonitor", DivergenceMonitor)
    assert history[0]["val_reco"] == pytest.approx(fit(VAE, TRAINING, shards, verbose=0)[1][0]["val_reco"], rel=0.01)


def test_what_is_not_finite_is_rolled_back_too(shards, capsys):
    said = message(shards, learning_rate=1.0, epochs=50, divergence_factor=None, on_divergence="rollback")
    assert "expected a finite loss" in said and "after 3 rollbacks" in said


@pytest.mark.parametrize(("spec", "what"), [(AE, "mean radius of the probe"), (VAE, "mean KL divergence")])
def test_z_points_that_are_thrown_outwards_stop_a_run(spec, what, shards, tmp_path, monkeypatch):
    class Throw(callback_module.TrainingCallback):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            if epoch + 1 == 4:
                self.model.optimizer.learning_rate.assign(0.3)

    monkeypatch.setattr(fit_module, "TrainingCallback", Throw)
    said = []
    for _ in range(2):  # what the guards remember is kept with the state
        with pytest.raises(UserError, match=rf"expected a {what} within 3 times .* at epoch 4, step 4 of 4") as caught:
            fit(spec, TRAINING, shards, Checkpoints(tmp_path), verbose=0)
        said.append(str(caught.value))
        assert kept_epochs(tmp_path / "epochs") == [3]
    assert said[0] == said[1]
