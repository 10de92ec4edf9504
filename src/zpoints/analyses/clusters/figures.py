"""K-means of all models for growing k, beside a Gaussian's: inertia, gap and silhouette."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from zpoints.report.style import INK, MUTED, WIDTH, styled

Curves = Mapping[str, Mapping[str, np.ndarray]]


@styled
def clusters(curves: Curves, colors: Mapping[str, str]) -> Figure:
    """Three panels over k, a line for each model: inertia and silhouette with the null dashed, and the gap between.

    Args: curves has for each model float64 arrays of one length: `k`, `inertia` (over that of one cluster) and
    `silhouette`, both also as null_NAME, and `gap` with its standard error `gap_error`: the band, one error each way.
    """
    head = 0.2 * -(-(len(curves) + 2) // 3)
    figure = Figure(figsize=(WIDTH, 5.6 + head), layout=ConstrainedLayoutEngine())
    panels = figure.subplots(3, 1, sharex=True)
    for name, table in curves.items():
        for axes, kind in ((panels[0], "inertia"), (panels[2], "silhouette")):
            axes.plot(table["k"], table[f"null_{kind}"], "--", color=colors[name], linewidth=0.9)
            axes.plot(table["k"], table[kind], "-", color=colors[name])
        low, high = table["gap"] - table["gap_error"], table["gap"] + table["gap_error"]
        panels[1].fill_between(table["k"], low, high, color=colors[name], alpha=0.2, linewidth=0)
        panels[1].plot(table["k"], table["gap"], "-", color=colors[name])
    for axes in panels[1:]:
        axes.axhline(0, color=INK, linewidth=0.6)
    for axes, label in zip(panels, ("inertia over that of k = 1", "gap", "mean silhouette"), strict=True):
        axes.set_ylabel(label)
        axes.grid(axis="y")
    panels[-1].set_xlabel("clusters k")
    models = [Line2D([], [], color=colors[name], linewidth=3, label=name) for name in curves]
    kinds = [
        Line2D([], [], color=MUTED, linestyle="-", label="mu"),
        Line2D([], [], color=MUTED, linestyle="--", linewidth=0.9, label="Gaussian"),
    ]
    figure.legend(handles=[*models, *kinds], loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure
