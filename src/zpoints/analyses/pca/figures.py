"""How many principal axes the z-points of each model need: cumulative variance, all models in one picture."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from zpoints.report.style import MUTED, RULE, WIDTH, styled

Spectra = Mapping[str, Mapping[str, np.ndarray]]
LEVELS = (0.5, 0.9, 0.99)


@styled
def spectrum(spectra: Spectra, colors: Mapping[str, str]) -> Figure:
    """A line for each model, from no axis at 0, dashed for independent axes of the same variances.

    Args: spectra has for each model float64 arrays of one length: `rank` from 1, `cumulative` and
    `independent_cumulative`, shares of the variance.
    """
    figure = Figure(figsize=(WIDTH, 3.1 + 0.2 * -(-(len(spectra) + 2) // 3)), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    for level in LEVELS:
        axes.axhline(level, color=RULE, linewidth=0.5)
    for name, table in spectra.items():
        ranks = np.append(0, table["rank"])
        axes.plot(ranks, np.append(0, table["independent_cumulative"]), "--", color=colors[name], linewidth=0.9)
        axes.plot(ranks, np.append(0, table["cumulative"]), "-", color=colors[name])
    axes.set_xlim(0, max(table["rank"][-1] for table in spectra.values()))
    axes.set_ylim(0, 1.005)
    axes.set_yticks([0, *LEVELS])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("principal axes")
    axes.set_ylabel("share of the variance")
    models = [Line2D([], [], color=colors[name], linewidth=3, label=name) for name in spectra]
    kinds = [
        Line2D([], [], color=MUTED, linestyle="-", label="mu"),
        Line2D([], [], color=MUTED, linestyle="--", linewidth=0.9, label="independent axes"),
    ]
    figure.legend(handles=[*models, *kinds], loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure
