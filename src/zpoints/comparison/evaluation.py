"""What the comparison takes from evaluation.json, and how it is called: a handful of samplers, and reconstructions."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "evaluation",
    "Decoded images against real ones",
    (
        Quantity(
            "kid_normal",
            "samplers.normal.kid.value",
            "face-KID, N(0, I)",
            "two",
            "Distance of what random points decode to from real images, 0 to 8. No FID, and no published KID.",
        ),
        Quantity("kid_normal_low", "samplers.normal.kid.low", "its interval, from", "two", "95%, by the jackknife"),
        Quantity("kid_normal_high", "samplers.normal.kid.high", "to", "two", "over images."),
        Quantity(
            "kid_gaussian",
            "samplers.gaussian.kid.value",
            "face-KID, Gaussian",
            "two",
            "The same for a Gaussian with the mean and covariance of the z-points.",
        ),
        Quantity("kid_gaussian_low", "samplers.gaussian.kid.low", "its interval, from", "two", "As above."),
        Quantity("kid_gaussian_high", "samplers.gaussian.kid.high", "to", "two", "As above."),
        Quantity(
            "kid_bootstrap",
            "samplers.bootstrap.kid.value",
            "face-KID, true z-points",
            "two",
            "What the decoder makes of z-points of training images: no sampler can be asked for more.",
        ),
        Quantity(
            "kid_reconstructions",
            "samplers.reconstructions.kid.value",
            "face-KID, reconstructions",
            "two",
            "Of held-out images.",
        ),
        Quantity("kid_real", "controls.held_out.kid.value", "face-KID, real", "two", "Of held-out images themselves."),
        Quantity(
            "kid_blurred", "controls.blurred.kid.value", "face-KID, blurred", "two", "Of these, blurred by 2 pixels."
        ),
        Quantity(
            "coverage_gaussian",
            "samplers.gaussian.coverage.value",
            "coverage, Gaussian",
            "two",
            "Share of real images with one of the Gaussian's near by; 0.97 for real ones.",
        ),
        Quantity(
            "coverage_bootstrap",
            "samplers.bootstrap.coverage.value",
            "coverage, true z-points",
            "two",
            "The same of decoded z-points of training images.",
        ),
        Quantity(
            "quality_above_floor",
            "quality.above_floor.quantile.0.5",
            "reco above floor, median",
            "one",
            "Over held-out images one by one, in nats.",
        ),
        Quantity(
            "quality_above_floor_most",
            "quality.above_floor.quantile.0.95",
            "the same, 95%",
            "one",
            "The worst twentieth lies above.",
        ),
        Quantity(
            "quality_ssim", "quality.ssim.mean", "SSIM", "two", "Structural similarity of the luma; 1 for equals."
        ),
        Quantity(
            "quality_sharpness",
            "quality.sharpness.mean",
            "sharpness kept",
            "percent",
            "Variance of the Laplacian in units of the original's; mean over the images.",
        ),
    ),
    curves=(Curve("evaluation", ("points", "score", "value", "low", "high"), words=("points", "score")),),
)
