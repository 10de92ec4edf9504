"""Measure how far from the origin the z-points of one model lie."""

from pathlib import Path
from typing import Any

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.analyses.radius.config import Radius


def radius(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure the radii of one model's training z-points: radius.json, and histograms in radius.csv.

    Beside them those of N(0, I), and of a Gaussian with the mean and covariance of the z-points.
    """
    import numpy as np

    from zpoints.stats.modality import Cells, describe_peak, second_maximum
    from zpoints.stats.reference_distributions import Gaussian, blocks, moments
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
    from zpoints.latents.store import Latents
    from zpoints.artifacts import write_csv
    from zpoints.artifacts import write_json

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Radius]
    points = Latents.open(latents or Path("data/latents", model))
    rows = points.rows("train")
    arrays = {"mu": points.mu, "z": points.z} if points.logvar is not None else {"mu": points.mu}
    values, nulls = {}, {}
    for place, (name, array) in enumerate(arrays.items()):
        values[name] = radii(array, rows)
        like = Gaussian.like(moments(blocks(array, rows, f"covariance of {name}")))
        nulls[name] = gaussian_radii(like, block.null_points, (block.seed, place))

    result: dict[str, Any] = {"z_dim": points.z_dim}
    gaussian: dict[str, Any] = {}
    for place, (name, law) in enumerate(values.items()):
        seeds = [(block.seed, place, part) for part in range(1, 5)]
        result[name] = describe(law, block.bin_width, block.bins, block.intervals)
        result[name]["peak_interval"] = peak_interval(law, block.bin_width, block.bins, block.bootstrap, seeds[0])
        if cells := Cells.of(law):
            result[name]["density"] = describe_peak(cells, block.bootstrap, seeds[1])
            result[name]["second"] = second_maximum(cells, block.level, block.bootstrap, seeds[2])
        null = nulls[name]
        described = describe(null, block.bin_width, block.bins, block.intervals)
        gaussian[name] = {key: described[key] for key in ("mean", "std", "min", "max", "peak", "share")}
        gaussian[name]["distance"] = compare(law, null, block.bootstrap, seeds[3])
        if cells := Cells.of(null):
            gaussian[name]["density_peak"] = cells.peak()
    result["gaussian"] = gaussian
    result["chi"] = describe_chi(points.z_dim, values)

    folder = out or Path("data/measurements", model)
    write_json(folder / "radius.json", result)
    laws = {**values, **{f"gaussian_{name}": law for name, law in nulls.items()}}
    counts = {name: histogram(law, block.bin_width, block.bins) / len(law) for name, law in laws.items()}
    bins = max(map(len, counts.values()))
    columns = {name: np.pad(shares, (0, bins - len(shares))) for name, shares in counts.items()}
    columns["chi"] = chi_expectation(points.z_dim, block.bin_width, bins)
    centres = (np.arange(bins) + 0.5) * block.bin_width
    write_csv(
        folder / "radius.csv",
        [
            {"radius": centre, **{name: shares[at] for name, shares in columns.items()}}
            for at, centre in enumerate(centres)
        ],
    )


if __name__ == "__main__":
    run(radius)
