"""Hold mu of one model against a multivariate normal, before and after its outliers are removed."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.analyses.gaussianity.config import Gaussianity


def gaussianity(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure how normal mu of the training images is, all of it and its core: gaussianity.json.

    gaussianity.csv holds the quantiles of the squared Mahalanobis distances, beside chi-square and the nulls.
    """
    import numpy as np

    from zpoints.analyses.gaussianity.measure import multivariate_normality as normal
    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.store import Latents
    from zpoints.progress import track
    from zpoints.stats.envelope import beside
    from zpoints.stats.pca import principal_axes
    from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Gaussianity]
    points = Latents.open(latents or Path("data/latents", model))
    rows = points.rows("train")
    cloud = moments(blocks(points.mu, rows, "mean and covariance"))
    cloud.varying()
    variances, _ = principal_axes(cloud)
    axes = normal.kept_axes(variances, block.variance)
    scores = normal.Scores.of(lambda: blocks(points.mu, rows, "scores"), cloud, axes, block.reach)
    chance = normal.core_of_a_gaussian(axes, block.reach)
    size = normal.subsample_size(block.subsample, block.repeats, scores, chance)
    design = normal.Design(size, block.repeats, block.dimensions, block.level)
    own = {part: scores.look(part, design, (block.seed, 0)) for part in normal.PARTS}
    removed = scores.removed
    del scores  # those of a null take as much room

    # Drawn along the kept axes: no number depends on the others, nor on how the axes lie in the latent space.
    null = Gaussian.like(Moments(cloud.count, np.zeros(axes), np.diag(variances[:axes])))
    nulls: dict[str, list[normal.Look]] = {part: [] for part in normal.PARTS}
    nulls_removed = []
    for turn in track(range(block.nulls), label="nulls"):
        drawn = normal.Scores.drawn(null, cloud.count, (block.seed, 1, turn), block.reach)
        nulls_removed.append(drawn.removed)
        for part in normal.PARTS:
            nulls[part].append(drawn.look(part, design, (block.seed, 2, turn)))
        del drawn

    folder = out or Path("data/measurements", model)
    write_json(
        folder / "gaussianity.json",
        {
            "points": cloud.count,
            "axes": axes,
            "collapsed_axes": points.z_dim - axes,
            "variance": float(variances[:axes].sum() / variances.sum()),
            "reach": block.reach,
            "level": block.level,
            "nulls": block.nulls,
            "subsample": size,
            "repeats": block.repeats,
            "dimensions": min(block.dimensions, axes),
            "removed": beside(removed, nulls_removed) | {"chance": 1 - chance},
            **{part: normal.describe(own[part], nulls[part], block.level) for part in normal.PARTS},
        },
    )
    write_csv(folder / "gaussianity.csv", normal.quantile_rows(own, nulls, block.level))


if __name__ == "__main__":
    run(gaussianity)
