"""What each axis has of something, in descending order: a line for each model, on a logarithmic scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from zpoints.report.style import INK, MUTED, WIDTH, log_ticks, styled

# Decades below the largest value that are drawn: what is less is nothing, or rounding.
DECADES = 6
HEIGHT = 2.0  # inches a panel
Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ScreePanel:
    """One quantity: what its axis says, for each model a value of each axis in any order, and maybe the same of a null.

    At `level` runs a dotted line.
    """

    label: str
    values: Values
    null: Values = field(default_factory=dict)
    level: float | None = None


@styled
def scree(panels: Sequence[ScreePanel], null: str, colors: Mapping[str, str]) -> Figure:
    """The panels one above the other, over the rank; nulls are dashed, and called `null`."""
    models = list(dict.fromkeys(name for panel in panels for name in panel.values))
    nulls = any(panel.null for panel in panels)
    head = 0.2 * -(-(len(models) + 2 * nulls) // 3)
    layout = ConstrainedLayoutEngine(h_pad=0.06)
    figure = Figure(figsize=(WIDTH, 0.5 + head + HEIGHT * len(panels)), layout=layout)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(grid, panels, strict=True):
        _panel(axes, panel, colors)
    grid[-1].set_xlabel("rank")
    grid[-1].set_xlim(left=0)
    grid[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    handles = [Line2D([], [], color=colors[name], linewidth=3, label=name) for name in models]
    if nulls:
        handles.append(Line2D([], [], color=MUTED, linestyle="-", label="mu"))
        handles.append(Line2D([], [], color=MUTED, linestyle="--", linewidth=0.9, label=null))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure


def _panel(axes: Axes, panel: ScreePanel, colors: Mapping[str, str]) -> None:
    every = np.concatenate([*panel.values.values(), *panel.null.values()])
    high = max(float(every.max(initial=0)), panel.level or 0.0) or 1.0
    floor = high / 10**DECADES
    for curves, line, width in ((panel.null, "--", 0.9), (panel.values, "-", 1.4)):
        for name, values in curves.items():
            falling = np.sort(values)[::-1]
            shown = np.where(falling > floor, falling, np.nan)
            axes.plot(np.arange(1, len(shown) + 1), shown, line, color=colors[name], linewidth=width)
    if panel.level is not None:
        axes.axhline(panel.level, color=INK, linestyle=":", linewidth=1)
    above = every[every > floor]
    low = min(float(above.min(initial=high)), panel.level or high) / 1.3
    axes.set_yscale("log")
    axes.set_ylim(low, high * 1.3)
    log_ticks(axes.yaxis, low, high * 1.3)
    axes.set_ylabel(panel.label)
    axes.grid(axis="y")
