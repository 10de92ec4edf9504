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
    ),
    curves=(Curve("logvar", ("logvar", "share"), vae_only=True),),
)
