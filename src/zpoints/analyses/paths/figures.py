"""How far images lie from real ones along paths through the latent space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from zpoints.report.style import INK, MUTED, WIDTH, styled

ACROSS = 2  # panels in a row
HEIGHT = 1.75  # inches a row
# A path by name, and its columns: `position`, `distance`, `low` and `high`, float64 of one length.
Paths = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Panel:
    """One panel: the path it shows, maybe a second one (dashed), and what its positions are."""

    title: str
    xlabel: str
    path: str
    beside: str | None = None


@styled
def path_curves(
    curves: Mapping[str, Paths],
    panels: Sequence[Panel],
    threshold: float,
    notes: tuple[str, str],
    colors: Mapping[str, str],
) -> Figure:
    """A panel for each kind of path, a line with its 95% interval for each model, and the threshold.

    Args: curves has the paths of each model. notes name the solid lines and the dashed ones.
    """
    lines = -(-len(panels) // ACROSS)
    figure = Figure(figsize=(WIDTH, HEIGHT * lines + 0.4), layout=ConstrainedLayoutEngine(h_pad=0.06))
    grid = figure.subplots(lines, ACROSS, sharey=True, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        axes.axhline(threshold, color=MUTED, linewidth=0.8)
        for name, paths in curves.items():
            if panel.path in paths:
                curve = paths[panel.path]
                axes.fill_between(
                    curve["position"], curve["low"], curve["high"], color=colors[name], alpha=0.2, linewidth=0
                )
                axes.plot(curve["position"], curve["distance"], color=colors[name])
            if panel.beside and panel.beside in paths:
                other = paths[panel.beside]
                axes.plot(other["position"], other["distance"], "--", color=colors[name], linewidth=0.9)
        axes.set_title(panel.title, loc="left", color=INK)
        axes.set_xlabel(panel.xlabel)
        axes.grid(axis="y")
        axes.margins(x=0.02)
    for axes in grid[:, 0]:
        axes.set_ylabel("distance")
    handles = [Line2D([], [], color=colors[name], label=name) for name in curves]
    handles.append(Line2D([], [], color=MUTED, linewidth=0.8, label="95% of real images"))
    if any(panel.beside for panel in panels):
        styles: tuple[Literal["-", "--"], ...] = ("-", "--")
        for line, note in zip(styles, notes, strict=True):
            handles.append(Line2D([], [], color=INK, linestyle=line, linewidth=1, label=note))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure
