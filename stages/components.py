"""Measure mu of one model axis by axis: how normal, how correlated, and where the origin lies."""

from collections.abc import Iterator
from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, refuse_unknown
from zpoints.analyses.components.config import Components


def components(
    model: ModelName,
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure mu of the training images along each axis: components.json, and a row for each axis in components.csv.

    correlations.csv holds the eigenvalues of the correlation matrix, components_histogram.csv the drawn components.
    """
    import numpy as np

    from zpoints.analyses.components.measure import marginals as axiswise
    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.store import Latents
    from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Components]
    points = Latents.open(latents or Path("data/latents", model))
    rows = points.rows("train")
    every = moments(blocks(points.mu, rows, "mean and covariance"))
    varying = every.varying()
    cloud = every.of_axes(varying)
    null, independent = Gaussian.like(cloud), Gaussian.independent(cloud)

    def mu(label: str) -> Iterator[np.ndarray]:
        return (part[:, varying] for part in blocks(points.mu, rows, label))

    sample = subsample(rows, block.subsample, (block.seed, 0))
    shapes = axiswise.shapes(mu("moments"), cloud)
    null_shapes = axiswise.shapes(null.blocks(cloud.count, (block.seed, 1), "null"), cloud)
    tests = axiswise.Normality.test(points.mu[sample][:, varying])
    null_tests = axiswise.Normality.test(null.sample(len(sample), (block.seed, 2)))
    matrix = axiswise.correlations(cloud)
    chance = axiswise.correlations(moments(independent.blocks(cloud.count, (block.seed, 3), "independent axes")))
    spectrum, described = axiswise.describe_correlation_spectrum(matrix, cloud.count)
    null_spectrum, null_described = axiswise.describe_correlation_spectrum(chance, cloud.count)
    drawn = axiswise.chosen(cloud)

    folder = out or Path("data/measurements", model)
    write_json(
        folder / "components.json",
        {
            "axes": len(varying),
            "constant_axes": points.z_dim - len(varying),
            "level": block.level,
            "drawn": {name: int(varying[axis]) for name, axis in drawn.items()},
            "shape": {"mu": shapes.describe(), "null": null_shapes.describe()},
            "normality": {
                "points": len(sample),
                "mu": tests.describe(block.level),
                "null": null_tests.describe(block.level),
            },
            "correlation": {
                "mu": axiswise.describe_correlations(matrix, cloud.count, block.level) | described,
                "null": axiswise.describe_correlations(chance, cloud.count, block.level) | null_described,
            },
            "origin": axiswise.describe_origin(mu("origin"), cloud),
        },
    )
    columns = {
        "skewness": shapes.skewness,
        "excess_kurtosis": shapes.kurtosis,
        "anderson_darling": tests.statistic,
        "p": tests.p,
        "p_holm": tests.adjusted,
        "null_skewness": null_shapes.skewness,
        "null_excess_kurtosis": null_shapes.kurtosis,
        "null_anderson_darling": null_tests.statistic,
        "null_p_holm": null_tests.adjusted,
    }
    # A constant axis has a mean, and no shape.
    known = {axis: {name: column[at] for name, column in columns.items()} for at, axis in enumerate(varying)}
    write_csv(
        folder / "components.csv",
        [
            {"axis": axis, "mean": every.mean[axis], "std": every.std[axis], **known.get(axis, {})}
            for axis in range(points.z_dim)
        ],
        columns=("axis", "mean", "std", *columns),
    )
    write_csv(
        folder / "correlations.csv",
        [
            {"rank": rank, "eigenvalue": value, "null": other}
            for rank, (value, other) in enumerate(zip(spectrum, null_spectrum, strict=True), 1)
        ],
    )
    shares = axiswise.histograms(mu("histograms"), cloud, drawn)
    write_csv(
        folder / "components_histogram.csv",
        [dict(zip(shares, values, strict=True)) for values in zip(*shares.values(), strict=True)],
    )


if __name__ == "__main__":
    run(components)
