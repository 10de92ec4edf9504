"""How alike the latent spaces of all models are: a square for each pair, with its number."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from zpoints.report.style import INK, MUTED, PALETTE, WIDTH, styled

SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", PALETTE[0]])
LINEAR = np.array([0.2126, 0.7152, 0.0722])  # luminance of red, green and blue light


@styled
def similarity(names: Sequence[str], values: np.ndarray) -> Figure:
    """A matrix (models, models) of numbers from 0 to 1, each written into its square; NaN leaves a square empty."""
    figure = Figure(figsize=(WIDTH, 0.62 * len(names) + 0.9), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    axes.imshow(values, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
    for row, column in np.argwhere(np.isfinite(values)):
        value = values[row, column]
        ink = MUTED if row == column else readable(SHADES(float(value))[:3])
        if row == column:
            axes.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5, color="white", linewidth=0)
        axes.text(column, row, f"{value:.3f}" if row != column else "1", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(names)), names, parse_math=False)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    # In ink: names in their models' colours are too faint to read.
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(color=INK, weight="bold")
    if len(names) > 5:
        axes.tick_params(axis="x", rotation=30)
    return figure


def readable(shade: Sequence[float]) -> str:
    """White or ink, whichever stands out more on this colour (contrast as in WCAG 2.2)."""
    light = luminance(shade)
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / (luminance(to_rgb(INK)) + 0.05) else INK


def luminance(shade: Sequence[float]) -> float:
    """Relative luminance of an sRGB colour, parts from 0 to 1."""
    parts = np.asarray(shade, float)
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ LINEAR)
