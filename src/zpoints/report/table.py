"""The table of all models as people read it: groups of lines, with numbers as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from zpoints.report.metrics import FORMATS, Metric, MetricGroup
from zpoints.report.results import Rows


@dataclass(frozen=True)
class Line:
    """A row of the table, with its values, raw and as shown, by model; None where a model has none."""

    column: str
    name: str
    unit: str
    meaning: str
    cells: list[tuple[Any, str]]


@dataclass(frozen=True)
class Group:
    """Lines of one analysis."""

    title: str
    lines: list[Line]


def table(rows: Rows, groups: Iterable[MetricGroup]) -> list[Group]:
    """The table; a metric that no model has is left out, and so is an empty group."""
    filled = [
        Group(group.title, [line for metric in group.metrics for line in _lines(rows, metric)]) for group in groups
    ]
    return [group for group in filled if group.lines]


def _lines(rows: Rows, metric: Metric) -> list[Line]:
    """A line, or one for each key where the metric stands for many; none where no model has the metric."""
    columns = {metric.column: metric.name}
    if metric.many:
        start = metric.member("")
        keys = dict.fromkeys(column for row in rows.values() for column in row if column.startswith(start))
        columns = {column: f"{metric.name} {column.removeprefix(start).replace('_', ' ')}" for column in keys}
    show, lines = FORMATS[metric.format], []
    for column, name in columns.items():
        values = [row.get(column) for row in rows.values()]
        if any(value is not None for value in values):
            cells = [(value, show(value)) for value in values]
            lines.append(Line(column, name, metric.unit, metric.meaning, cells))
    return lines
