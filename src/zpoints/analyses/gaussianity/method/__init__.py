"""Are the z-points one multivariate normal, as a whole and without their outliers?"""

from functools import partial
from typing import Any

import numpy as np

from zpoints.analyses.gaussianity.config import Config, core_of_a_gaussian
from zpoints.analyses.gaussianity.method.multivariate_normality import (
    PARTS,
    HenzeZirklerNull,
    Scores,
    Statistics,
    Subsamples,
    describe,
    describe_null,
    kept_axes,
    quantile_table,
    subsample_size,
)
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement
from zpoints.progress import track
from zpoints.stats.envelope import beside
from zpoints.stats.pca import principal_axes
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments, null_models

OTHER_NULLS = 3  # draws of the elliptical and of the permuted null, beside n_nulls Gaussians


def measure(latents: Latents, config: Config) -> Measurement:
    """Tests of mu of the training images, all of it and its core, beside the same of the three nulls.

    numbers: `removed`, the share of the points outside the core, and for the parts `all` and `core` the numbers that
    `multivariate_normality.describe` gives beside the Gaussians, and those of `elliptical` and `permuted` draws. p of
    Henze and Zirkler's test of the core along the first axes comes from HenzeZirklerNull.DRAWS draws, and `limit`
    there is its detection limit.
    Table `gaussianity`: quantiles of the squared Mahalanobis distances, beside chi-square's and the Gaussians'.
    Raises NotMeasurable where all points are one, or too few for so many axes.
    """
    rows = latents.rows("train")
    cloud = moments(blocks(latents.mu, rows, "mean and covariance"))
    cloud.varying()
    variances, _ = principal_axes(cloud)
    axes = kept_axes(variances, config.variance)
    scores = Scores.of(lambda: blocks(latents.mu, rows, "scores"), cloud, axes, config.n_sigma)
    chance = core_of_a_gaussian(axes, config.n_sigma)
    size = subsample_size(config.subsample, config.n_repeats, scores, chance)
    subsamples = Subsamples(size, config.n_repeats, config.n_axes, config.alpha)
    statistics = {part: scores.statistics(part, subsamples, (config.seed, 0)) for part in PARTS}
    removed = scores.removed
    del scores  # those of a null take as much room

    # Drawn along the kept axes: no number depends on the others, nor on how the axes lie in the latent space.
    null = Gaussian.like(Moments(cloud.count, np.zeros(axes), np.diag(variances[:axes])))
    null_statistics: dict[str, list[Statistics]] = {part: [] for part in PARTS}
    null_removed = []
    for draw in track(range(config.n_nulls), label="nulls"):
        scores = Scores.drawn(null, cloud.count, (config.seed, 1, draw), config.n_sigma)
        null_removed.append(scores.removed)
        for part in PARTS:
            null_statistics[part].append(scores.statistics(part, subsamples, (config.seed, 2, draw)))
        del scores

    numbers: dict[str, Any] = {
        "points": cloud.count,
        "axes": axes,
        "collapsed_axes": latents.z_dim - axes,
        "variance": float(variances[:axes].sum() / variances.sum()),
        "n_sigma": config.n_sigma,
        "alpha": config.alpha,
        "n_nulls": config.n_nulls,
        "subsample": size,
        "n_repeats": config.n_repeats,
        "n_axes": min(config.n_axes, axes),
        "removed": beside(removed, null_removed) | {"chance": 1 - chance},
    }
    numbers |= {part: describe(statistics[part], null_statistics[part], config.alpha) for part in PARTS}
    of_core = HenzeZirklerNull.of(subsamples, axes, config.n_sigma, (config.seed, 4))
    numbers["core"]["henze_zirkler"]["first"] |= of_core.describe(statistics["core"], config.alpha)
    laws = null_models(latents.mu, rows, cloud, (config.seed, 3))
    for place, name in enumerate(("elliptical", "permuted"), 5):
        of_law: dict[str, list[Statistics]] = {part: [] for part in PARTS}
        law_removed = []
        for draw in range(OTHER_NULLS):
            source = partial(laws[name].blocks, cloud.count, (config.seed, place, draw), name)
            scores = Scores.of(source, None, axes, config.n_sigma)
            law_removed.append(scores.removed)
            for part in PARTS:
                of_law[part].append(scores.statistics(part, subsamples, (config.seed, place, draw, 1)))
            del scores
        numbers["removed"][name] = float(np.mean(law_removed))
        for part in PARTS:
            numbers[part][name] = describe_null(of_law[part])
    return Measurement(numbers, {"gaussianity": quantile_table(statistics, null_statistics, config.alpha)})
