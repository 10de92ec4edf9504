"""What the comparison takes from gaussianity.json, and how it is called."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 70

METRICS = MetricGroup(
    "One multivariate normal?",
    (
        Metric(
            "kept_axes", "axes", "principal axes kept", "count", "Hold gaussianity.variance; the others collapsed."
        ),
        Metric(
            "removed", "removed.mu", "outliers", "percent", "Points with any score beyond gaussianity.reach deviations."
        ),
        Metric("removed_null", "removed.null", "the same, null", "percent", "What that takes of a true Gaussian."),
        Metric(
            "beyond_999",
            "all.beyond.999.mu",
            "beyond 99.9%",
            "percent",
            "Mahalanobis distances past chi-square's; 0.1% by chance.",
        ),
        Metric(
            "beyond_999_core", "core.beyond.999.mu", "the same, core", "percent", "Outliers removed, measured anew."
        ),
        Metric(
            "beyond_999_core_null",
            "core.beyond.999.null",
            "core of the null",
            "percent",
            "The same of a Gaussian's core.",
        ),
        Metric(
            "mardia_kurtosis",
            "all.mardia_kurtosis.mu",
            "multivariate kurtosis",
            "significant",
            "Mardia's, over d (d + 2): 1 for a Gaussian, above for heavy tails.",
        ),
        Metric(
            "mardia_kurtosis_core", "core.mardia_kurtosis.mu", "the same, core", "significant", "Outliers removed."
        ),
        Metric(
            "mardia_kurtosis_core_null",
            "core.mardia_kurtosis.null",
            "core of the null",
            "significant",
            "The same of a Gaussian's core.",
        ),
        Metric(
            "axes_pass",
            "all.shapiro_wilk.mu",
            "axes that pass",
            "percent",
            "Shapiro-Wilk on each kept axis, with Holm.",
        ),
        Metric("axes_pass_core", "core.shapiro_wilk.mu", "the same, core", "percent", "Outliers removed."),
        Metric(
            "axes_pass_core_null",
            "core.shapiro_wilk.null",
            "core of the null",
            "percent",
            "The same of a Gaussian's core.",
        ),
        Metric(
            "henze_zirkler_core",
            "core.henze_zirkler.first.statistic",
            "Henze-Zirkler, core",
            "significant",
            "In the first axes; above the null's, no multivariate normal.",
        ),
        Metric(
            "henze_zirkler_core_null",
            "core.henze_zirkler.first.null_statistic",
            "core of the null",
            "significant",
            "The same of a Gaussian's core.",
        ),
        Metric(
            "henze_zirkler_core_p",
            "core.henze_zirkler.first.p",
            "p, against the nulls",
            "significant",
            "Monte Carlo; its least value is 1 over the number of nulls and 1.",
        ),
    ),
)


# ---- old section, to port ----
#     curves=(
#         Curve(
#             "gaussianity",
#             ("level", "all", "all_null", "all_low", "all_high", "core", "core_null", "core_low", "core_high"),
#         ),
#     ),
# )
# """Whether the cloud is one multivariate normal, with and without its outliers."""
# 
# from zpoints.analyses.gaussianity.figures import gaussianity
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import percent
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """The Q-Q plots of all models."""
#     alt = "Quantiles of the Mahalanobis distances against a Gaussian's, of all points and of the core. "
#     alt += told(inputs, "axes_pass_core", "Axes of the core that pass as normal:", percent)
#     return {"gaussianity": Drawing(gaussianity(inputs.curves["gaussianity"], tints), alt)}
