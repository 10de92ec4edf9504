"""The divergence monitor: non-finite values, jumps of radius or KL divergence, and posterior collapse.

The posts tell of a run whose radius went from 16 to 66 within one epoch. Radius and KL also change a lot while a
network learns its first features, and a KL near 0 may grow a hundredfold when a latent space wakes up. So a value is
compared with that of the epoch before and with the scale of the prior, whichever is larger: a radius of sqrt(z_dim) is
that of N(0, I) itself, and z_dim / 2 nats is the KL of a point there with the prior's noise.
"""

import math
import sys
from collections.abc import Callable

import numpy as np

from zpoints.config.monitoring import Monitoring
from zpoints.models.step_metrics import Reading
from zpoints.training.checkpoint import Progress

CHECK_EVERY = 16  # steps; each check makes the host wait for the device
FIRST_EPOCH = 3  # the first one that is compared: moving averages and features settle in the two before
ROLLBACKS = 3  # of one run; then something other than luck is at work
COLLAPSED_KL = 0.01  # as a fraction of its largest value so far
COLLAPSED_UNITS = 0.01  # active units, as a fraction of z_dim; one unit at least


class Diverged(Exception):
    """The run has diverged; the message says where and how, `finite` whether its weights are still numbers."""

    def __init__(self, message: str, finite: bool) -> None:
        super().__init__(message)
        self.finite = finite


class DivergenceMonitor:
    """Checks the steps and epochs of one run.

    `progress` holds history and KL up to the last good epoch. A jump raises `Diverged`, or with `on_divergence: warn`
    prints a line to stderr. Non-finite values always raise; posterior collapse only ever warns.
    """

    def __init__(
        self,
        monitoring: Monitoring,
        z_dim: int,
        steps_per_epoch: int,
        progress: Progress,
        warn: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
    ) -> None:
        self.monitoring, self.z_dim, self.steps, self.progress = monitoring, z_dim, steps_per_epoch, progress
        self._print = warn
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Begin the epoch after the last one of `progress`."""
        self._checked = (0.0, 0)  # KL and images at the last check
        self._jumped: set[str] = set()

    def check_steps(self, reading: Reading) -> None:
        """Compare the last steps with the last epoch; to be called every `CHECK_EVERY` steps."""
        self._check_finite(reading)
        kl, images = reading.kl - self._checked[0], reading.images - self._checked[1]
        self._checked = (reading.kl, reading.images)
        self._check_kl(kl / images, reading.steps)

    def check_epoch(self, reading: Reading) -> None:
        """Compare the epoch's step metrics, after its last step, with those of the last epoch."""
        self._check_finite(reading)
        self._check_kl(reading.kl / reading.images, reading.steps)

    def check_row(self, row: dict[str, float]) -> None:
        """Compare the epoch's row, with probe and validation, with the last row."""
        for name in ("val_total", "radius_max"):
            if not math.isfinite(row[name]):
                message = f"expected a finite {name}, received {row[name]} at {self._position(self.steps)}"
                raise Diverged(message, finite=False)
        if self.progress.history:
            last = self.progress.history[-1]["radius_mean"]
            self._check_jump("mean radius of the probe", row["radius_mean"], last, math.sqrt(self.z_dim), self.steps)

    def check_collapse(self, kl: float, active_units: int) -> None:
        """Warn once in a run where the posterior has collapsed to the prior.

        Args: kl, of the epoch that has just ended, in nats per image, not weighted; active_units of the probe.
        """
        progress, largest = self.progress, self.progress.kl_max
        few = active_units <= max(1, COLLAPSED_UNITS * self.z_dim)
        if progress.collapsed or not few or kl >= COLLAPSED_KL * largest:
            return
        progress.collapsed = True
        self._warn(
            f"posterior collapse in epoch {progress.epoch + 1}: the KL divergence fell from {largest:.3g} to {kl:.3g} "
            f"nats per image, and {active_units} of {self.z_dim} units are active; a smaller fact, or a warm-up "
            "(fact_warmup_epochs), may help"
        )

    def _check_finite(self, reading: Reading) -> None:
        if reading.first_bad is not None:
            position = self._position(reading.first_bad % self.steps + 1)
            raise Diverged(f"expected a finite loss and gradient, received nan or infinity at {position}", finite=False)

    def _check_kl(self, kl: float, step: int) -> None:
        if self.progress.kl is not None:
            self._check_jump("mean KL divergence", kl, self.progress.kl, self.z_dim / 2, step)

    def _check_jump(self, what: str, value: float, last: float, scale: float, step: int) -> None:
        factor, epoch = self.monitoring.divergence_factor, self.progress.epoch
        if factor is None or epoch + 1 < FIRST_EPOCH or what in self._jumped or value <= factor * max(last, scale):
            return
        message = (
            f"expected a {what} within {factor:g} times the {max(last, scale):.6g} "
            f"{f'of epoch {epoch}' if last >= scale else f'of the prior ({last:.6g} in epoch {epoch})'}, "
            f"received {value:.6g} at {self._position(step)}"
        )
        if self.monitoring.on_divergence != "warn":
            raise Diverged(message, finite=True)
        self._jumped.add(what)
        self.progress.jumps += 1
        self._warn(message)

    def _warn(self, message: str) -> None:
        self.progress.warnings.append(message)
        self._print(f"warning: training: {message}")

    def _position(self, step: int) -> str:
        return f"epoch {self.progress.epoch + 1}, step {step} of {self.steps}"


def attempt_seed(seed: int, attempt: int) -> int:
    """The seed of noise or order after so many rollbacks: the run's own before the first, then derived from it."""
    if not attempt:
        return seed
    return int(np.random.SeedSequence([seed, attempt]).generate_state(1, np.uint64)[0]) >> 1
