"""How sharply does the reconstruction loss rise along each axis of z, and does a VAE's noise follow from that?"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zpoints.analyses.curvature.config import Config
from zpoints.config.models import VariationalEntry
from zpoints.errors import UserError
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.shards.store import Shards
from zpoints.stats.active_units import active_axes
from zpoints.stats.neighbors import interval
from zpoints.stats.reference_distributions import subsample

if TYPE_CHECKING:
    from zpoints.latents.trained import Trained


def measure(model: "Trained", shards: Shards, config: Config) -> Measurement:
    """Curvatures over some training images, and for a VAE the logvar that should follow from them.

    numbers: `at_mu`; of a VAE `over_noise`, the `cost` of its noise, and with fact > 0 and an active axis `logvar` and
    `law`, the means over the active axes and how well the law holds: `ratio` in the form that is exact where the loss
    is stationary, with its 95% interval over images, and `image_correlation` of logvar with its law over images.
    Table `curvature`: a line for each axis.
    """
    # TensorFlow takes seconds to import, and every command imports this package for its Config.
    from zpoints.analyses.curvature.method.hessian import (
        curvatures,
        encoded,
        image_correlation,
        law,
        law_ratio,
        noise_cost,
        noisy_curvatures,
        predicted_logvar,
        summary,
    )

    network = model.model
    if shards.size != network.size:
        raise UserError(f"{shards.folder}: expected images of {network.size} pixels, received images of {shards.size}")
    train = shards.rows("train")
    if reason := config.minimum().shortage(len(train)):
        raise NotMeasurable(reason)
    pixels = shards.read(subsample(train, config.images, (config.seed, 0)))
    mu, logvar = encoded(network, pixels)
    variance = mu.var(axis=0, dtype=np.float64)
    active = active_axes(variance)
    of_images = curvatures(network, pixels, mu)
    at_mu = of_images.mean(axis=0)
    numbers: dict[str, Any] = {
        "images": len(pixels),
        "active_axes": int(active.sum()),
        "at_mu": summary(at_mu),
        # Neither changes where z is scaled up and the decoder's first layer down.
        "cost_of_a_std": float(np.mean(at_mu * variance) / 2),
        "cost_of_a_std_max": float(np.max(at_mu * variance) / 2),
    }
    columns = {"variance": variance, "at_mu": at_mu}

    spec = network.spec
    if logvar is not None and isinstance(spec, VariationalEntry):
        step = spec.eps_factor * np.exp(0.5 * logvar)
        measured = columns["logvar"] = logvar.mean(axis=0, dtype=np.float64)
        numbers["cost"] = {
            "measured": float(noise_cost(network, pixels, mu, step, config.n_draws, (config.seed, 1)).mean()),
            "second_order": float(np.sum(of_images * np.square(step, dtype=np.float64), axis=1).mean() / 2),
        }
        kinds, noisy = {"at_mu": at_mu}, None
        if spec.eps_factor > 0:
            noisy = noisy_curvatures(network, pixels, mu, step, config.n_draws, (config.seed, 2))
            kinds["over_noise"] = columns["over_noise"] = noisy.mean(axis=0)
            columns["over_noise_error"] = noisy.std(axis=0, ddof=1) / np.sqrt(len(noisy))
            numbers["over_noise"] = summary(kinds["over_noise"])
        # With fact = 0 nothing holds the noise up: logvar falls for ever, and there is no law.
        if spec.fact > 0 and active.any():
            numbers["logvar"] = {"measured": float(measured[active].mean())}
            numbers["law"] = {}
            for kind, curvature in kinds.items():
                predicted = columns[f"predicted_{kind}"] = predicted_logvar(curvature, spec.fact, spec.eps_factor)
                numbers["logvar"][f"predicted_{kind}"] = float(predicted[active].mean())
                numbers["law"][kind] = law(measured[active], predicted[active])
            of_each = predicted_logvar(of_images, spec.fact, spec.eps_factor)
            columns["image_correlation"] = image_correlation(logvar, of_each)
            numbers["law"]["image_correlation"] = float(columns["image_correlation"][active].mean())
            if noisy is not None:
                ratio = law_ratio(noisy, logvar, spec.fact, spec.eps_factor)
                columns["law_ratio"] = ratio.mean(axis=0)
                numbers["law"]["ratio"] = interval(ratio[:, active].mean(axis=1).tolist()) | {
                    "min": float(columns["law_ratio"][active].min()),
                    "max": float(columns["law_ratio"][active].max()),
                }
    table = pd.DataFrame({"axis": range(len(variance)), "active": active.astype(np.int64), **columns})
    return Measurement(numbers, {"curvature": table})
