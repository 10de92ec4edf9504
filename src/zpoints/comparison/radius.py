"""What the comparison takes from radius.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "radius",
    "Radius",
    (
        Quantity(
            "radius_peak", "mu.peak", "peak of R", "two", "Centre of the fullest bin of the histogram of R = |mu|."
        ),
        Quantity(
            "radius_peak_low", "mu.peak_interval.low", "its interval, from", "two", "95% of resamples peak from here"
        ),
        Quantity("radius_peak_high", "mu.peak_interval.high", "to", "two", "to here."),
        Quantity(
            "radius_density_peak",
            "mu.density.peak",
            "peak of the density",
            "two",
            "Of a kernel density instead of bins.",
        ),
        Quantity("radius_density_low", "mu.density.low", "its interval, from", "two", "95%, by resampling"),
        Quantity("radius_density_high", "mu.density.high", "to", "two", "at one bandwidth."),
        Quantity("radius_maxima", "mu.second.maxima", "maxima", "count", "2 where a test finds more than one."),
        Quantity(
            "radius_maxima_p",
            "mu.second.p_value",
            "p for a single one",
            "significant",
            "Silverman's test.",
        ),
        Quantity("radius_second", "mu.second.second", "second maximum", "two", "Where it lies, if there is one."),
        Quantity("radius_mean", "mu.mean", "mean of R", "two", "Over all training images."),
        Quantity("radius_std", "mu.std", "std of R", "two", "Standard deviation over all training images."),
        Quantity(
            "gaussian_radius_std",
            "gaussian.mu.std",
            "std of R, Gaussian",
            "two",
            "The same for a Gaussian with the mean and covariance of mu.",
        ),
        Quantity(
            "radius_ks",
            "gaussian.mu.distance.kolmogorov_smirnov",
            "distance to it",
            "significant",
            "Kolmogorov-Smirnov distance of R.",
        ),
        Quantity(
            "radius_ks_chance",
            "gaussian.mu.distance.kolmogorov_smirnov_chance",
            "by chance",
            "significant",
            "What two samples of one Gaussian stay below in 95% of the cases.",
        ),
        Quantity(
            "radius_wasserstein",
            "gaussian.mu.distance.wasserstein",
            "moved",
            "significant",
            "Wasserstein distance to it, in R.",
        ),
        Quantity(
            "radius_wasserstein_chance",
            "gaussian.mu.distance.wasserstein_chance",
            "by chance",
            "significant",
            "As above.",
        ),
        Quantity(
            "radius_median", "mu.quantile.0.5", "median of R", "two", "Half of the z-points lie nearer to the origin."
        ),
        Quantity("radius_min", "mu.min", "least R", "two", "The z-point nearest to the origin."),
        Quantity("radius_max", "mu.max", "largest R", "two", "The z-point farthest from the origin."),
        Quantity("z_radius_peak", "z.peak", "peak of R from z", "two", "The same from z = mu + noise instead of mu."),
        Quantity("z_radius_mean", "z.mean", "mean of R from z", "two", "Over all training images."),
        Quantity(
            "z_radius_ks_prior",
            "chi.kolmogorov_smirnov.z",
            "distance to N(0, I)",
            "significant",
            "Kolmogorov-Smirnov distance of R from z to the prior's.",
        ),
        Quantity("radius_share", "mu.share.*", "R in", "percent", "Share of the z-points in this half-open interval."),
    ),
    curves=(Curve("radius", ("radius", "mu", "chi")),),
)
