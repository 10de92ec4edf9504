"""How many directions do the z-points need, and do they lie like a Gaussian's?"""

import numpy as np
import pandas as pd

from zpoints.analyses.pca.config import Config
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement
from zpoints.stats.neighbors import describe_neighborhoods
from zpoints.stats.pca import describe, principal_axes, scores
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, null_models, subsample


def measure(latents: Latents, config: Config) -> Measurement:
    """Spectrum and neighborhoods of mu of the training images, beside those of Gaussians.

    numbers: `mu` and `independent`, two spectra as zpoints.stats.pca describes them, and `neighbourhood`, as
    zpoints.stats.neighbors describes it.
    Table `pca`: a row for each principal axis. Table `scores`: a subsample's coordinates along the first two axes, and
    those of as many points of a Gaussian of equal mean and covariance.
    Raises NotMeasurable where all points are one, or too few for so many neighbors.
    """
    rows = latents.rows("train")
    cloud = moments(blocks(latents.mu, rows, "mean and covariance"))
    cloud.varying()
    nulls = null_models(latents.mu, rows, cloud, (config.seed, 5))
    gaussian = nulls["gaussian"]
    # That Gaussian has the same spectrum by construction; one with the same variances and no correlations has not.
    independent = moments(Gaussian.independent(cloud).blocks(cloud.count, (config.seed, 2), "independent axes"))
    variances, axes = principal_axes(cloud)
    independent_variances, _ = principal_axes(independent)
    near = describe_neighborhoods(
        latents.mu, rows, nulls, config.subsample, config.n_repeats, config.n_neighbors, config.seed
    )
    numbers = {"mu": describe(variances), "independent": describe(independent_variances), "neighbourhood": near}
    spectrum = pd.DataFrame(
        {
            "rank": np.arange(1, len(variances) + 1),
            "variance": variances,
            "cumulative": np.cumsum(variances) / variances.sum(),
            "independent_variance": independent_variances,
            "independent_cumulative": np.cumsum(independent_variances) / independent_variances.sum(),
        }
    )
    plotted = subsample(rows, config.n_plotted, (config.seed, 3))
    clouds = latents.mu[plotted], gaussian.sample(len(plotted), (config.seed, 4))
    coordinates = np.hstack([scores(points, cloud, axes) for points in clouds])
    columns = ["first", "second", "null_first", "null_second"]
    return Measurement(numbers, {"pca": spectrum, "scores": pd.DataFrame(coordinates, columns=columns)})
