"""How rate, distortion and the distance from the prior are called and drawn."""

from typing import Any

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import fixed, listing, significant
from zpoints.report.results import Drawing, Results

TITLE = "Rate and distortion"
POSITION = 45

METRICS = MetricGroup(
    "Rate, distortion, and distance from the prior",
    (
        Metric(
            "posterior", "posterior", "posterior", "text", "Of which rate and information are; or why there is none."
        ),
        Metric(
            "beta",
            "beta",
            "beta",
            "setting",
            "Weight of the rate in a textbook's ELBO: 3 fact with cross-entropy, 1.5 fact with squared error.",
        ),
        Metric(
            "rate",
            "rate.value",
            "rate",
            "significant",
            "KL divergence of the posterior from N(0, I) without fact, in nats per held-out image.",
        ),
        Metric("rate_low", "rate.low", "its interval, from", "significant", "Lower end of the rate's 95% interval."),
        Metric("rate_high", "rate.high", "to", "significant", "Upper end of the rate's 95% interval over images."),
        Metric(
            "distortion_mu",
            "distortion.mu.value",
            "distortion from mu",
            "one",
            "Decoded from mu: 3 (reco minus floor), so in the same nats as the rate, or 1.5 reco (squared error).",
        ),
        Metric(
            "distortion_z",
            "distortion.z.value",
            "distortion from z",
            "one",
            "The same, decoded from z, which has the VAE's noise.",
        ),
        Metric(
            "distortion_mu_pixel",
            "distortion.mu.per_pixel",
            "per pixel, from mu",
            "significant",
            "Distortion from mu divided by the number of pixels; the three channels of a pixel are summed.",
        ),
        Metric(
            "distortion_z_pixel",
            "distortion.z.per_pixel",
            "per pixel, from z",
            "significant",
            "Distortion from z divided by the number of pixels.",
        ),
        Metric(
            "elbo_above_floor",
            "elbo_above_floor",
            "rate + distortion",
            "one",
            "Negative ELBO (beta = 1) above the floor, from z, in nats per held-out image.",
        ),
        Metric(
            "excess_mu",
            "excess.mu.value",
            "reco above floor, mu",
            "one",
            "reco minus its floor of held-out images, decoded from mu: in the units of the training losses.",
        ),
        Metric("excess_z", "excess.z.value", "reco above floor, z", "one", "The same, decoded from z."),
        Metric(
            "excess_noise",
            "excess.noise.value",
            "what the noise costs",
            "significant",
            "reco from z minus reco from mu, on the same held-out images.",
        ),
        Metric(
            "excess_noise_low",
            "excess.noise.low",
            "from",
            "significant",
            "Lower end of the 95% interval of that difference.",
        ),
        Metric(
            "excess_noise_high", "excess.noise.high", "to", "significant", "Upper end of the 95% interval, over images."
        ),
        Metric(
            "axes_used",
            "axes.used",
            "axes above 0.01 nat",
            "count",
            "Axes whose part of the rate, mean over held-out images, is above 0.01 nat; the others have collapsed.",
        ),
        Metric(
            "axes_active",
            "axes.active",
            "active axes, same images",
            "count",
            "Axes along which the variance of mu is above 0.01 (Burda et al. 2016).",
        ),
        Metric(
            "information",
            "information.value",
            "I(x; z), at least",
            "two",
            "What z tells of its image, among so many training images, in nats: at most the log of their number.",
        ),
        Metric(
            "information_limit",
            "information.limit",
            "its largest value",
            "two",
            "Log of the number of images: an estimate near it says only that I(x; z) is no less.",
        ),
        Metric(
            "aggregate_to_prior",
            "information.to_prior",
            "KL(q(z) || p), at most",
            "two",
            "Rate of these training images minus I(x; z): what the mean of all posteriors differs from N(0, I).",
        ),
        Metric(
            "energy_z",
            "energy.z.value",
            "energy distance, z",
            "significant",
            "Of z from N(0, I), in units of twice the mean distance between the two: 0 for equal laws, at most 1.",
        ),
        Metric(
            "energy_z_p", "energy.z.p", "its p", "significant", "Of the permutation test that z is drawn from N(0, I)."
        ),
        Metric(
            "energy_mu",
            "energy.mu.value",
            "energy distance, mu",
            "significant",
            "The same of mu from N(0, I).",
        ),
        Metric(
            "energy_mu_p",
            "energy.mu.p",
            "its p",
            "significant",
            "Of the permutation test that mu is drawn from N(0, I).",
        ),
        Metric(
            "psnr_mu", "quality.mu.psnr", "PSNR from mu", "two", "Mean PSNR of held-out images decoded from mu.", "dB"
        ),
        Metric("psnr_z", "quality.z.psnr", "PSNR from z", "two", "Mean PSNR of held-out images decoded from z.", "dB"),
        Metric(
            "sharpness_mu",
            "quality.mu.sharpness",
            "sharpness kept, mu",
            "percent",
            "Variance of the Laplacian relative to the original's, decoded from mu; needs no network.",
        ),
        Metric("sharpness_z", "quality.z.sharpness", "sharpness kept, z", "percent", "The same, decoded from z."),
    ),
)


def context(results: Results) -> dict[str, Any]:
    """The models that were measured, those with a rate, and why the others have none."""
    return {
        "compressed": list(results.measurements),
        "rated": [name for name, found in results.measurements.items() if "rate" in found.numbers],
        "unrated": {
            name: found.numbers["posterior"].removeprefix("not measurable: ")
            for name, found in results.measurements.items()
            if "rate" not in found.numbers
        },
        "permutations": next(iter(results.measurements.values())).numbers["permutations"],
    }


def figures(results: Results) -> dict[str, Drawing]:
    """Distortion over rate, a model a point."""
    from zpoints.analyses.rate_distortion.figures import Point, plane

    points = {}
    for name, found in results.measurements.items():
        distortion = found.numbers["distortion"]
        rate, noisy = (found.numbers.get("rate") or {}).get("value"), distortion.get("z", {}).get("value")
        points[name] = Point(rate, distortion["mu"]["value"], noisy)
    spans = [
        f"{name} {fixed(point.mu, 0)} nats" + (f" at {significant(point.rate)}" if point.rate is not None else "")
        for name, point in points.items()
    ]
    alt = f"Distortion of each model over its rate, in nats per image. Distortion from mu: {listing(spans)}"
    return {"rate_distortion": Drawing(plane(points, results.colors), alt)}
