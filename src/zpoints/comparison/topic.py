"""What one measurement gives to the comparison of all models: numbers for the table, and curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# How a number is shown; zpoints.report.numbers holds the functions.
Form = Literal["text", "count", "one", "two", "four", "percent", "significant", "setting"]


@dataclass(frozen=True)
class Quantity:
    """A row of the table: its column in models.json, where the measurement holds it, and what people read of it.

    `place` is dotted: `mu.peak`. One that ends in `.*` stands for all keys found there, each a column of its own:
    `share.*` with the column `share` gives share_12_to_24 for the key "12 to 24", and its name gets the key behind it.
    """

    column: str
    place: str
    name: str
    form: Form
    explanation: str
    unit: str = ""

    @property
    def family(self) -> bool:
        """Whether it stands for a column for each key at its place."""
        return self.place.endswith(".*")

    def values(self, measurement: Mapping[str, Any]) -> dict[str, Any]:
        """The numbers that a measurement holds, by column; none where it holds none."""
        if not self.family:
            value = find(measurement, self.place)
            return {} if value is None else {self.column: value}
        found = find(measurement, self.place.removesuffix(".*")) or {}
        return {self.member(key): value for key, value in found.items() if value is not None}

    def member(self, key: str) -> str:
        """The column of a family's key."""
        return f"{self.column}_{key.replace(' ', '_')}"


@dataclass(frozen=True)
class Curve:
    """NAME.csv of each model, beside its measurements or its weights, with the columns that a reader needs at least.

    Columns among `words` hold texts, all others numbers.
    With `vae_only` a plain autoencoder's file has a header alone, or there is none.
    """

    name: str
    columns: tuple[str, ...]
    words: tuple[str, ...] = ()
    vae_only: bool = False
    folder: Literal["measurements", "models"] = "measurements"


@dataclass(frozen=True)
class Topic:
    """A measurement NAME.json of each model, with the title of its group in the table.

    With `vae_only` there is no such file for a plain autoencoder.
    """

    name: str
    title: str
    quantities: tuple[Quantity, ...]
    curves: tuple[Curve, ...] = ()
    vae_only: bool = False


def find(content: Mapping[str, Any], place: str) -> Any:
    """The value at a dotted place, None where there is none; the last part may itself hold a dot (quantile.0.5)."""
    if place in content:
        return content[place]
    head, _, rest = place.partition(".")
    inner = content.get(head)
    return find(inner, rest) if rest and isinstance(inner, Mapping) else None
