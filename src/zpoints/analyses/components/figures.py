"""Single axes of the latent space: the law of mu along the strongest and a median one, beside a normal."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zpoints.report.figures.ridgeline import rows
from zpoints.report.style import INK, MUTED, styled

Laws = Mapping[str, Mapping[str, np.ndarray]]


@styled
def components(laws: Laws, notes: Mapping[str, str], colors: Mapping[str, str]) -> Figure:
    """A row for each model: its strongest axis filled, the median one dashed, a normal a line, all on one scale.

    Args: laws has for each model float64 arrays of one length, the centres `deviation` of equal bins in standard
    deviations, and the shares of the points in them: `strongest`, `median` and `normal`. A note stands at each row's
    right.
    """
    legend = [
        Patch(color=MUTED, alpha=0.55, label="strongest axis"),
        Line2D([], [], color=INK, linestyle="--", linewidth=1, label="median axis"),
        Line2D([], [], color=INK, linewidth=0.8, label="normal"),
    ]
    label = "deviation from the mean, in standard deviations"
    figure, grid = rows(list(laws), [notes[name] for name in laws], label, legend)
    for axes, (name, law) in zip(grid, laws.items(), strict=True):
        centres = law["deviation"]
        width = centres[1] - centres[0]
        edges = np.append(centres - width / 2, centres[-1] + width / 2)
        # One scale for all three: how much higher than a normal a law peaks is what is to be seen.
        top = max(law[kind].max() for kind in ("strongest", "median", "normal"))
        axes.stairs(law["strongest"] / top, edges, fill=True, color=colors[name], alpha=0.55)
        axes.stairs(law["strongest"] / top, edges, color=colors[name], linewidth=0.8)
        axes.stairs(law["median"] / top, edges, color=INK, linewidth=1, linestyle="--")
        # On top: behind the filled law it would not be seen.
        axes.stairs(law["normal"] / top, edges, color=INK, linewidth=0.8)
    grid[0].set_xlim(edges[0], edges[-1])
    return figure
