"""What the comparison takes from paths.json, and how it is called."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 140

METRICS = MetricGroup(
    "Where decoded images stay near real ones",
    (
        Metric("paths_level", "level", "level", "two", "Distance that 95% of real held-out images stay below."),
        Metric(
            "paths_rebuilt", "reconstructions.distance", "of reconstructions", "two", "Mean distance; a real image: 1."
        ),
        Metric("paths_linear", "middle.linear.distance", "midway on a line", "two", "Between two held-out images."),
        Metric("paths_spherical", "middle.spherical.distance", "on an arc", "two", "About the mean of the z-points."),
        Metric("paths_mean", "mean.distance", "at the mean", "two", "Of the z-points."),
        Metric("paths_origin", "origin.distance", "at the origin", "two", "The middle of N(0, I)."),
        Metric(
            "paths_radius", "radius.images.median", "z-points lie at", "two", "From their mean, in units of the spread."
        ),
        Metric("paths_radius_most", "radius.images.most", "95% of them within", "two", "As above."),
        Metric("paths_radius_gaussian", "radius.gaussian.most", "of a Gaussian", "two", "Fitted to them; as above."),
        Metric(
            "paths_width",
            "width.images_shaped.value",
            "good region about an image",
            "two",
            "To where the mean distance passes the level, in directions as among faces; in units of the spread.",
        ),
        Metric("paths_width_low", "width.images_shaped.low", "from", "two", "95% over the starts."),
        Metric("paths_width_high", "width.images_shaped.high", "to", "two", "95% over the starts."),
        Metric(
            "paths_width_gaussian",
            "width.gaussian_shaped.value",
            "about a Gaussian's draw",
            "two",
            "The same from a draw of the fitted Gaussian.",
        ),
        Metric("paths_width_any", "width.images_isotropic.value", "in any direction", "two", "From an image."),
        Metric("paths_width_mean", "width.mean_shaped.value", "about the mean", "two", "As among faces."),
        Metric("paths_width_mean_any", "width.mean_isotropic.value", "in any direction", "two", "From the mean."),
    ),
)


# ---- old section, to port ----
#     curves=(Curve("paths", ("path", "position", "distance", "low", "high", "good"), words=("path",)),),
# )
# """Ways through the latent space, and how far its good region reaches."""
# 
# from typing import Any
# 
# import numpy as np
# 
# from zpoints.report.figures.image_grid import blocks
# from zpoints.analyses.paths.figures import Panel, journeys
# from zpoints.report.drawing import Drawing, Tints
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import listing
# 
# SPREADS = "distance, in spreads"
# WAYS = (
#     Panel("from image to image", "share of the way", "linear", "spherical"),
#     Panel("through the origin", "share of mu", "origin"),
#     Panel("along principal axes", "standard deviations", "axes"),
# )
# AROUND = (
#     Panel("an image, as faces vary", SPREADS, "images_shaped", "gaussian_shaped"),
#     Panel("an image, any direction", SPREADS, "images_isotropic", "gaussian_isotropic"),
#     Panel("the mean, as faces vary", SPREADS, "mean_shaped"),
#     Panel("the mean, any direction", SPREADS, "mean_isotropic"),
# )
# FIGURES = {
#     "paths": (WAYS, ("line", "arc about the mean")),
#     "neighbourhood": (AROUND, ("from an image", "from a Gaussian")),
# }
# # The paths whose pictures are shown, with what is said of them.
# STRIPS = {
#     "linear": "from one held-out image to another, on a line",
#     "spherical": "the same two, on an arc about the mean",
#     "origin": "from an image through the origin to its mirror image",
#     "images_shaped": "away from an image, in a direction as among faces",
#     "images_isotropic": "away from an image, in any direction",
# }
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """The curves along the ways and around the starts, and strips of pictures where there are any."""
#     drawn = {name: _by_path(columns) for name, columns in inputs.curves["paths"].items()}
#     level = next(iter(inputs.rows.values())).get("paths_level")
#     found, everyone = {}, listing(list(inputs.rows))
#     for figure, (panels, notes) in FIGURES.items():
#         kept = [panel for panel in panels if any(panel.path in paths for paths in drawn.values())]
#         if kept and level is not None:
#             titles = listing([panel.title for panel in kept])
#             alt = f"Distance of decoded images from real ones, for {everyone}: {titles}"
#             found[figure] = Drawing(journeys(drawn, kept, level, notes, tints), alt)
#     for path, text in STRIPS.items():
#         strips = [(name, own[f"path_{path}"]) for name, own in inputs.pictures.items() if f"path_{path}" in own]
#         if strips:
#             found[f"path_{path}"] = Drawing(blocks(strips, tints, rows=1), f"Images decoded {text}, by {everyone}")
#     return found
# 
# 
# def context(inputs: Inputs) -> dict[str, Any]:
#     """What is said of the strips, and the last distance from a start that was tried."""
#     columns = next(iter(inputs.curves["paths"].values()))
#     around = columns["position"][columns["path"] == "images_shaped"]
#     return {"path_strips": STRIPS, "paths_last": float(around.max()) if around.size else None}
# 
# 
# def _by_path(columns: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
#     names = dict.fromkeys(columns["path"].tolist())
#     return {name: {key: values[columns["path"] == name] for key, values in columns.items()} for name in names}
