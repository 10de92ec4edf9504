"""What the comparison takes from noise.json, and how it is called."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 30

METRICS = MetricGroup(
    "Centre of mu, and noise",
    (
        Metric(
            "norm_of_mean",
            "mu.norm_of_mean",
            "|mean of mu|",
            "two",
            "How far off the origin the cloud of z-points is centred.",
        ),
        Metric(
            "axis_std",
            "mu.std_mean",
            "std per axis",
            "significant",
            "Standard deviation of mu along an axis, mean over all axes.",
        ),
        Metric(
            "active_units",
            "mu.active",
            "active axes",
            "count",
            "Axes along which the variance of mu is above a threshold.",
        ),
        Metric(
            "logvar_mean",
            "logvar.mean",
            "mean of logvar",
            "two",
            "Over all components of all images; 0 is the prior's noise.",
        ),
        Metric("logvar_min", "logvar.min", "least logvar", "two", "The component with the least noise."),
        Metric("logvar_max", "logvar.max", "largest logvar", "two", "The component with the most noise."),
        Metric(
            "z_minus_mu_max",
            "displacement.component_max",
            "largest |z \N{MINUS SIGN} mu|",
            "significant",
            "The farthest that noise moves one component.",
        ),
        Metric(
            "z_minus_mu_beyond",
            "displacement.components_beyond.*",
            "|z \N{MINUS SIGN} mu| beyond",
            "count",
            "Components that noise moves farther than this.",
        ),
        Metric("logvar_count", "logvar.count.*", "logvar in", "count", "Components in this half-open interval."),
        Metric(
            "radius_change_mean",
            "displacement.radius_change_mean",
            "change of R, absolute",
            "significant",
            "|R from z less R from mu|, mean over images.",
        ),
        Metric(
            "radius_change_max",
            "displacement.radius_change_max",
            "change of R, absolute, max",
            "significant",
            "The same for the image with the largest change.",
        ),
        Metric(
            "radius_change_relative_mean",
            "displacement.radius_change_relative_mean",
            "change of R, mean",
            "significant",
            "|R from z less R from mu| / R, mean over images.",
        ),
        Metric(
            "radius_change_relative_max",
            "displacement.radius_change_relative_max",
            "change of R, max",
            "significant",
            "The same for the image with the largest change.",
        ),
        Metric(
            "balance",
            "balance.mean",
            "balance",
            "significant",
            "E[mu²] + E[sigma²], mean over axes: 1 at convergence if fact > 0.",
        ),
        Metric("balance_min", "balance.min", "least balance", "significant", "The axis with the smallest."),
        Metric("balance_max", "balance.max", "largest balance", "significant", "The axis with the largest."),
    ),
)


# ---- old section, to port ----
#     curves=(
#         Curve("logvar", ("logvar", "share"), vae_only=True),
#         Curve("noise", ("axis", "balance", "kl"), vae_only=True),
#     ),
# )
# """How noisy the z-points of VAEs are."""
# 
# from zpoints.analyses.posterior.figures import logvar
# from zpoints.report.figures.scree import Panel, ranked
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import fixed
# from zpoints.report.numbers import listing
# from zpoints.report.numbers import significant
# 
# 
# def title(inputs: Inputs) -> str:
#     """In the singular for one VAE."""
#     return f"Noise of the VAE{'s' if len(vaes(inputs)) > 1 else ''}"
# 
# 
# def vaes(inputs: Inputs) -> list[str]:
#     """Names of the VAEs."""
#     return [name for name, row in inputs.rows.items() if row["kind"] == "vae"]
# 
# 
# def shown(inputs: Inputs) -> bool:
#     """Whether there is any VAE."""
#     return bool(vaes(inputs))
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """A histogram of logvar for each VAE, and what each of its axes weighs."""
#     notes = {name: f"mean {fixed(inputs.rows[name].get('logvar_mean'), 2)}" for name in vaes(inputs)}
#     axes = inputs.curves["noise"]
#     balance, kl = ({name: columns[key] for name, columns in axes.items()} for key in ("balance", "kl"))
#     panels = [Panel("E[mu²] + E[sigma²]", balance, level=1.0), Panel("kl of an axis, nats", kl)]
#     ends = [f"{name} {significant(own.min(), 2)} to {significant(own.max(), 2)}" for name, own in balance.items()]
#     alt = "Balance and KL divergence of each axis of each VAE, in descending order. Balance: "
#     means = told(inputs, "logvar_mean", "Means:")
#     return {
#         "logvar": Drawing(logvar(inputs.curves["logvar"], notes, tints), f"Histograms of logvar. {means}"),
#         "balance": Drawing(ranked(panels, "", tints), alt + listing(ends)),
#     }
