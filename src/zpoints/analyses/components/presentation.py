"""How the axes of mu are called and drawn."""

from collections.abc import Mapping

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import count, listing, significant
from zpoints.report.results import Drawing, Results

TITLE = "Axes of mu"
POSITION = 50

METRICS = MetricGroup(
    "Axes of mu",
    (
        Metric(
            "axes_tested",
            "axes",
            "axes that vary",
            "count",
            "Axes of mu that are not constant; the other numbers leave out the rest.",
        ),
        Metric(
            "axes_not_normal",
            "normality.mu.failing",
            "axes not normal",
            "count",
            "Axes whose normality Anderson-Darling's test rejects at the level alpha, corrected by Holm.",
        ),
        Metric(
            "axes_not_normal_null",
            "normality.null.failing",
            "the same, null",
            "count",
            "Axes that fail for a Gaussian with the mean and covariance of mu.",
        ),
        Metric(
            "skewness",
            "shape.mu.skewness.mean_abs",
            "|skewness|",
            "significant",
            "Absolute skewness of mu along an axis, mean over axes; 0 for a normal.",
        ),
        Metric(
            "skewness_null",
            "shape.null.skewness.mean_abs",
            "the same, null",
            "significant",
            "Mean |skewness| for as many points of that Gaussian: chance alone.",
        ),
        Metric(
            "excess_kurtosis",
            "shape.mu.excess_kurtosis.mean",
            "excess kurtosis",
            "significant",
            "Mean over axes; 0 for a normal, above for heavy tails.",
        ),
        Metric(
            "excess_kurtosis_null",
            "shape.null.excess_kurtosis.mean",
            "the same, null",
            "significant",
            "Mean excess kurtosis for as many points of that Gaussian.",
        ),
        Metric(
            "pairs_correlated",
            "correlation.mu.beyond_chance",
            "pairs correlated",
            "percent",
            "Pairs of axes correlated beyond chance at the level alpha (Holm).",
        ),
        Metric(
            "pairs_correlated_null",
            "correlation.null.beyond_chance",
            "the same, null",
            "percent",
            "Pairs called correlated for a Gaussian with independent axes.",
        ),
        Metric(
            "correlation",
            "correlation.mu.mean_abs",
            "|correlation|",
            "significant",
            "Absolute correlation of two axes, mean over all pairs.",
        ),
        Metric(
            "correlation_null",
            "correlation.null.mean_abs",
            "the same, null",
            "significant",
            "Mean |correlation| for a Gaussian with independent axes: chance alone.",
        ),
        Metric(
            "origin_mahalanobis",
            "origin.mahalanobis",
            "origin to mean",
            "two",
            "Mahalanobis distance of the origin from the mean of mu.",
        ),
        Metric(
            "origin_gaussian_median",
            "origin.gaussian_median",
            "median of a Gaussian",
            "two",
            "Mahalanobis distance that half of a Gaussian's points exceed.",
        ),
        Metric(
            "origin_farther",
            "origin.farther",
            "points farther out",
            "percent",
            "Share of the z-points farther from the mean than the origin.",
        ),
        Metric(
            "origin_gaussian_farther",
            "origin.gaussian_farther",
            "the same, Gaussian",
            "percent",
            "Share of a Gaussian's points farther from its mean than the origin is, by the chi-square law.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """Histograms of mu along two axes of each model, and the spectrum of the axes' correlations."""
    from zpoints.analyses.components.figures import components
    from zpoints.report.figures.scree import ScreePanel, scree

    notes = {name: _note(results.rows[name]) for name in results.measurements}
    histograms = components(results.curves("components_histogram"), notes, results.colors)
    spectra = results.curves("correlations")
    eigenvalues, null = ({name: columns[key] for name, columns in spectra.items()} for key in ("eigenvalue", "null"))
    spectrum = scree([ScreePanel("eigenvalue", eigenvalues, null)], "independent axes", results.colors)
    largest = listing([f"{name} {significant(values.max(), 2)}" for name, values in eigenvalues.items()])
    tested = listing([f"{name}: {note}" for name, note in notes.items()])
    return {
        "components": Drawing(
            histograms, f"Histograms of mu along the strongest and a median axis, beside a normal. {tested}"
        ),
        "correlations": Drawing(
            spectrum, f"Eigenvalues of the correlation matrix of mu in descending order. Largest: {largest}"
        ),
    }


def _note(row: Mapping[str, float]) -> str:
    return f"{count(row.get('axes_not_normal'))} of {count(row.get('axes_tested'))} axes not normal"
