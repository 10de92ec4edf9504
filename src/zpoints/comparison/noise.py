"""What the comparison takes from noise.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "noise",
    "Centre of mu, and noise",
    (
        Quantity(
            "norm_of_mean",
            "mu.norm_of_mean",
            "|mean of mu|",
            "two",
            "How far off the origin the cloud of z-points is centred.",
        ),
        Quantity(
            "axis_std",
            "mu.std_mean",
            "std per axis",
            "significant",
            "Standard deviation of mu along an axis, mean over all axes.",
        ),
        Quantity(
            "active_units",
            "mu.active",
            "active axes",
            "count",
            "Axes along which the variance of mu is above a threshold.",
        ),
        Quantity(
            "logvar_mean",
            "logvar.mean",
            "mean of logvar",
            "two",
            "Over all components of all images; 0 is the prior's noise.",
        ),
        Quantity("logvar_min", "logvar.min", "least logvar", "two", "The component with the least noise."),
        Quantity("logvar_max", "logvar.max", "largest logvar", "two", "The component with the most noise."),
        Quantity(
            "z_minus_mu_max",
            "displacement.component_max",
            "largest |z \N{MINUS SIGN} mu|",
            "significant",
            "The farthest that noise moves one component.",
        ),
        Quantity(
            "z_minus_mu_beyond",
            "displacement.components_beyond.*",
            "|z \N{MINUS SIGN} mu| beyond",
            "count",
            "Components that noise moves farther than this.",
        ),
        Quantity("logvar_count", "logvar.count.*", "logvar in", "count", "Components in this half-open interval."),
        Quantity(
            "radius_change_mean",
            "displacement.radius_change_mean",
            "change of R, absolute",
            "significant",
            "|R from z less R from mu|, mean over images.",
        ),
        Quantity(
            "radius_change_max",
            "displacement.radius_change_max",
            "change of R, absolute, max",
            "significant",
            "The same for the image with the largest change.",
        ),
        Quantity(
            "radius_change_relative_mean",
            "displacement.radius_change_relative_mean",
            "change of R, mean",
            "significant",
            "|R from z less R from mu| / R, mean over images.",
        ),
        Quantity(
            "radius_change_relative_max",
            "displacement.radius_change_relative_max",
            "change of R, max",
            "significant",
            "The same for the image with the largest change.",
        ),
        Quantity(
            "balance",
            "balance.mean",
            "balance",
            "significant",
            "E[mu²] + E[sigma²], mean over axes: 1 at convergence if fact > 0.",
        ),
        Quantity("balance_min", "balance.min", "least balance", "significant", "The axis with the smallest."),
        Quantity("balance_max", "balance.max", "largest balance", "significant", "The axis with the largest."),
    ),
    curves=(
        Curve("logvar", ("logvar", "share"), vae_only=True),
        Curve("noise", ("axis", "balance", "kl"), vae_only=True),
    ),
)
