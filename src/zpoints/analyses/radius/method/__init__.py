"""How far from the origin do the z-points lie?"""

from typing import Any

import numpy as np
import pandas as pd

from zpoints.analyses.radius.config import Config
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.stats.modality import Cells, describe_peak, second_maximum, shell_limit
from zpoints.stats.radii import (
    chi_expectation,
    compare,
    describe,
    describe_chi,
    gaussian_radii,
    histogram,
    peak_interval,
    radii,
)
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments, null_models


def measure(latents: Latents, config: Config) -> Measurement:
    """Radii of the training z-points, beside those of N(0, I) and of a Gaussian with their mean and covariance.

    numbers: `mu` (and `z` of a VAE) as zpoints.stats.radii describes it, `gaussian` and `chi` for the laws beside it;
    `elliptical` and `permuted`: mean, std and distance for the other two nulls, of mu, where an axis varies. Where mu
    has one maximum, `second.limit` of mu says how far out a second shell would have been found.
    Table `radius`: the share of the points in each bin, a column for each law.
    """
    rows = latents.rows("train")
    arrays = {"mu": latents.mu, "z": latents.z} if latents.logvar is not None else {"mu": latents.mu}
    values, nulls, clouds = {}, {}, {}
    for place, (name, array) in enumerate(arrays.items()):
        clouds[name] = moments(blocks(array, rows, f"covariance of {name}"))
        values[name] = radii(array, rows)
        nulls[name] = gaussian_radii(Gaussian.like(clouds[name]), config.null_points, (config.seed, place))

    numbers: dict[str, Any] = {"z_dim": latents.z_dim}
    gaussian: dict[str, Any] = {}
    for place, (name, law) in enumerate(values.items()):
        seeds = [(config.seed, place, part) for part in range(1, 5)]
        numbers[name] = describe(law, config.bin_width, config.bins, config.intervals)
        numbers[name]["peak_interval"] = peak_interval(law, config.bin_width, config.bins, config.bootstrap, seeds[0])
        if cells := Cells.of(law):
            numbers[name]["density"] = describe_peak(cells, config.bootstrap, seeds[1])
            numbers[name]["density"]["clipped"] = cells.clipped
            numbers[name]["second"] = second_maximum(law, cells, config.alpha, config.bootstrap, seeds[2])
        null = nulls[name]
        described = describe(null, config.bin_width, config.bins, config.intervals)
        gaussian[name] = {key: described[key] for key in ("mean", "std", "min", "max", "peak", "share")}
        gaussian[name]["distance"] = compare(law, null, config.bootstrap, seeds[3])
        if cells := Cells.of(null):
            gaussian[name]["density_peak"] = cells.peak()
    numbers["gaussian"] = gaussian
    if numbers["mu"].get("second", {}).get("maxima") == 1:
        numbers["mu"]["second"]["limit"] = shell_limit(
            nulls["mu"], len(values["mu"]), config.alpha, (config.seed, 0, 8)
        )
    numbers |= _other_nulls(latents, rows, clouds["mu"], values["mu"], config)
    numbers["chi"] = describe_chi(latents.z_dim, values)

    laws = {**values, **{f"gaussian_{name}": law for name, law in nulls.items()}}
    shares = {name: histogram(law, config.bin_width, config.bins) / len(law) for name, law in laws.items()}
    bins = max(map(len, shares.values()))
    columns = {name: np.pad(share, (0, bins - len(share))) for name, share in shares.items()}
    centres = (np.arange(bins) + 0.5) * config.bin_width
    chi = chi_expectation(latents.z_dim, config.bin_width, bins)
    return Measurement(numbers, {"radius": pd.DataFrame({"radius": centres, **columns, "chi": chi})})


def _other_nulls(
    latents: Latents, rows: np.ndarray, cloud: Moments, law: np.ndarray, config: Config
) -> dict[str, dict[str, Any]]:
    try:
        nulls = null_models(latents.mu, rows, cloud, (config.seed, 0, 5))
    except NotMeasurable:
        return {}
    found = {}
    for part, name in enumerate(("elliptical", "permuted"), 6):
        drawn = nulls[name].blocks(config.null_points, (config.seed, 0, part), name)
        null = np.concatenate([np.linalg.norm(block.astype(np.float64), axis=1) for block in drawn])
        distance = compare(law, null, config.bootstrap, (config.seed, 0, part, 1))
        found[name] = {"mean": float(null.mean()), "std": float(null.std()), "distance": distance}
    return found
