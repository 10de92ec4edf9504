"""How the radii are called and drawn."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from zpoints.report.answers import Roles, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import fixed, listing, significant
from zpoints.report.results import Drawing, Results

TITLE = "Radius of the z-points"
POSITION = 20

METRICS = MetricGroup(
    "Radius",
    (
        Metric(
            "radius_peak",
            "mu.peak",
            "peak of R",
            "two",
            "Centre of the fullest bin of the histogram of R = |mu|.",
            headline=True,
        ),
        Metric(
            "radius_peak_low",
            "mu.peak_interval.low",
            "its interval, from",
            "two",
            "Lower end of the 95% bootstrap interval of the peak.",
        ),
        Metric(
            "radius_peak_high",
            "mu.peak_interval.high",
            "to",
            "two",
            "Upper end of the 95% bootstrap interval of the peak.",
        ),
        Metric(
            "radius_density_peak",
            "mu.density.peak",
            "peak of the density",
            "two",
            "Maximum of a kernel density of R, which needs no bins.",
        ),
        Metric(
            "radius_density_low",
            "mu.density.low",
            "its interval, from",
            "two",
            "Lower end of the 95% bootstrap interval of the density's peak, at a fixed bandwidth.",
        ),
        Metric(
            "radius_density_high",
            "mu.density.high",
            "to",
            "two",
            "Upper end of the 95% bootstrap interval of the density's peak, at a fixed bandwidth.",
        ),
        Metric(
            "radius_clipped",
            "mu.density.clipped",
            "R beyond the density",
            "percent",
            "Share of R beyond its 0.1% and 99.9% quantiles, which the density and Silverman's test leave out.",
        ),
        Metric(
            "radius_maxima",
            "mu.second.maxima",
            "maxima",
            "count",
            "2 where the dip test and Silverman's both reject a single maximum of R at the level alpha, else 1.",
        ),
        Metric(
            "radius_silverman",
            "mu.second.silverman_rejects",
            "Silverman's test rejects one maximum",
            "count",
            "1 if Silverman's test rejects at alpha, else 0; too often on heavy tails: read it with the dip.",
        ),
        Metric(
            "radius_dip_p",
            "mu.second.dip_p",
            "p of the dip test",
            "significant",
            "Of Hartigan's dip test for a single maximum.",
        ),
        Metric(
            "radius_second",
            "mu.second.second",
            "second maximum",
            "two",
            "Where the second maximum of the density lies, if the test finds one.",
        ),
        Metric(
            "radius_second_limit",
            "mu.second.limit.effect",
            "second shell detectable",
            "two",
            "How far out a second shell of 20% of the points lies, in std of R, that the tests find with 90% power.",
        ),
        Metric("radius_mean", "mu.mean", "mean of R", "two", "Mean of R = |mu| over all training images."),
        Metric("radius_std", "mu.std", "std of R", "two", "Standard deviation of R over all training images."),
        Metric(
            "gaussian_radius_std",
            "gaussian.mu.std",
            "std of R, Gaussian",
            "two",
            "Standard deviation of R for a Gaussian with the mean and covariance of mu.",
        ),
        Metric(
            "radius_ks",
            "gaussian.mu.distance.kolmogorov_smirnov",
            "distance to it",
            "significant",
            "Kolmogorov-Smirnov distance of the law of R from that Gaussian's.",
        ),
        Metric(
            "radius_ks_chance",
            "gaussian.mu.distance.kolmogorov_smirnov_chance",
            "by chance",
            "significant",
            "What the distance of two samples of that Gaussian stays below in 95% of cases.",
        ),
        Metric(
            "radius_ks_elliptical",
            "elliptical.distance.kolmogorov_smirnov",
            "distance to one ellipsoid",
            "significant",
            "Kolmogorov-Smirnov distance of R to an ellipsoid with mu's Mahalanobis radii: what tails leave open.",
        ),
        Metric(
            "radius_ks_permuted",
            "permuted.distance.kolmogorov_smirnov",
            "distance to independent components",
            "significant",
            "Kolmogorov-Smirnov distance of R to mu with the scores on each principal axis taken from other images.",
        ),
        Metric(
            "radius_wasserstein",
            "gaussian.mu.distance.wasserstein",
            "moved",
            "significant",
            "Wasserstein distance of the law of R from that Gaussian's, in units of R.",
        ),
        Metric(
            "radius_wasserstein_chance",
            "gaussian.mu.distance.wasserstein_chance",
            "by chance",
            "significant",
            "What the Wasserstein distance of two samples of that Gaussian stays below in 95% of cases.",
        ),
        Metric(
            "radius_median", "mu.quantile.0.5", "median of R", "two", "Half of the z-points lie nearer to the origin."
        ),
        Metric("radius_min", "mu.min", "least R", "two", "The z-point nearest to the origin."),
        Metric("radius_max", "mu.max", "largest R", "two", "The z-point farthest from the origin."),
        Metric(
            "z_radius_peak",
            "z.peak",
            "peak of R from z",
            "two",
            "Centre of the fullest bin of the histogram of |z|, where z = mu + noise.",
        ),
        Metric("z_radius_mean", "z.mean", "mean of R from z", "two", "Mean of |z| over all training images."),
        Metric(
            "z_radius_ks_prior",
            "chi.kolmogorov_smirnov.z",
            "distance to N(0, I)",
            "significant",
            "Kolmogorov-Smirnov distance of the law of |z| from that of N(0, I).",
        ),
        Metric("radius_share", "mu.share.*", "R in", "percent", "Share of the z-points in this half-open interval."),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """A histogram for each model."""
    from zpoints.analyses.radius.figures import radius

    notes = {name: _note(results.rows[name]) for name in results.measurements}
    figure = radius(results.curves("radius"), notes, results.colors)
    text = listing([f"{name}: {note}" for name, note in notes.items()])
    alt = f"Histograms of the radius of the z-points beside N(0, I) and a Gaussian. {text}"
    return {"radius": Drawing(figure, alt)}


def context(results: Results) -> dict[str, Any]:
    """The mean radius of N(0, I) for each z_dim in use."""
    expected = {results.rows[name]["z_dim"]: results.numbers(name)["chi"]["mean"] for name in results.measurements}
    return {"radius_of": dict(sorted(expected.items()))}


def _note(row: Mapping[str, float]) -> str:
    return f"peak {fixed(row.get('radius_peak'), 2)}, mean {fixed(row.get('radius_mean'), 2)}"


def _place(results: Results, roles: Roles) -> str | None:
    peaks = stated(results, roles.two, "radius_peak", partial(fixed, digits=2))
    if peaks is None:
        return None
    prior = {significant(results.numbers(names[0])["chi"]["mean"]) for names in roles.two}
    return f"The radius |mu| peaks at {peaks}; the mean radius of N(0, I) is {listing(sorted(prior))}"


def _change(results: Results, roles: Roles) -> str | None:
    peaks = stated(results, (roles.tiny, roles.working), "radius_peak", partial(fixed, digits=2))
    return f"The radius |mu| peaks at {peaks}" if peaks else None


ANSWERS = {"places": _place, "fact": _change}
