"""How much noise does a VAE add to its z-points, and where does it stand to the prior?"""

from typing import Any

import pandas as pd

from zpoints.analyses.posterior.config import Config
from zpoints.analyses.posterior.method.posterior import (
    describe_displacement,
    describe_logvar,
    logvar_histogram,
    moments,
    per_axis,
)
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable


def measure(latents: Latents, config: Config) -> Measurement:
    """mu, logvar and z - mu of the training images; of a plain AE, mu alone.

    numbers: `mu`; of a VAE `logvar`, `displacement`, and `balance` and `kl` over the axes.
    Tables of a VAE: `noise`, a line for each axis; `logvar`, the share of all components in each bin.
    """
    rows = latents.rows("train")
    if reason := config.minimum().shortage(len(rows)):
        raise NotMeasurable(reason)
    numbers: dict[str, Any] = {"mu": moments(latents.mu, rows)}
    if latents.logvar is None:
        return Measurement(numbers)
    axes = per_axis(latents.mu, latents.logvar, rows)
    numbers["logvar"] = describe_logvar(latents.logvar, rows, config.intervals)
    numbers["displacement"] = describe_displacement(latents.mu, latents.z, rows, config.threshold)
    for name in ("balance", "kl"):
        values = axes[name]
        numbers[name] = {"mean": float(values.mean()), "min": float(values.min()), "max": float(values.max())}
    edges, counts = logvar_histogram(latents.logvar, rows, config.bin_width)
    histogram = pd.DataFrame({"logvar": edges + config.bin_width / 2, "share": counts / counts.sum()})
    table = pd.DataFrame({"axis": range(latents.z_dim), **axes})
    return Measurement(numbers, {"noise": table, "logvar": histogram})
