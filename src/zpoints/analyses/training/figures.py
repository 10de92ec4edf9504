"""The losses of all models over the epochs: reconstruction above its floor, and the KL divergence."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from zpoints.report.style import MUTED, WIDTH, log_ticks, styled

Curves = Mapping[str, np.ndarray]
Line = tuple[str, str, np.ndarray, np.ndarray]  # model, line style, epochs, values
STYLES = {"": "--", "val_": "-"}  # training, held out


@styled
def losses(history: Mapping[str, Curves], colors: Mapping[str, str]) -> Figure:
    """A panel for each term of the loss, a color for each model; held out solid, training dashed.

    Args: history has for each model the columns `epoch`, `reco` and `val_reco`; `floor` and `val_floor` with binary
    cross-entropy, which are subtracted; `kl` and `val_kl` for a VAE. All are arrays of one length; columns other than
    `epoch` may be missing.
    """
    panels = _panels(history)
    layout = ConstrainedLayoutEngine(h_pad=0.08, hspace=0.04)
    figure = Figure(figsize=(WIDTH, 0.6 + 0.2 * -(-(len(history) + 2) // 3) + 1.85 * len(panels)), layout=layout)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (title, unit, lines) in zip(grid, panels.values(), strict=True):
        _panel(axes, title, unit, lines, colors)
    grid[-1].set_xlabel("epoch")
    grid[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    models = [Line2D([], [], color=colors[name], linewidth=3, label=name) for name in history]
    kinds = [
        Line2D([], [], color=MUTED, linestyle="-", label="held out"),
        Line2D([], [], color=MUTED, linestyle="--", label="training"),
    ]
    figure.legend(handles=[*models, *kinds], loc="outside upper left", ncols=3, handlelength=1.6, columnspacing=1.4)
    return figure


def _panels(history: Mapping[str, Curves]) -> dict[str, tuple[str, str, list[Line]]]:
    """Title, unit and lines of the panels that have any."""
    panels: dict[str, tuple[str, str, list[Line]]] = {
        "bce": ("reco above the floor (cross-entropy)", "nats per image", []),
        "mse": ("reco (squared error)", "per image", []),
        "kl": ("kl, fact included", "nats per image", []),
    }
    for name, columns in history.items():
        for prefix, style in STYLES.items():
            reco, floor, kl = (columns.get(f"{prefix}{term}") for term in ("reco", "floor", "kl"))
            if reco is not None and floor is not None:
                panels["bce"][2].append((name, style, columns["epoch"], reco - floor))
            elif reco is not None:
                panels["mse"][2].append((name, style, columns["epoch"], reco))
            # A weight of 0 leaves nothing to show on a logarithmic axis.
            if kl is not None and (kl > 0).any():
                panels["kl"][2].append((name, style, columns["epoch"], kl))
    return {key: panel for key, panel in panels.items() if panel[2]}


def _panel(axes: Axes, title: str, unit: str, lines: list[Line], colors: Mapping[str, str]) -> None:
    shown = []
    for name, style, epoch, values in lines:
        marker = "o" if len(epoch) < 4 else None
        positive = np.where(values > 0, values, np.nan)
        axes.plot(epoch, positive, style, color=colors[name], marker=marker, markersize=3)
        shown.append(positive[np.isfinite(positive)])
    every = np.concatenate(shown)
    axes.set_yscale("log")
    if every.size:
        low, high = every.min() / 1.15, every.max() * 1.15
        axes.set_ylim(low, high)
        log_ticks(axes.yaxis, low, high)
    axes.set_title(title, loc="left")
    axes.set_ylabel(unit)
    axes.grid(axis="y")
