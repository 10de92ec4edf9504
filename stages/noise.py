"""Measure where mu lies for one model, and for a VAE how logvar and the noise of z behave."""

from pathlib import Path
from typing import Any

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.analyses.posterior.config import Noise

COLUMNS = (
    *("axis", "mean", "std", "logvar_mean", "logvar_std", "logvar_min", "logvar_max"),
    *("balance", "kl", "active"),
)


def noise(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure mu, logvar and z - mu over the training images: noise.json, and logvar's histogram in logvar.csv.

    noise.csv has a row for each axis of a VAE.
    """
    from zpoints.analyses.posterior.measure.posterior import (
        describe_displacement,
        describe_logvar,
        logvar_histogram,
        moments,
        per_axis,
    )
    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.store import Latents

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Noise]
    points = Latents.open(latents or Path("data/latents", model))
    rows = points.rows("train")

    folder = out or Path("data/measurements", model)
    result: dict[str, Any] = {"mu": moments(points.mu, rows, block.active)}
    histogram: list[dict[str, float]] = []
    table: list[dict[str, float]] = []
    if points.logvar is not None:
        axes = per_axis(points.mu, points.logvar, rows, block.active)
        result["logvar"] = describe_logvar(points.logvar, rows, block.intervals)
        result["displacement"] = describe_displacement(points.mu, points.z, rows, block.far)
        for name in ("balance", "kl"):
            result[name] = {"mean": axes[name].mean(), "min": axes[name].min(), "max": axes[name].max()}
        edges, counts = logvar_histogram(points.logvar, rows, block.bin_width)
        shares = counts / counts.sum()
        histogram = [
            {"logvar": at + block.bin_width / 2, "share": share} for at, share in zip(edges, shares, strict=True)
        ]
        table = [
            {"axis": axis, **{name: values[axis] for name, values in axes.items()}} for axis in range(points.z_dim)
        ]
    write_json(folder / "noise.json", result)
    write_csv(folder / "logvar.csv", histogram, columns=("logvar", "share"))
    write_csv(folder / "noise.csv", table, columns=COLUMNS)


if __name__ == "__main__":
    run(noise)
