"""Guards: a run whose loss is not finite, or whose z-points or KL divergence jump, is not trained on in silence.

The posts tell of a run whose radius went from 16 to 66 within one epoch. Radius and KL also change a lot while a
network learns its first features, and a KL near 0 may grow a hundredfold when a latent space wakes up. So a value is
held against that of the epoch before and against the scale of the prior, whichever is larger: a radius of sqrt(z_dim)
is that of N(0, I) itself, and z_dim / 2 nats is the KL of a point there with the prior's noise.
"""

import math
import sys
from collections.abc import Callable

import numpy as np

from zpoints.models.step_metrics import Reading
from zpoints.config.training import Training
from zpoints.training.checkpoint import Progress

POLL = 16  # steps between two looks at the gauges: each look makes the host wait for the device
FIRST_EPOCH = 3  # the first one that is compared: moving averages and features settle in the two before
ROLLBACKS = 3  # of one run; then something other than luck is at work


class Diverged(Exception):
    """The run has diverged; the message says where and how, `finite` whether its weights are still numbers."""

    def __init__(self, message: str, finite: bool) -> None:
        super().__init__(message)
        self.finite = finite


class Guards:
    """The guards of one run.

    They hold what is measured against `progress`, whose history and kl are those of the last good epoch, and raise
    `Diverged`, or with `on_divergence: warn` say a jump in a line on stderr. What is not finite is raised always.
    """

    def __init__(
        self,
        training: Training,
        z_dim: int,
        steps_per_epoch: int,
        progress: Progress,
        warn: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
    ) -> None:
        self.training, self.z_dim, self.steps, self.progress, self.warn = (
            training,
            z_dim,
            steps_per_epoch,
            progress,
            warn,
        )
        self.begin()

    def begin(self) -> None:
        """Begin the epoch behind the last one of `progress`."""
        self._seen = (0.0, 0)  # KL and images at the last look
        self._warned: set[str] = set()

    def poll(self, reading: Reading) -> None:
        """Hold the gauges within the epoch against the last one's; call it at every `POLL` steps."""
        self._finite(reading)
        kl, images = reading.kl - self._seen[0], reading.images - self._seen[1]
        self._seen = (reading.kl, reading.images)
        if self.progress.kl is not None:
            self._jump("mean KL divergence", kl / images, self.progress.kl, self.z_dim / 2, reading.steps)

    def close(self, reading: Reading) -> None:
        """Hold the epoch's gauges, after its last step, against the last one's."""
        self._finite(reading)
        if self.progress.kl is not None:
            mean = reading.kl / reading.images
            self._jump("mean KL divergence", mean, self.progress.kl, self.z_dim / 2, reading.steps)

    def judge(self, row: dict[str, float]) -> None:
        """Hold the row of the epoch's end, with probe and validation, against the last row."""
        for name in ("val_total", "radius_max"):
            if not math.isfinite(row[name]):
                message = f"expected a finite {name}, received {row[name]} at {self._place(self.steps)}"
                raise Diverged(message, finite=False)
        if self.progress.history:
            last = self.progress.history[-1]["radius_mean"]
            self._jump("mean radius of the probe", row["radius_mean"], last, math.sqrt(self.z_dim), self.steps)

    def _finite(self, reading: Reading) -> None:
        if reading.first_bad is not None:
            place = self._place(reading.first_bad % self.steps + 1)
            raise Diverged(f"expected a finite loss and gradient, received nan or infinity at {place}", finite=False)

    def _jump(self, what: str, value: float, last: float, scale: float, step: int) -> None:
        factor, epoch = self.training.divergence_factor, self.progress.epoch
        if factor is None or epoch + 1 < FIRST_EPOCH or what in self._warned or value <= factor * max(last, scale):
            return
        message = (
            f"expected a {what} within {factor:g} times the {max(last, scale):.6g} "
            f"{f'of epoch {epoch}' if last >= scale else f'of the prior ({last:.6g} in epoch {epoch})'}, "
            f"received {value:.6g} at {self._place(step)}"
        )
        if self.training.on_divergence != "warn":
            raise Diverged(message, finite=True)
        self._warned.add(what)
        self.progress.warnings += 1
        self.warn(f"warning: training: {message}")

    def _place(self, step: int) -> str:
        return f"epoch {self.progress.epoch + 1}, step {step} of {self.steps}"


def attempt_seed(seed: int, attempt: int) -> int:
    """The seed of noise and shuffling after so many rollbacks: at first the run's own, then others derived from it."""
    if not attempt:
        return seed
    return int(np.random.SeedSequence([seed, attempt]).generate_state(1, np.uint64)[0]) >> 1
