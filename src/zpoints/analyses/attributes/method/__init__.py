"""What of a face can be read off its z-point by a straight line?"""

import numpy as np
import pandas as pd

from zpoints.analyses.attributes.config import Config
from zpoints.analyses.attributes.method.disentanglement import describe
from zpoints.latents.directions import Directions
from zpoints.latents.labels import Labels, ProbeLabels, probed
from zpoints.latents.store import Latents, chunks
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.progress import track
from zpoints.stats.confidence import logit, normal
from zpoints.stats.probes import (
    LatentScaler,
    ProbePoints,
    attribute_fits,
    beside,
    factor_fits,
    logistic,
    mean_differences,
    probe_attributes,
    probe_factors,
    scaled_normals,
)
from zpoints.stats.reference_distributions import subsample

# Of a probe; a factor has no share and no tests.
NUMBERS = ["value", "low", "high", "null", "chance_low", "chance_high", "share", "p_holm", "null_p_holm", "z"]


def measure(latents: Latents, labels: Labels, config: Config) -> Measurement:
    """Linear probes of attributes and factors on mu, tested on held-out images; and the attributes' directions.

    numbers: `images` of each part; `attributes` and `factors`: all probes summed up, and in `left_out` the labels that
    too few images have; of a VAE in `z` the same probes on z, which has its noise, and in `lost` what these lose;
    `directions`, as zpoints.latents.directions describes them. Table `attributes`: a row for each probe, in the column
    `z` its value on z. Arrays `mean_difference` and `normal`: float32 (attributes, z_dim).

    Raises NotMeasurable where there is no label that can be probed, and for a collapsed model.
    """
    if not labels.attribute_names and not labels.factor_names:
        raise NotMeasurable("needs attributes or factors of the images, has none")
    everyone = latents.rows("train")
    chosen = probed(latents, labels, subsample(everyone, config.subsample, (config.seed, 0)), config.min_count)
    attributes, factors = chosen.attributes, chosen.factors
    if not attributes.names and not factors.names:
        raise NotMeasurable(
            f"needs a label in which {config.min_count} training and as many held-out images differ from the rest, "
            f"has none in {len(chosen.train)} and {len(chosen.held_out)} images"
        )
    sample = latents.mu[chosen.train]
    scaler, points = _points(latents.mu, chosen, config.seed)
    rows, weights, summary = probe_attributes(points, *chosen.of(attributes), attributes.names, config.alpha)
    factor_rows, factor_summary = probe_factors(points, *chosen.of(factors), factors.names)
    if latents.logvar is not None:
        _, noisy = _points(latents.z, chosen, config.seed)
        if attributes.names:
            fitted, tested = chosen.of(attributes)
            probes = (logistic(noisy.train, labels) for labels in track(fitted.T, label="attributes, from z"))
            fits = attribute_fits(noisy.held_out, probes, tested)
            summary |= beside(attribute_fits(points.held_out, weights, tested), fits, logit)
            rows = [row | {"z": value} for row, (value, _) in zip(rows, fits, strict=True)]
        if factors.names:
            fits = factor_fits(noisy, *chosen.of(factors))
            factor_summary |= beside(factor_fits(points, *chosen.of(factors)), fits, normal)
            factor_rows = [row | {"z": value} for row, (value, _) in zip(factor_rows, fits, strict=True)]
    differences = mean_differences((latents.mu[part] for part in chunks(everyone)), attributes.values[everyone])
    directions = Directions(
        latents.model,
        attributes.names,
        differences.astype(np.float32),
        scaled_normals(scaler.normals(weights), sample).astype(np.float32),
    )
    numbers = {
        "images": {"train": len(chosen.train), "held_out": len(chosen.held_out), "directions": len(everyone)},
        "attributes": summary | {"left_out": attributes.left_out},
        "factors": factor_summary
        | {"left_out": factors.left_out}
        | (describe(sample, chosen.of(factors)[0], config.seed) or {}),
        "directions": directions.describe(),
    }
    table = pd.DataFrame([*rows, *factor_rows], columns=["kind", "name", *NUMBERS])
    return Measurement(numbers, {"attributes": table}, directions.arrays())


def _points(array: np.ndarray, chosen: ProbeLabels, seed: int) -> tuple[LatentScaler, ProbePoints]:
    """mu or z (images, z_dim), standardised as its own training rows are."""
    train = array[chosen.train]
    scaler = LatentScaler.of(train)
    return scaler, ProbePoints(scaler.apply(train), scaler.apply(array[chosen.held_out]), seed)
