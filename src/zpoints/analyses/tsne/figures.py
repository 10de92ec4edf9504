"""Maps of the clouds: coloured by what is known of the points, and beside the map of a Gaussian."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from zpoints.analyses.tsne.presentation import PREFIX
from zpoints.report.style import INK, MUTED, PALETTE, RULE, WIDTH, short, styled

Columns = Mapping[str, np.ndarray]
PANELS = 4
GAP, HEAD, FOOT = 0.06, 0.44, 0.02  # inches
PANEL = (WIDTH - GAP * (PANELS - 1)) / PANELS  # side of those that the sizes of points are meant for
KINDS = ListedColormap([*PALETTE, "#999999", "#7A5195", "#B8860B", "#4B6A2F"])
INNER = 0.02, 0.98  # quantiles of the radius that the colours span


@styled
def tsne(drawn: Mapping[str, Columns], colors: Mapping[str, str]) -> Figure:
    """A row for each model: its map by radius, by the first attribute, by cluster, and the map of its null.

    Args: drawn has for each model float64 arrays of one length: `x`, `y`, `null_x`, `null_y`, `radius`, `cluster`, and
    any number of attribute_NAME with 0 and 1. A data set without attributes leaves its panel out.
    """
    attribute = next((key for columns in drawn.values() for key in columns if key.startswith(PREFIX)), None)
    figure, rows = _rows(drawn, PANELS if attribute else PANELS - 1)
    for panels, (name, columns) in zip(rows, drawn.items(), strict=True):
        # Of both maps together: a null on a scale of its own could not be compared.
        limit = _limit(columns["x"], columns["y"], columns["null_x"], columns["null_y"])
        by_radius, *between, null = panels
        low, high = np.quantile(columns["radius"], INNER)
        _points(by_radius, columns["x"], columns["y"], limit, c=columns["radius"], cmap="viridis", vmin=low, vmax=high)
        by_radius.set_title(f"R {low:.3g} to {high:.3g}", color=MUTED)
        if attribute:
            have = columns[attribute] > 0
            kinds = np.where(have[:, None], [colors[name]], [RULE])[:, 0]
            _points(between[0], columns["x"], columns["y"], limit, c=kinds)
            between[0].set_title(short(attribute.removeprefix(PREFIX)), color=MUTED, parse_math=False)
        kinds = KINDS(columns["cluster"].astype(int) % KINDS.N)
        _points(between[-1], columns["x"], columns["y"], limit, c=kinds)
        between[-1].set_title("cluster", color=MUTED)
        _points(null, columns["null_x"], columns["null_y"], limit, c=MUTED)
        null.set_title("Gaussian", color=MUTED)
        _name(figure, by_radius, name)
    return figure


@styled
def atlas(drawn: Mapping[str, Sequence[tuple[str, Columns]]], abreast: int) -> Figure:
    """A row for each model: all its maps, (title, columns as above), coloured by radius, each on a scale of its own.

    abreast: panels that fill a row, at least.
    """
    figure, rows = _rows(drawn, max(abreast, *map(len, drawn.values())))
    for panels, (name, maps) in zip(rows, drawn.items(), strict=True):
        low, high = np.quantile(np.concatenate([columns["radius"] for _, columns in maps]), INNER)
        for axes, (title, columns) in zip(panels, maps, strict=False):
            limit = _limit(columns["x"], columns["y"])
            _points(axes, columns["x"], columns["y"], limit, c=columns["radius"], cmap="viridis", vmin=low, vmax=high)
            axes.set_title(title, color=MUTED)
        for axes in panels[len(maps) :]:
            axes.set_visible(False)
        _name(figure, panels[0], name)
    return figure


def _rows(drawn: Mapping[str, object], columns: int) -> tuple[Figure, np.ndarray]:
    """A figure with square panels, a row of them for each model with room for its name and titles above."""
    side = (WIDTH - GAP * (columns - 1)) / columns
    height = len(drawn) * (side + HEAD) + FOOT
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(len(drawn), columns, squeeze=False)
    figure.subplots_adjust(
        left=0, right=1, bottom=FOOT / height, top=1 - HEAD / height, wspace=GAP / side, hspace=HEAD / side
    )
    return figure, grid


def _limit(*coordinates: np.ndarray) -> float:
    return 1.05 * max(np.abs(values).max() for values in coordinates) or 1.0


def _points(axes: Axes, x: np.ndarray, y: np.ndarray, limit: float, **color: Any) -> None:
    # Smaller the more there are, so that crowds stay apart from mere points; larger in a larger panel, as all else is.
    side = axes.get_position().width * WIDTH / PANEL
    size = float(np.clip(2_000 / len(x), 0.25, 2.5)) * side**2
    axes.scatter(x, y, s=size, alpha=0.6, linewidths=0, rasterized=True, **color)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(-limit, limit)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(RULE)
    axes.title.set_fontsize(7.5)
    axes.title.set_y(0.985)


def _name(figure: Figure, first: Axes, name: str) -> None:
    """A model's name above the titles of its row."""
    text = first.annotate(
        name, (0, 1), (0, 18), xycoords="axes fraction", textcoords="offset points", weight="bold", color=INK
    )
    text.set_parse_math(False)
