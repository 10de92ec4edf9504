"""How much noise each VAE adds to its z-points: the histogram of logvar over all components."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zpoints.report.figures.ridgeline import extent, rows, scaled
from zpoints.report.style import INK, MUTED, styled

Laws = Mapping[str, Mapping[str, np.ndarray]]


@styled
def logvar(laws: Laws, notes: Mapping[str, str], colors: Mapping[str, str]) -> Figure:
    """A row for each VAE, with the prior's logvar = 0 marked.

    Args: laws has for each VAE float64 arrays of one length, the centres `logvar` of equal bins and the `share` of all
    components in them. A note stands at each row's right.
    """
    prior = Line2D([], [], color=INK, linestyle=":", linewidth=1, label="the prior, sigma = 1")
    legend = [Patch(color=MUTED, alpha=0.55, label="logvar"), prior]
    figure, grid = rows(list(laws), [notes[name] for name in laws], "logvar = ln(sigma²)", legend)
    low, high = 0.0, 0.0
    for axes, (name, law) in zip(grid, laws.items(), strict=True):
        edges = _edges(law["logvar"])
        axes.stairs(scaled(law["share"]), edges, fill=True, color=colors[name], alpha=0.55)
        axes.stairs(scaled(law["share"]), edges, color=colors[name], linewidth=0.8)
        axes.axvline(0, color=INK, linestyle=":", linewidth=1)
        first, last = extent(law["share"], edges, outside=1e-4) or (low, high)
        low, high = min(low, first), max(high, last)
    grid[0].set_xlim(low - 0.5, high + 0.5)
    return figure


def _edges(centres: np.ndarray) -> np.ndarray:
    """Edges of equal bins; a single one is drawn half a unit wide."""
    width = np.diff(centres).mean() if len(centres) > 1 else 0.5
    return np.append(centres - width / 2, centres[-1] + width / 2)
