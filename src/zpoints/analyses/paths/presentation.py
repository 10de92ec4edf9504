"""How the distances along paths are called and drawn."""

from functools import partial
from typing import Any

import numpy as np

from zpoints.report.answers import Roles, stated
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import fixed, listing
from zpoints.report.results import Drawing, Results

TITLE = "Paths through the latent space"
POSITION = 140

METRICS = MetricGroup(
    "Where decoded images stay near real ones",
    (
        Metric(
            "paths_level",
            "threshold",
            "threshold",
            "two",
            "Distance to real images that 95% of real held-out images stay below; 1 is their median.",
        ),
        Metric(
            "paths_rebuilt",
            "reconstructions.distance",
            "of reconstructions",
            "two",
            "Mean distance of reconstructions to real images; 1 for a typical real image.",
        ),
        Metric(
            "paths_linear",
            "middle.linear.distance",
            "midway on a line",
            "two",
            "Mean distance to real images midway on the line between two held-out z-points.",
        ),
        Metric(
            "paths_spherical",
            "middle.spherical.distance",
            "on an arc",
            "two",
            "Mean distance to real images midway on an arc about the mean of the z-points.",
        ),
        Metric(
            "paths_mean",
            "mean.distance",
            "at the mean",
            "two",
            "Distance to real images of what the mean of the z-points decodes to.",
        ),
        Metric(
            "paths_origin",
            "origin.distance",
            "at the origin",
            "two",
            "Distance to real images of what the origin, the middle of N(0, I), decodes to.",
        ),
        Metric(
            "paths_radius",
            "radius.images.median",
            "z-points lie at",
            "two",
            "Median distance of z-points from their mean, in units of the spread sqrt(tr C).",
        ),
        Metric(
            "paths_radius_most",
            "radius.images.most",
            "95% of them within",
            "two",
            "Distance from the mean that 95% of the z-points stay below, in units of the spread.",
        ),
        Metric(
            "paths_radius_gaussian",
            "radius.gaussian.most",
            "of a Gaussian",
            "two",
            "Distance that 95% of the draws of a fitted Gaussian stay below, in units of the spread.",
        ),
        Metric(
            "paths_width",
            "width.images_shaped.value",
            "good region about an image",
            "two",
            "How far from an image, in directions in which faces vary, the threshold is passed; in spreads.",
        ),
        Metric(
            "paths_width_low",
            "width.images_shaped.low",
            "from",
            "two",
            "Lower end of the 95% interval of that width, over starts and real images.",
        ),
        Metric(
            "paths_width_high",
            "width.images_shaped.high",
            "to",
            "two",
            "Upper end of the 95% interval of that width, over starts and real images.",
        ),
        Metric(
            "paths_width_gaussian",
            "width.gaussian_shaped.value",
            "about a Gaussian's draw",
            "two",
            "The same width about a draw of the fitted Gaussian.",
        ),
        Metric(
            "paths_width_any",
            "width.images_isotropic.value",
            "in any direction",
            "two",
            "The same width about an image, in isotropic directions.",
        ),
        Metric(
            "paths_width_mean",
            "width.mean_shaped.value",
            "about the mean",
            "two",
            "The same width about the mean, in directions drawn with mu's covariance.",
        ),
        Metric(
            "paths_width_mean_any",
            "width.mean_isotropic.value",
            "in any direction",
            "two",
            "The same width about the mean, in isotropic directions.",
        ),
    ),
)

SPREADS = "distance, in spreads"
# Panels: title, axis, path, and maybe a second path beside it, dashed.
WAYS = (
    ("from image to image", "share of the way", "linear", "spherical"),
    ("through the origin", "share of mu", "origin", None),
    ("along principal axes", "standard deviations", "axes", None),
)
AROUND = (
    ("an image, as faces vary", SPREADS, "images_shaped", "gaussian_shaped"),
    ("an image, any direction", SPREADS, "images_isotropic", "gaussian_isotropic"),
    ("the mean, as faces vary", SPREADS, "mean_shaped", None),
    ("the mean, any direction", SPREADS, "mean_isotropic", None),
)
FIGURES = {
    "paths": (WAYS, ("line", "arc about the mean")),
    "neighborhood": (AROUND, ("from an image", "from a Gaussian")),
}
# The paths whose pictures are shown, with what is said of them.
STRIPS = {
    "linear": "from one held-out image to another, on a line",
    "spherical": "the same two, on an arc about the mean",
    "origin": "from an image through the origin to its mirror image",
    "images_shaped": "away from an image, in a direction as among faces",
    "images_isotropic": "away from an image, in any direction",
}


def figures(results: Results) -> dict[str, Drawing]:
    """The curves along the ways and around the starts, and strips of pictures."""
    from zpoints.analyses.paths.figures import Panel, path_curves
    from zpoints.report.figures.image_grid import blocks

    curves = {name: _by_path(columns) for name, columns in results.curves("paths").items()}
    threshold, everyone = _threshold(results), listing(list(results.measurements))
    drawings = {}
    for name, (panels, notes) in FIGURES.items():
        kept = [Panel(*panel) for panel in panels if any(panel[2] in paths for paths in curves.values())]
        if kept:
            titles = listing([panel.title for panel in kept])
            alt = f"Distance of decoded images from real ones, for {everyone}: {titles}"
            drawings[name] = Drawing(path_curves(curves, kept, threshold, notes, results.colors), alt)
    for path, text in STRIPS.items():
        if strips := results.pictures(path):
            figure = blocks(strips, results.colors, rows=1)
            drawings[f"path_{path}"] = Drawing(figure, f"Images decoded {text}, by {everyone}")
    return drawings


def context(results: Results) -> dict[str, Any]:
    """The threshold, what is said of the strips, and the last distance from a start that was tried."""
    last = [columns["position"][columns["path"] == "images_shaped"] for columns in results.curves("paths").values()]
    farthest = max((float(positions.max()) for positions in last if positions.size), default=None)
    return {
        "measured": list(results.measurements),
        "threshold": _threshold(results),
        "strips": STRIPS,
        "farthest": farthest,
    }


def _threshold(results: Results) -> float:
    """It rests on real images alone: the same for every model."""
    return next(measurement.numbers["threshold"] for measurement in results.measurements.values())


def _by_path(columns: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    names = dict.fromkeys(columns["path"].tolist())
    return {name: {key: values[columns["path"] == name] for key, values in columns.items()} for name in names}


def _faces(results: Results, roles: Roles) -> str | None:
    parts = [names for names in roles.all if names[0] in results.measurements]
    show = partial(fixed, digits=2)
    mean, origin = (stated(results, parts, column, show) for column in ("paths_mean", "paths_origin"))
    if not mean or not origin:
        return None
    return (
        f"The image at the mean of the z-points is {mean} away from the nearest real ones, at the origin {origin}; "
        f"95% of real images are nearer than {show(_threshold(results))}"
    )


ANSWERS = {"faces": _faces}
