"""How the shape of the cloud is called and drawn."""

from zpoints.report.answers import Roles, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import count, listing
from zpoints.report.results import Drawing, Results

TITLE = "Shape of the cloud"
POSITION = 60

METRICS = MetricGroup(
    "Shape of the cloud",
    (
        Metric(
            "components_50",
            "mu.components.0.5",
            "axes for 50%",
            "count",
            "Principal axes that hold 50% of the variance.",
        ),
        Metric(
            "components_80",
            "mu.components.0.8",
            "axes for 80%",
            "count",
            "Principal axes that hold 80% of the variance.",
        ),
        Metric(
            "components_90",
            "mu.components.0.9",
            "axes for 90%",
            "count",
            "Principal axes that hold 90% of the variance.",
        ),
        Metric(
            "components_95",
            "mu.components.0.95",
            "axes for 95%",
            "count",
            "Principal axes that hold 95% of the variance.",
        ),
        Metric(
            "components_99",
            "mu.components.0.99",
            "axes for 99%",
            "count",
            "Principal axes that hold 99% of the variance.",
        ),
        Metric(
            "components_95_independent",
            "independent.components.0.95",
            "for 95%, null",
            "count",
            "Axes for 95% of a Gaussian with the variances of mu's axes and no correlations.",
        ),
        Metric(
            "participation_ratio",
            "mu.participation_ratio",
            "participation ratio",
            "two",
            "(sum l)² / sum l² of the variances l along the principal axes: k for k equal ones.",
        ),
        Metric(
            "participation_ratio_independent",
            "independent.participation_ratio",
            "the same, null",
            "two",
            "Participation ratio of the Gaussian without correlations.",
        ),
        Metric(
            "first_component",
            "mu.first_share",
            "share of the first",
            "percent",
            "Share of the variance along the first principal axis.",
        ),
        Metric(
            "two_nn",
            "neighbourhood.two_nn.mu.mean",
            "local dimension, TwoNN",
            "two",
            "Intrinsic dimension from the two nearest neighbors (TwoNN); far too low in many dimensions.",
        ),
        Metric(
            "two_nn_ratio",
            "neighbourhood.two_nn.ratio.mean",
            "over a Gaussian's",
            "significant",
            "TwoNN's dimension divided by that of a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "two_nn_ratio_low",
            "neighbourhood.two_nn.ratio.low",
            "from",
            "significant",
            "Lower end of the 95% interval of TwoNN's ratio, over subsamples.",
        ),
        Metric(
            "two_nn_ratio_high",
            "neighbourhood.two_nn.ratio.high",
            "to",
            "significant",
            "Upper end of the 95% interval of TwoNN's ratio, over subsamples.",
        ),
        Metric(
            "levina_bickel",
            "neighbourhood.levina_bickel.mu.mean",
            "local dimension, MLE",
            "two",
            "Intrinsic dimension by Levina and Bickel, from k neighbors; far too low in many dimensions.",
        ),
        Metric(
            "levina_bickel_ratio",
            "neighbourhood.levina_bickel.ratio.mean",
            "over a Gaussian's",
            "significant",
            "That dimension divided by that of a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "distance_ratio",
            "neighbourhood.distance.ratio.mean",
            "neighbor distance",
            "significant",
            "Median distance to the k-th neighbor over a Gaussian's: below 1 where neighbors are nearer.",
        ),
        Metric(
            "distance_ratio_low",
            "neighbourhood.distance.ratio.low",
            "from",
            "significant",
            "Lower end of the 95% interval of the neighbor distance's ratio, over subsamples.",
        ),
        Metric(
            "distance_ratio_high",
            "neighbourhood.distance.ratio.high",
            "to",
            "significant",
            "Upper end of the 95% interval of the neighbor distance's ratio, over subsamples.",
        ),
        Metric(
            "distance_over_elliptical",
            "neighbourhood.distance.over_elliptical.mean",
            "neighbor distance, over one ellipsoid's",
            "significant",
            "Median distance to the k-th neighbor over that of an ellipsoid with mu's tails: 1 if they explain it.",
        ),
        Metric(
            "distance_over_permuted",
            "neighbourhood.distance.over_permuted.mean",
            "over independent components'",
            "significant",
            "Median distance to the k-th neighbor over that of permuted principal scores: 1 if axes alone explain it.",
        ),
        Metric(
            "two_nn_over_elliptical",
            "neighbourhood.two_nn.over_elliptical.mean",
            "TwoNN, over one ellipsoid's",
            "significant",
            "Local dimension by TwoNN over that of one ellipsoid with mu's own Mahalanobis radii.",
        ),
        Metric(
            "two_nn_over_permuted",
            "neighbourhood.two_nn.over_permuted.mean",
            "over independent components'",
            "significant",
            "Local dimension by TwoNN over that of mu with each principal score from another image.",
        ),
        Metric(
            "density_contrast_ratio",
            "neighbourhood.density_contrast.ratio.mean",
            "density contrast",
            "significant",
            "How uneven neighbor distances are (95% over 5% quantile), over a Gaussian's.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """The spectra of all models, and their first two scores."""
    from zpoints.analyses.pca.figures import spectrum
    from zpoints.report.figures.scores import scores

    spectra, clouds = results.curves("pca"), results.curves("scores")
    axes = results.told("components_95", "Axes for 95%:", count)
    names = listing(list(clouds))
    return {
        "spectrum": Drawing(spectrum(spectra, results.colors), f"Cumulative variance along the principal axes. {axes}"),
        "scores": Drawing(
            scores(clouds, results.colors),
            f"z-points of {names} along their first two principal axes, beside a Gaussian's",
        ),
    }


def _spread(results: Results, roles: Roles) -> str | None:
    axes = stated(results, roles.two, "components_90", count)
    return f"The number of principal axes that hold 90% of the variance is {axes}" if axes else None


ANSWERS = {"places": _spread}
