"""Does the noise of VAEs follow the law of curvature? Mean logvar of each axis, measured against predicted."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from zpoints.report.style import INK, MUTED, WIDTH, styled

Axes = Mapping[str, Mapping[str, np.ndarray]]


@styled
def curvature(laws: Axes, colors: Mapping[str, str]) -> Figure:
    """A point for each axis of each VAE, with the line on which the law holds; axes that are not active are hollow.

    Args: laws has for each VAE float64 arrays of one length: `logvar`, its mean over the images, `predicted_at_mu`,
    what the law makes of the curvature, and `active`, 1 or 0.
    """
    figure = Figure(figsize=(WIDTH, 4.2 + 0.2 * -(-(len(laws) + 2) // 3)), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    values = np.concatenate([law[kind] for law in laws.values() for kind in ("logvar", "predicted_at_mu")])
    margin = 0.04 * float(np.ptp(values)) or 0.5
    low, high = float(values.min()) - margin, float(values.max()) + margin
    axes.plot([low, high], [low, high], color=INK, linestyle=":", linewidth=1)
    for name, law in laws.items():
        active = law["active"] > 0
        for chosen, fill in ((active, colors[name]), (~active, "none")):
            axes.plot(
                law["predicted_at_mu"][chosen],
                law["logvar"][chosen],
                "o",
                color=colors[name],
                markerfacecolor=fill,
                markersize=2.6,
                markeredgewidth=0 if fill != "none" else 0.5,
                alpha=0.6,
            )
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid()
    axes.set_xlabel("predicted from the curvature: ln(fact / (H + fact))")
    axes.set_ylabel("measured: mean logvar of an axis")
    handles = [Line2D([], [], color=colors[name], marker="o", linestyle="none", label=name) for name in laws]
    if any((law["active"] == 0).any() for law in laws.values()):
        hollow = Line2D([], [], color=MUTED, marker="o", linestyle="none", markersize=4, label="not active")
        hollow.set_markerfacecolor("none")
        handles.append(hollow)
    handles.append(Line2D([], [], color=INK, linestyle=":", linewidth=1, label="the law"))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.2, columnspacing=1.4)
    return figure
