"""What the comparison takes from components.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "components",
    "Axes of mu",
    (
        Quantity(
            "axes_tested",
            "axes",
            "axes that vary",
            "count",
            "Axes of mu that are not constant; the others are left out below.",
        ),
        Quantity(
            "axes_not_normal",
            "normality.mu.failing",
            "axes not normal",
            "count",
            "Fail Anderson-Darling's test at components.level, corrected by Holm.",
        ),
        Quantity(
            "axes_not_normal_null",
            "normality.null.failing",
            "the same, null",
            "count",
            "For a Gaussian with the mean and covariance of mu.",
        ),
        Quantity(
            "skewness",
            "shape.mu.skewness.mean_abs",
            "|skewness|",
            "significant",
            "Of mu along an axis, mean over axes; 0 for a normal.",
        ),
        Quantity(
            "skewness_null",
            "shape.null.skewness.mean_abs",
            "the same, null",
            "significant",
            "For as many points of that Gaussian: chance alone.",
        ),
        Quantity(
            "excess_kurtosis",
            "shape.mu.excess_kurtosis.mean",
            "excess kurtosis",
            "significant",
            "Mean over axes; 0 for a normal, above for heavy tails.",
        ),
        Quantity(
            "excess_kurtosis_null",
            "shape.null.excess_kurtosis.mean",
            "the same, null",
            "significant",
            "For as many points of that Gaussian.",
        ),
        Quantity(
            "pairs_correlated",
            "correlation.mu.beyond_chance",
            "pairs correlated",
            "percent",
            "Pairs of axes correlated beyond chance at components.level (Holm).",
        ),
        Quantity(
            "pairs_correlated_null",
            "correlation.null.beyond_chance",
            "the same, null",
            "percent",
            "For a Gaussian with independent axes.",
        ),
        Quantity(
            "correlation",
            "correlation.mu.mean_abs",
            "|correlation|",
            "significant",
            "Of two axes, mean over all pairs.",
        ),
        Quantity(
            "correlation_null",
            "correlation.null.mean_abs",
            "the same, null",
            "significant",
            "For a Gaussian with independent axes: chance alone.",
        ),
        Quantity(
            "origin_mahalanobis",
            "origin.mahalanobis",
            "origin to mean",
            "two",
            "Mahalanobis distance of the origin from the mean of mu.",
        ),
        Quantity(
            "origin_gaussian_median",
            "origin.gaussian_median",
            "median of a Gaussian",
            "two",
            "Half of a Gaussian's points lie farther from its mean.",
        ),
        Quantity(
            "origin_farther",
            "origin.farther",
            "points farther out",
            "percent",
            "Share of the z-points farther from the mean than the origin.",
        ),
        Quantity(
            "origin_gaussian_farther",
            "origin.gaussian_farther",
            "the same, Gaussian",
            "percent",
            "Of a Gaussian's points, by the chi-square law.",
        ),
    ),
    curves=(
        Curve("components_histogram", ("deviation", "strongest", "median", "normal")),
        Curve("correlations", ("rank", "eigenvalue", "null")),
    ),
)
