"""What the comparison takes from radius.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "radius",
    "Radius",
    (
        Quantity(
            "radius_peak", "mu.peak", "peak of R", "two", "Centre of the fullest bin of the histogram of R = |mu|."
        ),
        Quantity("radius_mean", "mu.mean", "mean of R", "two", "Over all training images."),
        Quantity(
            "radius_median", "mu.quantile.0.5", "median of R", "two", "Half of the z-points lie nearer to the origin."
        ),
        Quantity("radius_min", "mu.min", "least R", "two", "The z-point nearest to the origin."),
        Quantity("radius_max", "mu.max", "largest R", "two", "The z-point farthest from the origin."),
        Quantity("z_radius_peak", "z.peak", "peak of R from z", "two", "The same from z = mu + noise instead of mu."),
        Quantity("radius_share", "mu.share.*", "R in", "percent", "Share of the z-points in this half-open interval."),
    ),
    curves=(Curve("radius", ("radius", "mu", "chi")),),
)
