"""Measure how many directions the z-points of one model need, and whether their neighbourhoods are a Gaussian's."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.analyses.pca.config import Pca


def pca(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure the spectrum and the neighbourhoods of mu of the training images: pca.json, and the spectrum in pca.csv.

    scores.csv holds a subsample's coordinates along the first two axes, and those of the null Gaussian.
    """
    import numpy as np

    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.store import Latents
    from zpoints.stats.neighbors import describe_neighbours
    from zpoints.stats.pca import describe, principal_axes, scores
    from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Pca]
    points = Latents.open(latents or Path("data/latents", model))
    rows = points.rows("train")
    cloud = moments(blocks(points.mu, rows, "mean and covariance"))
    cloud.varying()
    null = Gaussian.like(cloud)
    # A Gaussian of equal covariance has the same spectrum: what tells something is one without correlations.
    chance = moments(Gaussian.independent(cloud).blocks(cloud.count, (block.seed, 2), "independent axes"))
    variances, axes = principal_axes(cloud)
    null_variances, _ = principal_axes(chance)

    folder = out or Path("data/measurements", model)
    settings = block.subsample, block.repeats, block.neighbours, block.seed
    write_json(
        folder / "pca.json",
        {
            "mu": describe(variances),
            "independent": describe(null_variances),
            "neighbourhood": describe_neighbours(points.mu, rows, null, *settings),
        },
    )
    spectrum = zip(variances, np.cumsum(variances), null_variances, np.cumsum(null_variances), strict=True)
    total, null_total = variances.sum(), null_variances.sum()
    write_csv(
        folder / "pca.csv",
        [
            {
                "rank": rank,
                "variance": variance,
                "cumulative": below / total,
                "independent_variance": null_variance,
                "independent_cumulative": null_below / null_total,
            }
            for rank, (variance, below, null_variance, null_below) in enumerate(spectrum, 1)
        ],
    )
    sample = subsample(rows, block.scores, (block.seed, 3))
    both = [points.mu[sample], null.sample(len(sample), (block.seed, 4))]
    columns = ("first", "second", "null_first", "null_second")
    drawn = np.hstack([scores(one, cloud, axes) for one in both])
    write_csv(folder / "scores.csv", [dict(zip(columns, line, strict=True)) for line in drawn])


if __name__ == "__main__":
    run(pca)
