"""How the noise of VAEs is called and drawn."""

import math
from functools import partial
from typing import Any

from zpoints.report.answers import Roles, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import count, fixed, listing, significant
from zpoints.report.results import Drawing, Results
from zpoints.stats.active_units import ACTIVE_VARIANCE

TITLE = "Noise of VAEs"
POSITION = 30

METRICS = MetricGroup(
    "Centre of mu, and noise",
    (
        Metric(
            "norm_of_mean",
            "mu.norm_of_mean",
            "|mean of mu|",
            "two",
            "Distance of the mean z-point from the origin.",
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
            f"Axes along which the variance of mu is above {ACTIVE_VARIANCE:g} (Burda et al. 2016).",
            headline=True,
        ),
        Metric(
            "logvar_mean",
            "logvar.mean",
            "mean of logvar",
            "two",
            "Over all components of all images; 0 is the prior's noise.",
            headline=True,
        ),
        Metric("logvar_min", "logvar.min", "least logvar", "two", "The component with the least noise."),
        Metric("logvar_max", "logvar.max", "largest logvar", "two", "The component with the most noise."),
        Metric(
            "z_minus_mu_max",
            "displacement.component_max",
            "largest |z \N{MINUS SIGN} mu|",
            "significant",
            "The farthest that the noise moves a component.",
        ),
        Metric(
            "z_minus_mu_beyond",
            "displacement.components_beyond.*",
            "|z \N{MINUS SIGN} mu| beyond",
            "count",
            "Components that the noise moves farther than this.",
        ),
        Metric("logvar_count", "logvar.count.*", "logvar in", "count", "Components in this half-open interval."),
        Metric(
            "radius_change_mean",
            "displacement.radius_change_mean",
            "change of R, absolute",
            "significant",
            "|R of z \N{MINUS SIGN} R of mu|, mean over images.",
        ),
        Metric(
            "radius_change_max",
            "displacement.radius_change_max",
            "change of R, absolute, max",
            "significant",
            "The absolute change of R of the image that changes most.",
        ),
        Metric(
            "radius_change_relative_mean",
            "displacement.radius_change_relative_mean",
            "change of R, mean",
            "significant",
            "|R of z \N{MINUS SIGN} R of mu| / R, mean over images.",
        ),
        Metric(
            "radius_change_relative_max",
            "displacement.radius_change_relative_max",
            "change of R, max",
            "significant",
            "The relative change of R of the image that changes most.",
        ),
        Metric(
            "balance",
            "balance.mean",
            "balance",
            "significant",
            "E[mu²] + E[sigma²], mean over axes: 1 at convergence if fact > 0.",
        ),
        Metric(
            "balance_min",
            "balance.min",
            "least balance",
            "significant",
            "E[mu²] + E[sigma²] on the axis where it is smallest.",
        ),
        Metric(
            "balance_max",
            "balance.max",
            "largest balance",
            "significant",
            "E[mu²] + E[sigma²] on the axis where it is largest.",
        ),
    ),
)


def shown(results: Results) -> bool:
    """Whether there is any VAE."""
    return bool(vaes(results))


def context(results: Results) -> dict[str, Any]:
    """The standard deviation that belongs to the mean logvar of each VAE, and the VAEs whose logvar nothing holds."""
    means = {name: results.numbers(name)["logvar"]["mean"] for name in vaes(results)}
    return {
        "sigma": {name: math.exp(mean / 2) for name, mean in means.items()},
        "unheld": [name for name in means if results.rows[name].get("fact") == 0],
    }


def figures(results: Results) -> dict[str, Drawing]:
    """A histogram of logvar for each VAE, and what each of its axes weighs."""
    from zpoints.analyses.posterior.figures import logvar
    from zpoints.report.figures.scree import ScreePanel, scree

    axes = results.curves("noise")
    balance, kl = ({name: columns[key] for name, columns in axes.items()} for key in ("balance", "kl"))
    panels = [ScreePanel("E[mu²] + E[sigma²]", balance, level=1.0), ScreePanel("kl of an axis, nats", kl)]
    spans = [
        f"{name} {significant(values.min(), 2)} to {significant(values.max(), 2)}" for name, values in balance.items()
    ]
    notes = {name: f"mean {fixed(results.rows[name].get('logvar_mean'), 2)}" for name in vaes(results)}
    means = results.told("logvar_mean", "Means:")
    alt = f"Balance and KL divergence of each axis of each VAE, in descending order. Balance: {listing(spans)}"
    return {
        "logvar": Drawing(logvar(results.curves("logvar"), notes, results.colors), f"Histograms of logvar. {means}"),
        "balance": Drawing(scree(panels, "", results.colors), alt),
    }


def vaes(results: Results) -> list[str]:
    """The VAEs that were measured."""
    return [name for name, measurement in results.measurements.items() if "logvar" in measurement.numbers]


def _noise(results: Results, roles: Roles) -> str | None:
    change = stated(results, (roles.tiny,), "radius_change_relative_mean")
    return f"The mean relative change of the radius by noise is {change}" if change else None


def _center(results: Results, roles: Roles) -> str | None:
    distance = stated(results, roles.two, "norm_of_mean", partial(fixed, digits=2))
    return f"The distance of their mean from the origin is {distance}" if distance else None


def _change(results: Results, roles: Roles) -> str | None:
    parts = (roles.tiny, roles.working)
    logvar, active = stated(results, parts, "logvar_mean"), stated(results, parts, "active_units", count)
    return f"The mean logvar is {logvar}; the number of active axes, {active}" if logvar and active else None


ANSWERS = {"tiny_kl": _noise, "places": _center, "fact": _change}
