"""Every declared number over trainings that differ in their seed alone: n, mean, standard deviation, 95% interval.

The unit is a training. The interval is Student's t over trainings; that of one training's images is another matter.
"""

import json
import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from zpoints.analyses import discovery
from zpoints.measurement import NUMBERS, Measurement, find
from zpoints.report.answers import mean, without_seeds
from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.models import MODEL
from zpoints.stats.confidence import CONFIDENCE

SEED_TAG = re.compile(r"o?s(\d+|null)")  # in names of models
OF_HISTORY = MetricGroup(
    "Training, epoch by epoch",
    (
        Metric("training_warnings", "warnings", "warnings", "count", "Warnings of the divergence monitor, all epochs."),
        Metric(
            "radius_jump",
            "radius_jump",
            "largest jump of R",
            "two",
            "Mean R of the held-out probe over that of the epoch before, the largest from the third epoch on.",
        ),
    ),
)


@dataclass(frozen=True)
class Training:
    """One trained model: its name, the name of its setting (without the seed), the seed, and all its numbers.

    setting: what it was trained with, as plain data, without its seeds.
    numbers: by column, as in the table of all models.
    origin: commit, data, split and image_size, where they are known.
    """

    name: str
    group: str
    seed: int
    setting: Mapping[str, Any]
    numbers: Mapping[str, Any]
    origin: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Summary:
    """A number over the trainings of one setting; std and the interval are None for a single training.

    low, high: the 95% interval of the mean.
    """

    group: str
    column: str
    n: int
    mean: float
    std: float | None
    low: float | None
    high: float | None


def read_numbers(
    entry: Mapping[str, Any], measurements: Path, trained: Path, places: Sequence[str] = ()
) -> dict[str, Any] | None:
    """The numbers of one training by column; None where it is not trained yet.

    measurements: holds the analyses of this model, each in its folder; those that were not asked are left out.
    trained: the measurement of the stage train. places: more columns, ANALYSIS:PLACE in the numbers.json of one.
    Raises UserError for a damaged measurement.
    """
    if not (trained / NUMBERS).exists():
        return None
    numbers = MODEL.values(entry) | _of_history(Measurement.read(trained))
    for name in discovery.presented():
        folder = measurements / name if discovery.measured(name) else trained
        if not (folder / NUMBERS).exists():  # not asked, or of pairs
            continue
        found = Measurement.read(folder)
        if found.reason is None:
            numbers |= discovery.presentation(name).METRICS.values(found.numbers)
            for place in places:
                analysis, _, inner = place.partition(":")
                value = find(found.numbers, inner) if analysis == name else None
                if _is_number(value):
                    numbers[place] = value
    return numbers


def _of_history(trained: Measurement) -> dict[str, Any]:
    """The numbers of OF_HISTORY, where the history has what they need."""
    history = trained.tables.get("history")
    if history is None:
        return {}
    result: dict[str, Any] = {}
    if "warnings" in history:
        result["training_warnings"] = int(history["warnings"].sum())
    if "radius_mean" in history and len(history) > 2:
        radius = history["radius_mean"].to_numpy(dtype=float)
        result["radius_jump"] = float((radius[2:] / radius[1:-1]).max())
    return {key: value for key, value in result.items() if _is_number(value)}


def summarise(trainings: Sequence[Training]) -> list[Summary]:
    """A line for each setting and each number that any of its trainings has; what the entry says itself is left out."""
    entry_columns = {metric.column for metric in MODEL.metrics}
    groups: dict[str, list[Training]] = {}
    for training in trainings:
        groups.setdefault(training.group, []).append(training)
    result = []
    for group, members in groups.items():
        for column in dict.fromkeys(column for member in members for column in member.numbers):
            values = [member.numbers[column] for member in members if _is_number(member.numbers.get(column))]
            if column in entry_columns or not values:
                continue
            middle, std, low, high = values[0], None, None, None
            if len(values) > 1:
                std, (middle, low, high) = statistics.stdev(values), mean(values)
            result.append(Summary(group, column, len(values), middle, std, low, high))
    return result


def tables(trainings: Sequence[Training], summaries: Iterable[Summary]) -> dict[str, pd.DataFrame]:
    """`trainings`, a line for each with all its numbers; `replicates`, a line for each setting and number."""
    metrics = declared()
    lines = []
    for summary in summaries:
        title, metric = metric_of(summary.column, metrics)
        named = {"unit": metric.unit, "name": metric.name} if metric else {"unit": "", "name": ""}
        lines.append({**vars(summary), "analysis": title, **named})
    rows = []
    for item in trainings:
        setting = json.dumps(item.setting, sort_keys=True)
        known = {"model": item.name, "group": item.group, "seed": item.seed, "setting": setting}
        rows.append({**known, **item.origin, **item.numbers})
    return {"trainings": pd.DataFrame(rows), "replicates": pd.DataFrame(lines)}


def declared() -> list[tuple[str, Metric]]:
    """All metrics of all analyses that the table shows, with the titles of their groups."""
    groups = [*(discovery.presentation(name).METRICS for name in discovery.presented()), OF_HISTORY]
    return [(group.title, metric) for group in groups for metric in group.metrics]


def metric_of(column: str, metrics: Sequence[tuple[str, Metric]]) -> tuple[str, Metric | None]:
    """The metric that a column belongs to, with the title of its group."""
    for title, metric in metrics:
        if column == metric.column or (metric.many and column.startswith(metric.member(""))):
            return title, metric
    return "", None


def numbers_of(summaries: Iterable[Summary]) -> dict[str, Any]:
    """The summaries as JSON: by setting, then by number."""
    result: dict[str, Any] = {}
    for summary in summaries:
        content = {key: value for key, value in vars(summary).items() if key not in ("group", "column")}
        result.setdefault(summary.group, {})[summary.column] = content
    return {"confidence": CONFIDENCE, "unit": "training", "groups": result}


def grouped(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The group of each model by what it is trained with: the name of the first of equal setting, without its seed."""
    names: dict[str, str] = {}
    result = {}
    for model, setting in settings.items():
        key = json.dumps(without_seeds(setting), sort_keys=True)
        name = "-".join(part for part in model.split("-") if not SEED_TAG.fullmatch(part))
        result[model] = names.setdefault(key, name)
    return result


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
