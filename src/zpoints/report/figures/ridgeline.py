"""One histogram above the other, a row for each model, on one common axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zpoints.report.style import INK, MUTED, WIDTH

ROW, HEAD, FOOT = 0.78, 0.42, 0.5  # inches


def rows(
    titles: Sequence[str], notes: Sequence[str], xlabel: str, legend: Sequence[Artist]
) -> tuple[Figure, list[Axes]]:
    """A figure with a row for each title: the title at its left, a note at its right, a legend above all."""
    height = HEAD + ROW * len(titles) + FOOT
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(len(titles), 1, sharex=True, squeeze=False)[:, 0]
    figure.subplots_adjust(left=0.03, right=0.97, top=1 - (HEAD + 0.12) / height, bottom=FOOT / height, hspace=0.62)
    for axes, title, note in zip(grid, titles, notes, strict=True):
        axes.set_yticks([])
        axes.set_ylim(0, 1.05)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", length=2)
        axes.grid(axis="x")
        axes.text(0, 1.04, title, transform=axes.transAxes, va="bottom", weight="bold", color=INK)
        axes.text(1, 1.04, note, transform=axes.transAxes, va="bottom", ha="right", color=MUTED, size=8.5)
    grid[-1].set_xlabel(xlabel)
    figure.legend(
        handles=legend, loc="upper left", ncols=len(legend), handlelength=1.4, columnspacing=1.4, borderaxespad=0.3
    )
    return figure, list(grid)


def scaled(shares: np.ndarray) -> np.ndarray:
    """Shares in units of the largest: laws of very different width stay visible side by side."""
    return shares / max(shares.max(initial=0), np.finfo(float).tiny)


def extent(shares: np.ndarray, edges: np.ndarray, outside: float = 1e-3) -> tuple[float, float] | None:
    """From where to where a histogram lies, but for a share of `outside` on either side; None for an empty one."""
    total = shares.sum()
    if not total > 0:
        return None
    below = np.cumsum(shares) / total
    first, last = np.searchsorted(below, [outside, 1 - outside])
    return float(edges[first]), float(edges[min(last, len(shares) - 1) + 1])
