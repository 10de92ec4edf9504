"""How the curvature of the loss is called and drawn."""

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.results import Drawing, Results

TITLE = "Curvature and the law of logvar"
POSITION = 40

METRICS = MetricGroup(
    "Curvature of the loss along z, and the law of logvar",
    (
        Metric(
            "curvature",
            "at_mu.mean",
            "H at mu",
            "significant",
            "Second derivative of reco along an axis of z, at mu, mean over axes.",
        ),
        Metric("curvature_min", "at_mu.min", "least H", "significant", "The axis along which reco is flattest."),
        Metric("curvature_max", "at_mu.max", "largest H", "significant", "The axis along which reco is steepest."),
        Metric(
            "curvature_noise",
            "over_noise.mean",
            "H over the noise",
            "significant",
            "Second derivative of reco along an axis, averaged over the VAE's own noise.",
        ),
        Metric(
            "cost_of_a_std",
            "cost_of_a_std",
            "H Var[mu] / 2",
            "significant",
            "What one standard deviation along an axis costs, to second order, mean; the scale of z cancels.",
        ),
        Metric(
            "logvar_active",
            "logvar.measured",
            "logvar, active axes",
            "two",
            "Measured logvar, mean over the active axes and the images that were probed.",
        ),
        Metric(
            "logvar_law",
            "logvar.predicted_at_mu",
            "its law, H at mu",
            "two",
            "ln(fact / (eps_factor² H + fact)) with H at mu, mean over the active axes.",
        ),
        Metric(
            "logvar_law_noise",
            "logvar.predicted_over_noise",
            "its law, H over the noise",
            "two",
            "ln(fact / (eps_factor² H + fact)) with H over the noise, mean over the active axes.",
        ),
        Metric(
            "law_correlation",
            "law.at_mu.correlation",
            "correlation",
            "four",
            "Of measured and predicted mean logvar (H at mu), over the active axes.",
        ),
        Metric(
            "law_slope",
            "law.at_mu.slope",
            "slope",
            "two",
            "Of measured on predicted mean logvar: 1 where the law holds.",
        ),
        Metric(
            "law_scatter",
            "law.at_mu.difference_std",
            "scatter about the law",
            "two",
            "Standard deviation over the axes of measured minus predicted.",
        ),
        Metric(
            "law_ratio",
            "law.ratio.mean",
            "sigma² (H + fact) / fact",
            "four",
            "sigma² (H + fact) / fact, H over the noise, mean over images and active axes: 1 at a stationary loss.",
        ),
        Metric(
            "law_ratio_low",
            "law.ratio.low",
            "its interval, from",
            "four",
            "Lower end of the 95% interval over images of the ratio of the law.",
        ),
        Metric(
            "law_ratio_high",
            "law.ratio.high",
            "to",
            "four",
            "Upper end of the 95% interval over images of the ratio of the law.",
        ),
        Metric(
            "law_ratio_min",
            "law.ratio.min",
            "least of an axis",
            "significant",
            "Ratio of the law, sigma² (H + fact) / fact, of the active axis where it is least.",
        ),
        Metric(
            "law_ratio_max",
            "law.ratio.max",
            "largest of an axis",
            "significant",
            "Ratio of the law, sigma² (H + fact) / fact, of the active axis where it is largest.",
        ),
        Metric(
            "law_images",
            "law.image_correlation",
            "correlation over images",
            "two",
            "Correlation over images of logvar and its law with H at mu, on one axis; mean over the active axes.",
        ),
        Metric(
            "noise_cost", "cost.measured", "cost of the noise", "significant", "reco at z minus reco at mu, measured."
        ),
        Metric(
            "noise_cost_law",
            "cost.second_order",
            "from the curvature",
            "significant",
            "Sum of H sigma² / 2: the same to second order.",
        ),
    ),
)


def shown(results: Results) -> bool:
    """Whether any VAE has a law to follow."""
    return bool(_lawful(results))


def context(results: Results) -> dict[str, list[str]]:
    """The VAEs that have one, for the template."""
    return {"lawful": _lawful(results)}


def figures(results: Results) -> dict[str, Drawing]:
    """Measured against predicted logvar, an axis a point."""
    from zpoints.analyses.curvature.figures import curvature

    axes = results.curves("curvature")
    figure = curvature({name: axes[name] for name in _lawful(results)}, results.colors)
    correlation = results.told("law_correlation", "Correlation")
    return {"curvature": Drawing(figure, f"Mean logvar of each axis against the law of curvature. {correlation}")}


def _lawful(results: Results) -> list[str]:
    """The VAEs that have a law to follow: a fact above 0, and an active axis."""
    return [name for name, measurement in results.measurements.items() if "law" in measurement.numbers]
