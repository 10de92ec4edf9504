"""What the comparison takes from pca.json, and how it is called."""

from zpoints.report.metrics import Metric, MetricGroup


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
            "The same for a Gaussian with independent axes.",
        ),
        Metric(
            "participation_ratio",
            "mu.participation_ratio",
            "participation ratio",
            "two",
            "(sum l)² / sum l² of the variances l: k for k equal ones.",
        ),
        Metric(
            "participation_ratio_independent",
            "independent.participation_ratio",
            "the same, null",
            "two",
            "For a Gaussian with independent axes.",
        ),
        Metric(
            "first_component",
            "mu.first_share",
            "share of the first",
            "percent",
            "Of the variance, along the first principal axis.",
        ),
        Metric(
            "two_nn",
            "neighbourhood.two_nn.mu.mean",
            "local dimension, TwoNN",
            "two",
            "From two nearest neighbours; far too low in many dimensions.",
        ),
        Metric(
            "two_nn_ratio",
            "neighbourhood.two_nn.ratio.mean",
            "over a Gaussian's",
            "significant",
            "Divided by that of a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "two_nn_ratio_low",
            "neighbourhood.two_nn.ratio.low",
            "from",
            "significant",
            "Lower end of the ratio's 95% interval, over subsamples.",
        ),
        Metric(
            "two_nn_ratio_high", "neighbourhood.two_nn.ratio.high", "to", "significant", "Upper end of that interval."
        ),
        Metric(
            "levina_bickel",
            "neighbourhood.levina_bickel.mu.mean",
            "local dimension, MLE",
            "two",
            "Levina and Bickel's, from more neighbours.",
        ),
        Metric(
            "levina_bickel_ratio",
            "neighbourhood.levina_bickel.ratio.mean",
            "over a Gaussian's",
            "significant",
            "As above.",
        ),
        Metric(
            "distance_ratio",
            "neighbourhood.distance.ratio.mean",
            "neighbour distance",
            "significant",
            "Median, over a Gaussian's: below 1 for filaments and clusters.",
        ),
        Metric(
            "distance_ratio_low",
            "neighbourhood.distance.ratio.low",
            "from",
            "significant",
            "Lower end of its 95% interval.",
        ),
        Metric(
            "distance_ratio_high",
            "neighbourhood.distance.ratio.high",
            "to",
            "significant",
            "Upper end of its 95% interval.",
        ),
        Metric(
            "density_contrast_ratio",
            "neighbourhood.density_contrast.ratio.mean",
            "density contrast",
            "significant",
            "How uneven neighbour distances are, over a Gaussian's.",
        ),
    ),
)


# ---- old section, to port ----
#     curves=(
#         Curve("pca", ("rank", "cumulative", "independent_cumulative")),
#         Curve("scores", ("first", "second", "null_first", "null_second")),
#     ),
# )
# """The shape of the cloud along its principal axes."""
# 
# from zpoints.report.figures.scores import scores
# from zpoints.analyses.pca.figures import spectrum
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import count
# from zpoints.report.numbers import listing
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """The spectra of all models, and their first two scores."""
#     everyone = listing(list(inputs.rows))
#     return {
#         "spectrum": Drawing(
#             spectrum(inputs.curves["pca"], tints),
#             f"Cumulative variance along the principal axes. {told(inputs, 'components_95', 'Axes for 95%:', count)}",
#         ),
#         "scores": Drawing(
#             scores(inputs.curves["scores"], tints),
#             f"z-points of {everyone} along their first two principal axes, beside a Gaussian's",
#         ),
#     }
