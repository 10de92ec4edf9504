"""How much does a z-point tell of its image, how much of the image is lost, and how far are z-points from the prior?"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zpoints.analyses.rate_distortion.config import Config
from zpoints.analyses.rate_distortion.method.energy import energy_test
from zpoints.analyses.rate_distortion.method.rate import axis_divergences, mutual_information
from zpoints.config.models import VariationalEntry
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.shards.store import Shards
from zpoints.stats.active_units import count_active
from zpoints.stats.confidence import mean
from zpoints.stats.reference_distributions import subsample

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.trained import Trained

CHANNELS = 3
USED = 0.01  # nats: an axis whose KL divergence is below tells next to nothing of its image


def measure(model: "Trained", latents: Latents, shards: Shards, config: Config) -> Measurement:
    """Rate, distortion from mu and from z, and the distance of the aggregate posterior q(z) from p(z) = N(0, I).

    A textbook's likelihood sums over pixels and channels, ours averages over the channels: `distortion` is in the nats
    of the former, 3 * (reco - floor) with cross-entropy and 1.5 * reco with squared error, and the rate is the KL
    divergence without `fact`, so that distortion + beta * rate with beta = 3 * fact (1.5 * fact) is what was minimised,
    Alemi et al. (2018). `excess` is reco - floor, in the units of the training's losses.

    numbers: `images`, `permutations` and `beta`; `excess`, `distortion` and `quality` from `mu`, of a VAE from `z` too;
    `posterior`: "Gaussian", or why there is none; where there is one, `rate`, `axes` and `information`; `energy`, the
    distance of the z-points from N(0, I). Table of a VAE `axes`: KL divergence and variance of mu of each axis.
    """
    from zpoints.analyses.rate_distortion.method.distortion import Decoded, noisy

    network, spec = model.model, model.model.spec
    if shards.size != network.size:
        raise UserError(f"{shards.folder}: expected images of {network.size} pixels, received images of {shards.size}")
    train, held_out = latents.rows("train"), latents.rows("held_out")
    if reason := config.minimum().shortage(len(train), len(held_out)):
        raise NotMeasurable(reason)

    rows = subsample(held_out, config.images, (config.seed, 0))
    mu = np.asarray(latents.mu[rows])
    images = shards.read(rows)
    decoded = {"mu": Decoded.of(network, images, mu)}
    scale = CHANNELS if spec.loss == "bce" else CHANNELS / 2
    numbers: dict[str, Any] = {"images": len(rows), "permutations": config.n_permutations, "energy": {}}
    tables = {}

    reason = _no_posterior(spec)
    numbers["posterior"] = reason or "Gaussian"
    if isinstance(spec, VariationalEntry):
        numbers["beta"] = scale * spec.fact
    if reason is None:
        assert latents.logvar is not None and isinstance(spec, VariationalEntry)
        # The noise that z gets. With eps_factor = 1 its divergence is the `kl` that training reports, without fact.
        widening = 2 * math.log(spec.eps_factor)
        logvar = np.asarray(latents.logvar[rows])
        decoded["z"] = Decoded.of(network, images, noisy(network, mu, logvar, config.seed))
        divergence = axis_divergences(mu, logvar + widening)
        variance = mu.var(axis=0, dtype=np.float64)
        numbers["rate"] = _mean(divergence.sum(axis=1))
        of_axis = divergence.mean(axis=0)
        numbers["axes"] = {"used": int((of_axis > USED).sum()), "active": count_active(variance)}
        tables["axes"] = pd.DataFrame({"axis": range(len(of_axis)), "kl": of_axis, "variance": variance})
        chosen = subsample(train, config.points, (config.seed, 2))
        numbers["information"] = mutual_information(
            np.asarray(latents.mu[chosen]), np.asarray(latents.logvar[chosen]) + widening, (config.seed, 3)
        )

    for name, found in decoded.items():
        numbers.setdefault("excess", {})[name] = _mean(found.excess)
        inner = numbers.setdefault("distortion", {})[name] = _mean(scale * found.excess)
        inner["per_pixel"] = inner["value"] / network.size**2
        numbers.setdefault("quality", {})[name] = found.quality()
    if "z" in decoded:
        # On the same images: what the noise costs.
        cost = decoded["z"].excess - decoded["mu"].excess
        numbers["excess"]["noise"] = _mean(cost)
        numbers["elbo_above_floor"] = numbers["distortion"]["z"]["value"] + numbers["rate"]["value"]

    chosen = subsample(train, config.subsample, (config.seed, 6))
    arrays = {"mu": np.asarray(latents.mu[chosen])}
    if reason is None:
        arrays["z"] = noisy(network, arrays["mu"], np.asarray(latents.logvar[chosen]), config.seed)  # type: ignore[index]
    for name, points in arrays.items():
        numbers["energy"][name] = energy_test(points, config.n_permutations, (config.seed, 7))
    return Measurement(numbers, tables)


def _no_posterior(spec: Any) -> str | None:
    """Why a model gives its z-points no noise, None where it does."""
    if not isinstance(spec, VariationalEntry):
        return "not measurable: an autoencoder has no posterior"
    return "not measurable: eps_factor = 0 leaves no noise" if spec.eps_factor == 0 else None


def _mean(values: np.ndarray) -> dict[str, float]:
    """Mean over images with its 95% interval."""
    low, high = mean(values)
    return {"value": float(values.mean()), "low": low, "high": high}
