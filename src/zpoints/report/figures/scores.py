"""The clouds themselves, seen along their first two principal axes, each beside its null."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from zpoints.report.style import INK, MUTED, WIDTH, styled

Scores = Mapping[str, Mapping[str, np.ndarray]]
SIDE = 2.1  # inches a panel


@styled
def scores(clouds: Scores, colors: Mapping[str, str]) -> Figure:
    """A pair of panels for each model, on one scale: its z-points, and as many of a Gaussian of equal covariance.

    Args: clouds has for each model float64 arrays of one length: `first`, `second`, `null_first` and `null_second`.
    """
    figure = Figure(figsize=(WIDTH, SIDE * len(clouds) + 0.3), layout=ConstrainedLayoutEngine(h_pad=0.06))
    grid = figure.subplots(len(clouds), 2, squeeze=False)
    for (points, gaussian), (name, cloud) in zip(grid, clouds.items(), strict=True):
        # Of both panels together: a null on a scale of its own could not be compared.
        limit = 1.05 * max(np.abs(values).max() for values in cloud.values()) or 1.0
        _panel(points, cloud["first"], cloud["second"], limit, colors[name])
        _panel(gaussian, cloud["null_first"], cloud["null_second"], limit, MUTED)
        points.set_title(name, loc="left", weight="bold", color=INK, parse_math=False)
        gaussian.set_title("Gaussian of equal covariance", loc="left", color=MUTED)
        points.set_ylabel("second axis")
    for axes in grid[-1]:
        axes.set_xlabel("first axis")
    return figure


def _panel(axes: Axes, first: np.ndarray, second: np.ndarray, limit: float, color: str) -> None:
    # One object, not thousands of paths, however many points.
    axes.plot(first, second, "o", color=color, markersize=1.6, alpha=0.35, markeredgewidth=0)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(-limit, limit)
    axes.set_aspect("equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
