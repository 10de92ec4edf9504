"""What the comparison takes from gaussianity.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "gaussianity",
    "One multivariate normal?",
    (
        Quantity(
            "kept_axes", "axes", "principal axes kept", "count", "Hold gaussianity.variance; the others collapsed."
        ),
        Quantity(
            "removed", "removed.mu", "outliers", "percent", "Points with any score beyond gaussianity.reach deviations."
        ),
        Quantity("removed_null", "removed.null", "the same, null", "percent", "What that takes of a true Gaussian."),
        Quantity(
            "beyond_999",
            "all.beyond.999.mu",
            "beyond 99.9%",
            "percent",
            "Mahalanobis distances past chi-square's; 0.1% by chance.",
        ),
        Quantity(
            "beyond_999_core", "core.beyond.999.mu", "the same, core", "percent", "Outliers removed, measured anew."
        ),
        Quantity(
            "beyond_999_core_null",
            "core.beyond.999.null",
            "core of the null",
            "percent",
            "The same of a Gaussian's core.",
        ),
        Quantity(
            "mardia_kurtosis",
            "all.mardia_kurtosis.mu",
            "multivariate kurtosis",
            "significant",
            "Mardia's, over d (d + 2): 1 for a Gaussian, above for heavy tails.",
        ),
        Quantity(
            "mardia_kurtosis_core", "core.mardia_kurtosis.mu", "the same, core", "significant", "Outliers removed."
        ),
        Quantity(
            "mardia_kurtosis_core_null",
            "core.mardia_kurtosis.null",
            "core of the null",
            "significant",
            "The same of a Gaussian's core.",
        ),
        Quantity(
            "axes_pass",
            "all.shapiro_wilk.mu",
            "axes that pass",
            "percent",
            "Shapiro-Wilk on each kept axis, with Holm.",
        ),
        Quantity("axes_pass_core", "core.shapiro_wilk.mu", "the same, core", "percent", "Outliers removed."),
        Quantity(
            "axes_pass_core_null",
            "core.shapiro_wilk.null",
            "core of the null",
            "percent",
            "The same of a Gaussian's core.",
        ),
        Quantity(
            "henze_zirkler_core",
            "core.henze_zirkler.first.statistic",
            "Henze-Zirkler, core",
            "significant",
            "In the first axes; above the null's, no multivariate normal.",
        ),
        Quantity(
            "henze_zirkler_core_null",
            "core.henze_zirkler.first.null_statistic",
            "core of the null",
            "significant",
            "The same of a Gaussian's core.",
        ),
        Quantity(
            "henze_zirkler_core_p",
            "core.henze_zirkler.first.p",
            "p, against the nulls",
            "significant",
            "Monte Carlo; its least value is 1 over the number of nulls and 1.",
        ),
    ),
    curves=(
        Curve(
            "gaussianity",
            ("level", "all", "all_null", "all_low", "all_high", "core", "core_null", "core_low", "core_high"),
        ),
    ),
)
