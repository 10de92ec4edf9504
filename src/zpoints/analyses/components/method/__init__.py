"""Is mu normal along each axis, do the axes move together, and where in the cloud is the origin?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from zpoints.analyses.components.config import Config
from zpoints.analyses.components.method.marginals import (
    Normality,
    correlations,
    describe_correlation_spectrum,
    describe_correlations,
    describe_origin,
    histograms,
    plotted_axes,
    shapes,
)
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample


def measure(latents: Latents, config: Config) -> Measurement:
    """mu of the training images axis by axis, beside a Gaussian of its mean and covariance, and independent axes.

    numbers: `shape`, `normality` and `correlation` of mu and of its null, and `origin`, where the origin lies.
    Tables: `components`, a line for each axis (a constant one has a mean and no shape); `correlations`, the
    eigenvalues of the correlation matrix; `components_histogram`, mu along the two axes that are plotted.
    """
    rows = latents.rows("train")
    if reason := config.minimum().shortage(len(rows)):
        raise NotMeasurable(reason)
    cloud = moments(blocks(latents.mu, rows, "mean and covariance"))
    varying = cloud.varying()
    varying_cloud = cloud.of_axes(varying)

    def mu(label: str) -> Iterator[np.ndarray]:
        return (part[:, varying] for part in blocks(latents.mu, rows, label))

    count = cloud.count
    null, independent = Gaussian.like(varying_cloud), Gaussian.independent(varying_cloud)
    shape = shapes(mu("moments"), varying_cloud)
    null_shape = shapes(null.blocks(count, (config.seed, 1), "null"), varying_cloud)
    sample = subsample(rows, config.subsample, (config.seed, 0))
    tests = Normality.test(latents.mu[sample][:, varying])
    null_tests = Normality.test(null.sample(len(sample), (config.seed, 2)))
    matrix = correlations(varying_cloud)
    null_matrix = correlations(moments(independent.blocks(count, (config.seed, 3), "independent axes")))
    spectrum, described = describe_correlation_spectrum(matrix, count)
    null_spectrum, null_described = describe_correlation_spectrum(null_matrix, count)
    plotted = plotted_axes(varying_cloud)
    numbers = {
        "axes": len(varying),
        "constant_axes": latents.z_dim - len(varying),
        "alpha": config.alpha,
        "plotted": {name: int(varying[axis]) for name, axis in plotted.items()},
        "shape": {"mu": shape.describe(), "null": null_shape.describe()},
        "normality": {
            "points": len(sample),
            "mu": tests.describe(config.alpha),
            "null": null_tests.describe(config.alpha),
        },
        "correlation": {
            "mu": describe_correlations(matrix, count, config.alpha) | described,
            "null": describe_correlations(null_matrix, count, config.alpha) | null_described,
        },
        "origin": describe_origin(mu("origin"), varying_cloud),
    }

    axes = pd.DataFrame({"axis": range(latents.z_dim), "mean": cloud.mean, "std": cloud.std})
    columns = {
        "skewness": shape.skewness,
        "excess_kurtosis": shape.kurtosis,
        "anderson_darling": tests.statistic,
        "p": tests.p,
        "p_holm": tests.adjusted,
        "null_skewness": null_shape.skewness,
        "null_excess_kurtosis": null_shape.kurtosis,
        "null_anderson_darling": null_tests.statistic,
        "null_p_holm": null_tests.adjusted,
    }
    ranks = range(1, len(spectrum) + 1)
    tables = {
        "components": axes.join(pd.DataFrame(columns, index=varying)),
        "correlations": pd.DataFrame({"rank": ranks, "eigenvalue": spectrum, "null": null_spectrum}),
        "components_histogram": pd.DataFrame(histograms(mu("histograms"), varying_cloud, plotted)),
    }
    return Measurement(numbers, tables)
