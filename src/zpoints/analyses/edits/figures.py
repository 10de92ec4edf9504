"""What an edit achieves and what it costs: success against identity, strength by strength."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from zpoints.report.style import INK, MUTED, RULE, WIDTH, styled

HEIGHT = 2.6  # inches
# Of each kind of direction: the line it gets. The nulls are told apart by it, the models by their color.
LINES: dict[str, Literal["-", "--", ":"]] = {"": "-", "faces_": "--", "random_": ":"}
NAMES = {"": "direction of the attribute", "faces_": "difference of two faces", "random_": "any direction"}
Curves = Mapping[str, Mapping[str, np.ndarray]]


@styled
def tradeoff(panels: Mapping[str, Curves], threshold: float, colors: Mapping[str, str]) -> Figure:
    """A panel for each kind of direction; a line from no edit, at the right end, to the strongest, at the left.

    Args: panels has for each title and model float64 arrays of one length, strength by strength: `success` and
    `identity`, and the same of the nulls, `faces_success`, `random_identity` and so on. At the threshold successes
    are compared: a line.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout=ConstrainedLayoutEngine())
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(grid, panels.items(), strict=True):
        axes.axvline(threshold, color=RULE, linewidth=0.8)
        for name, columns in curves.items():
            for prefix, line in LINES.items():
                marker = {"marker": "o", "markersize": 2.6} if not prefix else {}
                axes.plot(
                    columns[f"{prefix}identity"],
                    columns[f"{prefix}success"],
                    line,
                    color=colors[name],
                    linewidth=1.4 if not prefix else 0.9,
                    **marker,
                )
        axes.set_title(title, loc="left", color=INK)
        axes.set_xlabel("identity kept")
        axes.grid(axis="y")
        axes.set_ylim(0, 1.02)
    grid[0].set_ylabel("edits that succeed")
    models = {name: None for curves in panels.values() for name in curves}
    handles = [Line2D([], [], color=colors[name], label=name) for name in models]
    handles += [
        Line2D([], [], color=MUTED, linestyle=line, linewidth=1, label=NAMES[prefix]) for prefix, line in LINES.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure
