"""How alike the latent spaces of all models are: a square for each pair, with its number."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from zpoints.figures.style import INK, MUTED, PALETTE, WIDTH, styled

SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", PALETTE[0]])
DARK = 0.6  # from here on numbers are white


@styled
def similarity(names: Sequence[str], values: np.ndarray, colours: Mapping[str, str]) -> Figure:
    """A matrix (models, models) of numbers from 0 to 1, each written into its square; NaN leaves a square empty."""
    figure = Figure(figsize=(WIDTH, 0.62 * len(names) + 0.9), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    axes.imshow(values, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
    for row, column in np.argwhere(np.isfinite(values)):
        value = values[row, column]
        ink = MUTED if row == column else "white" if value > DARK else INK
        if row == column:
            axes.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5, color="white", linewidth=0)
        axes.text(column, row, f"{value:.3f}" if row != column else "1", ha="center", va="center", color=ink)
    places = range(len(names))
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for label, name in zip([*axes.get_xticklabels(), *axes.get_yticklabels()], [*names, *names], strict=True):
        label.set(color=colours[name], weight="bold")
    if len(names) > 5:
        axes.tick_params(axis="x", rotation=30)
    return figure
