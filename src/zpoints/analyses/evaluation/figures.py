"""How near decoded images come to real ones: a row for each sampler, a dot with its interval for each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from zpoints.report.style import INK, MUTED, RULE, WIDTH, styled

VALUE, LOW, HIGH = range(3)
Scores = Mapping[str, Mapping[str, np.ndarray]]  # model, row: float64 (3,), in the order above


@dataclass(frozen=True)
class Panel:
    """One score: what its axis says, its numbers, and what is marked by vertical lines, as (words, value)."""

    label: str
    scores: Scores
    marks: Sequence[tuple[str, float]] = ()


@styled
def evaluation(panels: Sequence[Panel], rows: Mapping[str, str], colors: Mapping[str, str]) -> Figure:
    """A panel for each score side by side, with the same rows: name to what stands at the axis, the first on top.

    A row that a model has not is left empty for it.
    """
    models = list(dict.fromkeys(name for panel in panels for name in panel.scores))
    pitch = 0.14 + 0.05 * len(models)  # inches a row
    height = pitch * max(len(rows), 1) + 1.0 + 0.2 * (len(models) // 5)
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.06))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False, width_ratios=[3] + [2] * (len(panels) - 1))
    for axes, panel in zip(grid[0], panels, strict=True):
        _panel(axes, panel, list(rows), models, colors)
    first = grid[0, 0]
    first.set_yticks(range(len(rows)), list(rows.values()), fontsize=7.5)
    first.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    handles = [Line2D([], [], color=colors[name], marker="o", markersize=3, linewidth=1, label=name) for name in models]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, handlelength=1.4, columnspacing=1.4)
    return figure


def _panel(axes: Axes, panel: Panel, rows: Sequence[str], models: Sequence[str], colors: Mapping[str, str]) -> None:
    for at, model in enumerate(models):
        for place, row in enumerate(rows):
            values = panel.scores.get(model, {}).get(row)
            if values is None:
                continue
            # The first model on top, as in the legend.
            height = place + ((at + 0.5) / len(models) - 0.5) * 0.7
            axes.plot(values[[LOW, HIGH]], [height, height], color=colors[model], linewidth=0.9)
            axes.plot(values[VALUE], height, "o", color=colors[model], markersize=3, markeredgewidth=0)
    for words, value in panel.marks:
        axes.axvline(value, color=INK, linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
        # Upwards from the upper edge of the panel.
        frame, above = axes.get_xaxis_transform(), (0, 2)
        note = axes.annotate(words, (value, 1), above, xycoords=frame, textcoords="offset points", ha="center")
        note.set(color=MUTED, size=7.5)
    axes.set_xlabel(panel.label)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place in range(1, len(rows)):
        axes.axhline(place - 0.5, color=RULE, linewidth=0.3, zorder=0)
