"""Measure how far from the origin the z-points of one model lie."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.params.radius import Radius


def radius(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure the radii of one model's training z-points: radius.json, and the histogram in radius.csv."""
    import numpy as np

    from zpoints.analysis.radius import chi_expectation, describe, histogram, radii
    from zpoints.latent.store import Latents
    from zpoints.outs import write_csv, write_json

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Radius]
    points = Latents.open(latents or Path("data/latents", model))
    arrays = {"mu": points.mu, "z": points.z} if points.logvar is not None else {"mu": points.mu}
    values = {name: radii(array, points.rows("train")) for name, array in arrays.items()}

    folder = out or Path("data/measurements", model)
    laws = {name: describe(law, block.bin_width, block.bins, block.intervals) for name, law in values.items()}
    write_json(folder / "radius.json", {"z_dim": points.z_dim, **laws})
    counts = {name: histogram(law, block.bin_width, block.bins) / len(law) for name, law in values.items()}
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
