"""How the tests of multivariate normality are called and drawn."""

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import percent
from zpoints.report.results import Drawing, Results

TITLE = "Is the cloud one Gaussian?"
POSITION = 70

METRICS = MetricGroup(
    "One multivariate normal?",
    (
        Metric(
            "kept_axes",
            "axes",
            "principal axes kept",
            "count",
            "Principal axes that hold the share `variance` of the variance; the others collapsed.",
        ),
        Metric(
            "removed",
            "removed.mu",
            "outliers",
            "percent",
            "Points with any score beyond `n_sigma` standard deviations.",
        ),
        Metric(
            "removed_null",
            "removed.null",
            "the same, null",
            "percent",
            "Share of a Gaussian's points that the same rule removes.",
        ),
        Metric(
            "beyond_999",
            "all.beyond.999.mu",
            "beyond 99.9%",
            "percent",
            "Squared Mahalanobis distances beyond chi-square's 99.9% quantile; 0.1% by chance.",
        ),
        Metric(
            "beyond_999_core",
            "core.beyond.999.mu",
            "the same, core",
            "percent",
            "The same share without the outliers, by the core's own mean and covariance.",
        ),
        Metric(
            "beyond_999_core_null",
            "core.beyond.999.null",
            "core of the null",
            "percent",
            "The same share of a Gaussian's core.",
        ),
        Metric(
            "beyond_999_core_elliptical",
            "core.elliptical.beyond_999",
            "of one ellipsoid",
            "percent",
            "The same share of the core of one ellipsoid with mu's own Mahalanobis radii.",
        ),
        Metric(
            "beyond_999_core_permuted",
            "core.permuted.beyond_999",
            "of independent components",
            "percent",
            "The same share of the core of mu with each principal score from another image.",
        ),
        Metric(
            "mardia_kurtosis",
            "all.mardia_kurtosis.mu",
            "multivariate kurtosis",
            "significant",
            "Mardia's, over d (d + 2): 1 for a Gaussian, above for heavy tails.",
        ),
        Metric(
            "mardia_kurtosis_core",
            "core.mardia_kurtosis.mu",
            "the same, core",
            "significant",
            "Mardia's kurtosis without the outliers.",
        ),
        Metric(
            "mardia_kurtosis_core_null",
            "core.mardia_kurtosis.null",
            "core of the null",
            "significant",
            "Mardia's kurtosis of a Gaussian's core, below 1 as its tails are cut off.",
        ),
        Metric(
            "axes_pass",
            "all.shapiro_wilk.mu",
            "axes that pass",
            "percent",
            "Share of the kept axes that pass Shapiro and Wilk's test, corrected by Holm.",
        ),
        Metric(
            "axes_pass_core",
            "core.shapiro_wilk.mu",
            "the same, core",
            "percent",
            "Share of the kept axes that pass without the outliers.",
        ),
        Metric(
            "axes_pass_core_null",
            "core.shapiro_wilk.null",
            "core of the null",
            "percent",
            "Share of the axes of a Gaussian's core that pass.",
        ),
        Metric(
            "henze_zirkler_core",
            "core.henze_zirkler.first.statistic",
            "Henze-Zirkler, core",
            "significant",
            "Statistic of Henze and Zirkler's test along the first `n_axes` axes of the core.",
        ),
        Metric(
            "henze_zirkler_core_null",
            "core.henze_zirkler.first.null_statistic",
            "core of the null",
            "significant",
            "The same statistic of a Gaussian's core; a larger one speaks against a multivariate normal.",
        ),
        Metric(
            "henze_zirkler_core_p",
            "core.henze_zirkler.first.p",
            "p, against the nulls",
            "significant",
            "Monte Carlo p against 999 Gaussians' cores: never below 0.001.",
        ),
        Metric(
            "henze_zirkler_core_elliptical",
            "core.elliptical.henze_zirkler",
            "core of one ellipsoid",
            "significant",
            "Henze and Zirkler's statistic of the core of one ellipsoid with mu's own Mahalanobis radii.",
        ),
        Metric(
            "henze_zirkler_core_permuted",
            "core.permuted.henze_zirkler",
            "core of independent components",
            "significant",
            "Henze and Zirkler's statistic of the core of mu with each principal score from another image.",
        ),
        Metric(
            "henze_zirkler_core_limit",
            "core.henze_zirkler.first.limit.effect",
            "two halves detectable",
            "two",
            "Distance of a cloud's halves along an axis, in std of a half, that p <= alpha finds with 90% power.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """The Q-Q plots of all models."""
    from zpoints.analyses.gaussianity.figures import gaussianity

    alt = "Quantiles of the Mahalanobis distances against a Gaussian's, of all points and of the core. "
    alt += results.told("axes_pass_core", "Axes of the core that pass as normal:", percent)
    return {"gaussianity": Drawing(gaussianity(results.curves("gaussianity"), results.colors), alt)}
