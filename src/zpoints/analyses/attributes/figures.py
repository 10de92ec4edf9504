"""What can be read off mu: a row for each attribute or factor, a dot with its interval for each model."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zpoints.report.style import MUTED, RULE, WIDTH, short, styled

# Of each probe: value, ends of its interval, null, and the ends of what chance allows.
VALUE, LOW, HIGH, NULL, CHANCE_LOW, CHANCE_HIGH = range(6)
Probes = Mapping[str, Mapping[str, np.ndarray]]


@styled
def attributes(probes: Probes, xlabel: str, chance: float, colors: Mapping[str, str]) -> Figure:
    """A row for each label, sorted by the mean of its values over the models; what chance allows in grey.

    Args: probes has for each model and label six numbers, float64 (6,), in the order above. `chance` is the value of a
    probe that knows nothing; it and 1 are always in sight.
    """
    names = {name for labels in probes.values() for name in labels}
    means = {
        name: np.mean([labels[name][VALUE] for labels in probes.values() if name in labels]) for name in sorted(names)
    }
    order = sorted(means, key=lambda name: means[name])
    pitch = 0.12 + 0.045 * len(probes)  # inches a row
    legend_lines = -(-(len(probes) + 2) // 4)
    figure = Figure(figsize=(WIDTH, pitch * len(order) + 0.6 + 0.2 * legend_lines), layout=ConstrainedLayoutEngine())
    axes = figure.subplots()
    reach = [chance, 1.0]
    for row, name in enumerate(order):
        known = {model: labels[name] for model, labels in probes.items() if name in labels}
        low = min(values[CHANCE_LOW] for values in known.values())
        high = max(values[CHANCE_HIGH] for values in known.values())
        axes.fill_between([low, high], row - 0.5, row + 0.5, color=RULE, linewidth=0)
        for line, model in enumerate(probes):
            if model not in known:
                continue
            values = known[model]
            # The first model on top, as in the legend.
            height = row + (0.5 - (line + 0.5) / len(probes)) * 0.7
            axes.plot(values[[LOW, HIGH]], [height, height], color=colors[model], linewidth=0.9)
            axes.plot(values[VALUE], height, "o", color=colors[model], markersize=2.6, markeredgewidth=0)
            axes.plot(values[NULL], height, "|", color=MUTED, markersize=2.6, markeredgewidth=0.6)
            reach += [values[LOW], values[NULL]]
        reach += [low, high]
    axes.set_yticks(range(len(order)), [short(name) for name in order], fontsize=7.5, parse_math=False)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    margin = 0.02 * (max(reach) - min(reach))
    axes.set_xlim(min(reach) - margin, max(reach) + margin)
    axes.axvline(chance, color=MUTED, linewidth=0.6)
    axes.set_xlabel(xlabel)
    handles = [Line2D([], [], color=colors[name], marker="o", markersize=3, linewidth=1, label=name) for name in probes]
    null = Line2D([], [], color=MUTED, marker="|", linestyle="none", markersize=5, label="shuffled labels")
    grey = Patch(color=RULE, label="chance")
    legend = figure.legend(
        handles=[*handles, null, grey], loc="outside upper left", ncols=4, handlelength=1.4, columnspacing=1.4
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure
