"""The rows of the history: what is measured in each epoch, in the order of its columns.

- `epoch`, from 1; of a VAE `fact`, the weight of the KL in the epoch's last training step;
- `total`, `reco`, `kl`: the terms of the loss, as means over the epoch's images; with bce `floor`, that of reco;
  `mse` and `psnr` of the reconstructions, as the training steps saw them;
- `grad_norm`: the L2 norm of the gradient of the mean total over all trainable weights, as mean over the steps;
  `grad_norm_max`, its largest; of a VAE `eps_max`, the largest |epsilon| drawn in the epoch, before it was clipped;
- of a fixed probe batch, with the weights at the epoch's end: `radius_mean` and `radius_max` of mu, of a VAE
  `logvar_mean`, and `active_units`;
- `learning_rate`; `attempt`, the number of rollbacks so far; `warnings`, those of the divergence monitor in this epoch;
- over all held-out images, with the weights at the epoch's end: the terms, the floor, `mse` and `psnr` as `val_...`.
  Their KL is weighted with the full `fact`, whatever the warm-up.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from zpoints.models.autoencoder import Autoencoder, unit_range
from zpoints.models.step_metrics import Reading
from zpoints.stats.active_units import count_active

ORDER = (
    *("epoch", "fact", "total", "reco", "kl", "floor", "mse", "psnr", "grad_norm", "grad_norm_max", "eps_max"),
    *("radius_mean", "radius_max", "logvar_mean", "active_units", "learning_rate", "attempt", "warnings"),
    *("val_total", "val_reco", "val_kl", "val_floor", "val_mse", "val_psnr"),
)
PROBE_IMAGES = 256


class Probe:
    """mu and logvar of a fixed batch of images, encoded after every epoch.

    Args: model; images, uint8 (n, size, size, 3).
    """

    def __init__(self, model: Autoencoder, images: np.ndarray) -> None:
        self._images = tf.constant(images)
        self._encode = tf.function(lambda batch: model.encode(unit_range(batch)))

    def measure(self) -> dict[str, Any]:
        """The probe's columns of a row.

        `active_units` counts the axes along which mu varies: see zpoints.stats.active_units.
        """
        mu, logvar = self._encode(self._images)
        mu = mu.numpy().astype(np.float64)
        radius = np.linalg.norm(mu, axis=1)
        row: dict[str, Any] = {"radius_mean": float(radius.mean()), "radius_max": float(radius.max())}
        if logvar is not None:
            row["logvar_mean"] = float(logvar.numpy().mean(dtype=np.float64))
        return row | {"active_units": count_active(mu.var(axis=0))}


def make_row(
    model: Autoencoder, epoch: int, attempt: int, logs: Mapping[str, Any], reading: Reading, probe: Probe
) -> dict[str, Any]:
    """The row of an epoch (from 1) that has just ended, without floors; `logs` are those of Keras."""
    row = {"epoch": epoch, "attempt": attempt, **probe.measure()}
    fact = model.fact_at(reading.steps * epoch - 1)
    if fact is not None:
        row |= {"fact": float(fact), "eps_max": reading.eps_max}
    row |= {"grad_norm": reading.grad_norm / reading.steps, "grad_norm_max": reading.grad_norm_max}
    # float32 as people write it: 0.001, not 0.0010000000474974513.
    row["learning_rate"] = float(f"{float(model.optimizer.learning_rate.numpy()):.7g}")
    names = (*model.trackers, *(f"val_{name}" for name in model.trackers))
    return in_order(row | {name: float(logs[name]) for name in names})


def in_order(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its columns in the order of `ORDER`."""
    return {name: row[name] for name in ORDER if name in row}
