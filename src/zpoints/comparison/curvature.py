"""What the comparison takes from curvature.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "curvature",
    "Curvature of the loss along z, and the law of logvar",
    (
        Quantity(
            "curvature", "at_mu.mean", "H at mu", "significant", "Second derivative of reco along an axis of z, mean."
        ),
        Quantity("curvature_min", "at_mu.min", "least H", "significant", "The axis along which reco is flattest."),
        Quantity("curvature_max", "at_mu.max", "largest H", "significant", "The axis along which reco is steepest."),
        Quantity(
            "curvature_noise",
            "over_noise.mean",
            "H over the noise",
            "significant",
            "The same, mean over the VAE's own noise instead of at mu.",
        ),
        Quantity(
            "cost_of_a_std",
            "cost_of_a_std",
            "H Var[mu] / 2",
            "significant",
            "What one standard deviation along an axis costs, to second order, mean; the scale of z cancels.",
        ),
        Quantity(
            "logvar_active", "logvar.measured", "logvar, active axes", "two", "Mean over the images that were probed."
        ),
        Quantity("logvar_law", "logvar.predicted_at_mu", "its law, H at mu", "two", "Mean of ln(fact / (H + fact))."),
        Quantity(
            "logvar_law_noise",
            "logvar.predicted_over_noise",
            "its law, H over the noise",
            "two",
            "The same with the mean of H over the noise, for which the law is exact at a stationary point.",
        ),
        Quantity(
            "law_correlation",
            "law.at_mu.correlation",
            "correlation",
            "four",
            "Of measured and predicted mean logvar, over the active axes.",
        ),
        Quantity("law_slope", "law.at_mu.slope", "slope", "two", "Of measured on predicted: 1 where the law holds."),
        Quantity(
            "law_scatter",
            "law.at_mu.difference_std",
            "scatter about the law",
            "two",
            "Standard deviation over the axes of measured less predicted.",
        ),
        Quantity(
            "noise_cost", "cost.measured", "cost of the noise", "significant", "reco at z less reco at mu, measured."
        ),
        Quantity(
            "noise_cost_law",
            "cost.second_order",
            "from the curvature",
            "significant",
            "Sum of H sigma² / 2: the same as far as the loss is a parabola.",
        ),
    ),
    curves=(Curve("curvature", ("axis", "active"), vae_only=True),),
)
