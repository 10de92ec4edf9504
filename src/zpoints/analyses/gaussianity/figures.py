"""Q-Q plots of the Mahalanobis distances of all models, before and after outliers are removed, beside a Gaussian's."""

from collections.abc import Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zpoints.report.style import INK, MUTED, RULE, WIDTH, styled

Quantiles = Mapping[str, Mapping[str, np.ndarray]]
PANELS = {"all": "all points", "core": "core"}


@styled
def gaussianity(quantiles: Quantiles, colors: Mapping[str, str]) -> Figure:
    """A row for each model: distances from the mean against a Gaussian's, of all points and of the core.

    Args: quantiles has for each model float64 arrays of one length, quantiles of *squared* distances: `all` and `core`
    of the points, and for each PART of the two PART_null, the nulls' mean, with their envelope PART_low and PART_high.
    """
    figure = Figure(figsize=(WIDTH, 0.6 + 2.1 * len(quantiles)), layout=ConstrainedLayoutEngine())
    grid = figure.subplots(len(quantiles), len(PANELS), squeeze=False)
    for row, (name, table) in zip(grid, quantiles.items(), strict=True):
        for axes, (part, title) in zip(row, PANELS.items(), strict=True):
            _panel(axes, table, part, colors[name])
            axes.set_title(f"{name}, {title}", loc="left", color=INK)
        row[0].set_ylabel("distance of mu")
    for axes in grid[-1]:
        axes.set_xlabel("distance in a Gaussian")
    legend: list[Artist] = [
        Line2D([], [], color=MUTED, marker="o", markersize=3, linestyle="", label="mu"),
        Patch(color=RULE, label="envelope of Gaussians"),
        Line2D([], [], color=INK, linewidth=0.8, linestyle="--", label="equal"),
    ]
    figure.legend(handles=legend, loc="outside upper left", ncols=3, handlelength=1.4, columnspacing=1.4)
    return figure


def _panel(axes: Axes, table: Mapping[str, np.ndarray], part: str, color: str) -> None:
    expected, distances = np.sqrt(table[f"{part}_null"]), np.sqrt(table[part])
    axes.fill_between(expected, np.sqrt(table[f"{part}_low"]), np.sqrt(table[f"{part}_high"]), color=RULE, linewidth=0)
    axes.plot(expected, expected, "--", color=INK, linewidth=0.8)
    axes.plot(expected, distances, "o", color=color, markersize=2.2, markeredgewidth=0)
