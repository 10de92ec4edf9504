"""Ways through the latent space, and how far its good region reaches."""

from typing import Any

import numpy as np

from zpoints.analyses.paths.figures import Panel, journeys
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import blocks
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing

SPREADS = "distance, in spreads"
WAYS = (
    Panel("from image to image", "share of the way", "linear", "spherical"),
    Panel("through the origin", "share of mu", "origin"),
    Panel("along principal axes", "standard deviations", "axes"),
)
AROUND = (
    Panel("an image, as faces vary", SPREADS, "images_shaped", "gaussian_shaped"),
    Panel("an image, any direction", SPREADS, "images_isotropic", "gaussian_isotropic"),
    Panel("the mean, as faces vary", SPREADS, "mean_shaped"),
    Panel("the mean, any direction", SPREADS, "mean_isotropic"),
)
FIGURES = {
    "paths": (WAYS, ("line", "arc about the mean")),
    "neighbourhood": (AROUND, ("from an image", "from a Gaussian")),
}
# The paths whose pictures are shown, with what is said of them.
STRIPS = {
    "linear": "from one held-out image to another, on a line",
    "spherical": "the same two, on an arc about the mean",
    "origin": "from an image through the origin to its mirror image",
    "images_shaped": "away from an image, in a direction as among faces",
    "images_isotropic": "away from an image, in any direction",
}


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The curves along the ways and around the starts, and strips of pictures where there are any."""
    drawn = {name: _by_path(columns) for name, columns in inputs.curves["paths"].items()}
    level = next(iter(inputs.rows.values())).get("paths_level")
    found, everyone = {}, listing(list(inputs.rows))
    for figure, (panels, notes) in FIGURES.items():
        kept = [panel for panel in panels if any(panel.path in paths for paths in drawn.values())]
        if kept and level is not None:
            titles = listing([panel.title for panel in kept])
            alt = f"Distance of decoded images from real ones, for {everyone}: {titles}"
            found[figure] = Drawing(journeys(drawn, kept, level, notes, tints), alt)
    for path, text in STRIPS.items():
        strips = [(name, own[f"path_{path}"]) for name, own in inputs.pictures.items() if f"path_{path}" in own]
        if strips:
            found[f"path_{path}"] = Drawing(blocks(strips, tints, rows=1), f"Images decoded {text}, by {everyone}")
    return found


def context(inputs: Inputs) -> dict[str, Any]:
    """What is said of the strips, and the last distance from a start that was tried."""
    columns = next(iter(inputs.curves["paths"].values()))
    around = columns["position"][columns["path"] == "images_shaped"]
    return {"path_strips": STRIPS, "paths_last": float(around.max()) if around.size else None}


def _by_path(columns: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    names = dict.fromkeys(columns["path"].tolist())
    return {name: {key: values[columns["path"] == name] for key, values in columns.items()} for name in names}
