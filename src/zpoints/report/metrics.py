"""A number of a measurement, declared once: where it stands, how it is called and shown, and what it means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from zpoints.errors import UserError
from zpoints.files import clipped
from zpoints.measurement import find
from zpoints.report.numbers import count, fixed, percent, setting, significant, text

Format = Literal["text", "count", "one", "two", "four", "percent", "significant", "setting"]

FORMATS: dict[Format, Callable[[Any], str]] = {
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
class Metric:
    """A row of the table of all models.

    column: its name in models.json and models.csv.
    place: where numbers.json holds it, dotted: `mu.peak`. One that ends in `.*` stands for all keys found there, each a
        column of its own: `share.*` with the column `share` gives share_12_to_24 for the key "12 to 24".
    name: what people call it; behind it the key, for a place that ends in `.*`.
    format: how it is shown.
    meaning: what it is, in a line.
    unit: of the number, where it has one.
    headline: whether it is one of the few DVC metrics of a model.
    """

    column: str
    place: str
    name: str
    format: Format
    meaning: str
    unit: str = ""
    headline: bool = False

    @property
    def many(self) -> bool:
        """Whether it stands for a column for each key at its place."""
        return self.place.endswith(".*")

    def values(self, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """The numbers that a measurement holds, by column; none where it holds none.

        Raises UserError where something else stands in the place of a number.
        """
        if not self.many:
            entries = {self.column: find(numbers, self.place)}
        else:
            inner = find(numbers, self.place.removesuffix(".*")) or {}
            if not isinstance(inner, Mapping):
                raise UserError(f"{self.place}: expected a mapping, received {clipped(inner)}")
            entries = {self.member(key): value for key, value in inner.items()}
        for value in entries.values():
            if value is not None and self.format not in ("text", "setting") and type(value) not in (int, float):
                raise UserError(f"{self.place}: expected a number, received {clipped(value)}")
        return {column: value for column, value in entries.items() if value is not None}

    def member(self, key: str) -> str:
        """The column of one key, for a place that ends in `.*`."""
        return f"{self.column}_{key.replace(' ', '_')}"


@dataclass(frozen=True)
class MetricGroup:
    """The metrics of one analysis, with the title of their group in the table."""

    title: str
    metrics: tuple[Metric, ...]

    def values(self, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """All columns that these numbers fill."""
        return {column: value for metric in self.metrics for column, value in metric.values(numbers).items()}
