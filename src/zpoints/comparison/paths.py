"""What the comparison takes from paths.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "paths",
    "Where decoded images stay near real ones",
    (
        Quantity("paths_level", "level", "level", "two", "Distance that 95% of real held-out images stay below."),
        Quantity(
            "paths_rebuilt", "reconstructions.distance", "of reconstructions", "two", "Mean distance; a real image: 1."
        ),
        Quantity("paths_linear", "middle.linear.distance", "midway on a line", "two", "Between two held-out images."),
        Quantity("paths_spherical", "middle.spherical.distance", "on an arc", "two", "About the mean of the z-points."),
        Quantity("paths_mean", "mean.distance", "at the mean", "two", "Of the z-points."),
        Quantity("paths_origin", "origin.distance", "at the origin", "two", "The middle of N(0, I)."),
        Quantity(
            "paths_radius", "radius.images.median", "z-points lie at", "two", "From their mean, in units of the spread."
        ),
        Quantity("paths_radius_most", "radius.images.most", "95% of them within", "two", "As above."),
        Quantity("paths_radius_gaussian", "radius.gaussian.most", "of a Gaussian", "two", "Fitted to them; as above."),
        Quantity(
            "paths_width",
            "width.images_shaped.value",
            "good region about an image",
            "two",
            "To where the mean distance passes the level, in directions as among faces; in units of the spread.",
        ),
        Quantity("paths_width_low", "width.images_shaped.low", "from", "two", "95% over the starts."),
        Quantity("paths_width_high", "width.images_shaped.high", "to", "two", "95% over the starts."),
        Quantity(
            "paths_width_gaussian",
            "width.gaussian_shaped.value",
            "about a Gaussian's draw",
            "two",
            "The same from a draw of the fitted Gaussian.",
        ),
        Quantity("paths_width_any", "width.images_isotropic.value", "in any direction", "two", "From an image."),
        Quantity("paths_width_mean", "width.mean_shaped.value", "about the mean", "two", "As among faces."),
        Quantity("paths_width_mean_any", "width.mean_isotropic.value", "in any direction", "two", "From the mean."),
    ),
    curves=(Curve("paths", ("path", "position", "distance", "low", "high", "good"), words=("path",)),),
)
