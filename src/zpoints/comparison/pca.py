"""What the comparison takes from pca.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "pca",
    "Shape of the cloud",
    (
        Quantity(
            "components_50",
            "mu.components.0.5",
            "axes for 50%",
            "count",
            "Principal axes that hold 50% of the variance.",
        ),
        Quantity(
            "components_80",
            "mu.components.0.8",
            "axes for 80%",
            "count",
            "Principal axes that hold 80% of the variance.",
        ),
        Quantity(
            "components_90",
            "mu.components.0.9",
            "axes for 90%",
            "count",
            "Principal axes that hold 90% of the variance.",
        ),
        Quantity(
            "components_95",
            "mu.components.0.95",
            "axes for 95%",
            "count",
            "Principal axes that hold 95% of the variance.",
        ),
        Quantity(
            "components_99",
            "mu.components.0.99",
            "axes for 99%",
            "count",
            "Principal axes that hold 99% of the variance.",
        ),
        Quantity(
            "components_95_independent",
            "independent.components.0.95",
            "for 95%, null",
            "count",
            "The same for a Gaussian with independent axes.",
        ),
        Quantity(
            "participation_ratio",
            "mu.participation_ratio",
            "participation ratio",
            "two",
            "(sum l)² / sum l² of the variances l: k for k equal ones.",
        ),
        Quantity(
            "participation_ratio_independent",
            "independent.participation_ratio",
            "the same, null",
            "two",
            "For a Gaussian with independent axes.",
        ),
        Quantity(
            "first_component",
            "mu.first_share",
            "share of the first",
            "percent",
            "Of the variance, along the first principal axis.",
        ),
        Quantity(
            "two_nn",
            "neighbourhood.two_nn.mu.mean",
            "local dimension, TwoNN",
            "two",
            "From two nearest neighbours; far too low in many dimensions.",
        ),
        Quantity(
            "two_nn_ratio",
            "neighbourhood.two_nn.ratio.mean",
            "over a Gaussian's",
            "significant",
            "Divided by that of a Gaussian of equal mean and covariance.",
        ),
        Quantity(
            "two_nn_ratio_low",
            "neighbourhood.two_nn.ratio.low",
            "from",
            "significant",
            "Lower end of the ratio's 95% interval, over subsamples.",
        ),
        Quantity(
            "two_nn_ratio_high", "neighbourhood.two_nn.ratio.high", "to", "significant", "Upper end of that interval."
        ),
        Quantity(
            "levina_bickel",
            "neighbourhood.levina_bickel.mu.mean",
            "local dimension, MLE",
            "two",
            "Levina and Bickel's, from more neighbours.",
        ),
        Quantity(
            "levina_bickel_ratio",
            "neighbourhood.levina_bickel.ratio.mean",
            "over a Gaussian's",
            "significant",
            "As above.",
        ),
        Quantity(
            "distance_ratio",
            "neighbourhood.distance.ratio.mean",
            "neighbour distance",
            "significant",
            "Median, over a Gaussian's: below 1 for filaments and clusters.",
        ),
        Quantity(
            "distance_ratio_low",
            "neighbourhood.distance.ratio.low",
            "from",
            "significant",
            "Lower end of its 95% interval.",
        ),
        Quantity(
            "distance_ratio_high",
            "neighbourhood.distance.ratio.high",
            "to",
            "significant",
            "Upper end of its 95% interval.",
        ),
        Quantity(
            "density_contrast_ratio",
            "neighbourhood.density_contrast.ratio.mean",
            "density contrast",
            "significant",
            "How uneven neighbour distances are, over a Gaussian's.",
        ),
    ),
    curves=(
        Curve("pca", ("rank", "cumulative", "independent_cumulative")),
        Curve("scores", ("first", "second", "null_first", "null_second")),
    ),
)
