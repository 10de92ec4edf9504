"""The table of all models as people read it: groups of lines, with numbers as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from zpoints.comparison import entry
from zpoints.comparison.topic import Form, Quantity
from zpoints.comparison.topics import TOPICS
from zpoints.report.numbers import count
from zpoints.report.numbers import fixed
from zpoints.report.numbers import percent
from zpoints.report.numbers import setting
from zpoints.report.numbers import significant
from zpoints.report.numbers import text

Rows = Mapping[str, Mapping[str, Any]]

FORMS: dict[Form, Callable[[Any], str]] = {
    "text": text,
    "count": count,
    "one": partial(fixed, digits=1),
    "two": partial(fixed, digits=2),
    "four": partial(significant, digits=4),
    "percent": percent,
    "significant": significant,
    "setting": setting,
}


@dataclass(frozen=True)
class Line:
    """A row of the table, with its values, raw and as shown, by model; None where a model has none."""

    column: str
    name: str
    unit: str
    explanation: str
    cells: list[tuple[Any, str]]


@dataclass(frozen=True)
class Group:
    """Lines of one topic."""

    title: str
    lines: list[Line]


def groups(rows: Rows) -> list[Group]:
    """The table; a quantity that no model has is left out, and so is an empty group."""
    themes = [(entry.TITLE, entry.QUANTITIES), *((topic.title, topic.quantities) for topic in TOPICS)]
    made = [Group(title, [line for one in quantities for line in _lines(rows, one)]) for title, quantities in themes]
    return [group for group in made if group.lines]


def words() -> set[str]:
    """Columns that hold no numbers."""
    everything = [*entry.QUANTITIES, *(quantity for topic in TOPICS for quantity in topic.quantities)]
    return {quantity.column for quantity in everything if quantity.form == "text"}


def _lines(rows: Rows, quantity: Quantity) -> list[Line]:
    """One, or one for each key of a family; none where no model has the quantity."""
    columns = {quantity.column: quantity.name}
    if quantity.family:
        start = quantity.member("")
        found = dict.fromkeys(column for row in rows.values() for column in row if column.startswith(start))
        columns = {column: f"{quantity.name} {column.removeprefix(start).replace('_', ' ')}" for column in found}
    known = [column for column in columns if any(row.get(column) is not None for row in rows.values())]
    return [
        Line(column, columns[column], quantity.unit, quantity.explanation, _cells(rows, column, FORMS[quantity.form]))
        for column in known
    ]


def _cells(rows: Rows, column: str, form: Callable[[Any], str]) -> list[tuple[Any, str]]:
    values = [row.get(column) for row in rows.values()]
    return [(value, form(value)) for value in values]
