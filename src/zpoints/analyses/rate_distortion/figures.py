"""Rate and distortion of all models in one plane."""

from collections.abc import Mapping
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from zpoints.report.style import MUTED, WIDTH, log_ticks, styled


class Point(NamedTuple):
    """A model, in nats per image: rate and distortion from z are None without a posterior."""

    rate: float | None
    mu: float
    z: float | None


@styled
def plane(points: Mapping[str, Point], colors: Mapping[str, str]) -> Figure:
    """Distortion over rate: filled from z, hollow from mu, joined; a line across for a model without a rate."""
    lines = -(-(len(points) + 3) // 3)
    figure = Figure(figsize=(WIDTH, 2.9 + 0.2 * lines), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    for name, point in points.items():
        color = colors[name]
        if point.rate is None or point.z is None:
            axes.axhline(point.mu, color=color, linewidth=1, linestyle=(0, (4, 2)))
            continue
        axes.plot([point.rate] * 2, [point.mu, point.z], color=color, linewidth=0.9)
        axes.plot(point.rate, point.mu, "o", color=color, markersize=5, markerfacecolor="white")
        axes.plot(point.rate, point.z, "o", color=color, markersize=5)
    axes.set_ylim(bottom=0)
    rates = [point.rate for point in points.values() if point.rate is not None]
    if rates and min(rates) > 0:
        low, high = min(rates) / 2, max(rates) * 2
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        log_ticks(axes.xaxis, low, high)
    axes.set_xlabel("rate, nats per image")
    axes.set_ylabel("distortion, nats per image")
    axes.grid()
    handles = [Line2D([], [], color=colors[name], linewidth=3, label=name) for name in points]
    for fill, label in ((MUTED, "from z"), ("white", "from mu")):
        handles.append(
            Line2D([], [], color=MUTED, marker="o", markersize=5, linestyle="none", markerfacecolor=fill, label=label)
        )
    if any(point.rate is None for point in points.values()):
        handles.append(Line2D([], [], color=MUTED, linewidth=1, linestyle=(0, (4, 2)), label="without a rate"))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure
