"""Figures over trainings: a dot for each, the rate-distortion curve, the radius against the dimensions."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from zpoints.report.metrics import Metric
from zpoints.report.style import INK, MUTED, PALETTE, WIDTH, log_ticks, styled
from zpoints.sweeps.replicates import Summary, Training

DOTS: dict[str, Any] = {"ls": "", "marker": "o", "ms": 3.5, "mec": "none", "alpha": 0.7}


@styled
def dots(trainings: Sequence[Training], summaries: Sequence[Summary], metrics: Sequence[Metric]) -> Figure:
    """For each metric a panel: a row for each setting, a dot for each training, and the interval of their mean."""
    groups = list(dict.fromkeys(training.group for training in trainings))
    figure = Figure(figsize=(WIDTH, len(metrics) * (0.55 + 0.17 * len(groups))), layout="constrained")
    found = {(summary.group, summary.column): summary for summary in summaries}
    for axes, metric in zip(figure.subplots(len(metrics), squeeze=False)[:, 0], metrics, strict=True):
        for row, group in enumerate(groups):
            values = [
                item.numbers[metric.column]
                for item in trainings
                if item.group == group and metric.column in item.numbers
            ]
            axes.plot(values, [row] * len(values), **DOTS, color=PALETTE[0])
            summary = found.get((group, metric.column))
            if summary and summary.low is not None and summary.high is not None:
                axes.plot([summary.low, summary.high], [row + 0.3] * 2, color=INK, lw=1)
                axes.plot(summary.mean, row + 0.3, "|", color=INK, ms=5)
        axes.set(title=f"{metric.name}{f' ({metric.unit})' if metric.unit else ''}", ylim=(len(groups) - 0.4, -0.6))
        axes.set_yticks(range(len(groups)), groups)
    return figure


@styled
def rate_distortion(trainings: Sequence[Training]) -> Figure | None:
    """Distortion against rate of held-out images, a dot for each training, labelled with fact.

    From z and in the nats of a textbook's ELBO, where the analysis rate_distortion measured them; else the losses of
    training. None where fewer than three values of fact were trained.
    """
    vaes = [(item.setting["fact"], item.numbers) for item in trainings if item.setting.get("fact")]
    points = [
        (fact, found["rate"], found["distortion_z"]) for fact, found in vaes if {"rate", "distortion_z"} <= {*found}
    ]
    label = "distortion from z, nats"
    if len({fact for fact, _, _ in points}) < 3:
        names, label = ("held_out_kl", "held_out_above_floor"), "loss above its floor, nats"
        points = [(fact, found[names[0]] / fact, found[names[1]]) for fact, found in vaes if {*names} <= {*found}]
    points = [point for point in points if point[1] > 0]
    facts = sorted({fact for fact, _, _ in points})
    if len(facts) < 3:
        return None
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    axes = figure.subplots()
    means = []
    for fact in facts:
        rates, losses = zip(*((rate, loss) for other, rate, loss in points if other == fact), strict=True)
        axes.plot(rates, losses, **DOTS, color=PALETTE[0])
        means.append((math.exp(np.mean(np.log(rates))), float(np.mean(losses))))
        axes.annotate(f"{fact:g}", means[-1], xytext=(4, 4), textcoords="offset points", color=MUTED, fontsize=7.5)
    axes.plot(*zip(*means, strict=True), color=PALETTE[0], lw=0.8)
    axes.set(xscale="log", xlabel="rate: KL divergence of an image, nats", ylabel=label)
    log_ticks(axes.xaxis, min(rate for _, rate, _ in points), max(rate for _, rate, _ in points))
    return figure


@styled
def radius_of_dimensions(trainings: Sequence[Training]) -> Figure | None:
    """The peak of the radius against sqrt(z_dim), with the line of N(0, I); None for a single z_dim."""
    known = [item for item in trainings if "radius_peak" in item.numbers]
    roots = sorted({math.sqrt(item.setting["z_dim"]) for item in known})
    if len(roots) < 2:
        return None
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    axes = figure.subplots()
    # A colour for each setting but for z_dim: its fact, or none for an autoencoder.
    kinds = list(dict.fromkeys((item.setting["kind"], item.setting.get("fact")) for item in known))
    for place, (kind, fact) in enumerate(kinds):
        members = [item for item in known if (item.setting["kind"], item.setting.get("fact")) == (kind, fact)]
        axes.plot(
            [math.sqrt(item.setting["z_dim"]) for item in members],
            [item.numbers["radius_peak"] for item in members],
            **DOTS,
            color=PALETTE[place % len(PALETTE)],
            label=kind if fact is None else f"{kind}, fact {fact:g}",
        )
    axes.plot([0, roots[-1]], [0, roots[-1]], color=MUTED, lw=0.8, ls="--", label="sqrt(z_dim)")
    axes.set(xlabel="sqrt(z_dim)", ylabel="peak of R", xlim=(0, None), ylim=(0, None))
    axes.legend()
    return figure
