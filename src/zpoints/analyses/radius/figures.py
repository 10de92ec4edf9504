"""Where the z-points of all models lie: the law of their radius beside those of N(0, I) and of a Gaussian like them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zpoints.report.figures.ridgeline import extent, rows, scaled
from zpoints.report.style import INK, MUTED, RULE, log_ticks, styled

# z is drawn beside mu where their cumulative laws are this far apart: more than the noise of a few thousand points.
VISIBLE = 0.03
# On a linear axis the narrowest model would be crushed where the ranges differ by more.
RATIO = 4.0
KINDS = ("chi", "mu", "gaussian_mu", "z")

Laws = Mapping[str, Mapping[str, np.ndarray]]


@styled
def radius(laws: Laws, notes: Mapping[str, str], colours: Mapping[str, str]) -> Figure:
    """A row for each model: mu filled, a Gaussian of equal moments a line, z dashed where it differs, N(0, I) grey.

    Args: laws has for each model float64 arrays of one length, the centres `radius` of bins from 0 and the shares of
    the points in them: `mu`, `chi` (the expectation for N(0, I)), for a VAE `z`, and maybe `gaussian_mu`, the law of a
    Gaussian with the mean and covariance of mu. A note stands at each row's right.
    """
    edges = {name: _edges(law["radius"]) for name, law in laws.items()}
    drawn = {
        name: [kind for kind in KINDS if kind in law and (kind != "z" or differs(law))] for name, law in laws.items()
    }
    legend: list[Artist] = [Patch(color=RULE, label="N(0, I)"), Patch(color=MUTED, alpha=0.55, label="mu")]
    if any("gaussian_mu" in kinds for kinds in drawn.values()):
        legend.append(Line2D([], [], color=INK, linewidth=0.9, label="Gaussian like mu"))
    if any("z" in kinds for kinds in drawn.values()):
        legend.append(Line2D([], [], color=INK, linestyle="--", linewidth=1, label="z"))
    figure, grid = rows(list(laws), [notes[name] for name in laws], "radius R", legend)
    spans = {}
    for axes, (name, law) in zip(grid, laws.items(), strict=True):
        for kind in drawn[name]:
            heights = scaled(law[kind])
            if kind == "chi":
                axes.stairs(heights, edges[name], fill=True, color=RULE)
            elif kind == "mu":
                axes.stairs(heights, edges[name], fill=True, color=colours[name], alpha=0.55)
                axes.stairs(heights, edges[name], color=colours[name], linewidth=0.8)
            elif kind == "gaussian_mu":
                axes.stairs(heights, edges[name], color=INK, linewidth=0.9)
            else:
                axes.stairs(heights, edges[name], color=INK, linewidth=1, linestyle="--")
            spans[name, kind] = extent(law[kind], edges[name])
    reached = [span for span in spans.values() if span]
    low, high = min(span[0] for span in reached), max(span[1] for span in reached)
    if high > RATIO * min(span[1] for span in reached):
        low = max(low, min(edge[1] for edge in edges.values()) / 2) * 0.9
        grid[0].set_xscale("log")
        grid[-1].set_xlabel("radius R, logarithmic")
        grid[0].set_xlim(low, high * 1.1)
        log_ticks(grid[-1].xaxis, low, high)
    else:
        grid[0].set_xlim(0, high * 1.04)
    return figure


def differs(law: Mapping[str, np.ndarray]) -> bool:
    """Whether the radius of z follows visibly another law than that of mu."""
    return "z" in law and np.abs(np.cumsum(law["mu"] - law["z"])).max() > VISIBLE


def _edges(centres: np.ndarray) -> np.ndarray:
    """Edges of equal bins from 0; the first centre is half a bin."""
    return 2 * centres[0] * np.arange(len(centres) + 1)
