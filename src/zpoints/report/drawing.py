"""What a section of the report gives to the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing, significant

Tints = Mapping[str, str]  # a colour for each model


@dataclass(frozen=True)
class Drawing:
    """A figure, and the text for those who do not see it."""

    figure: Figure
    alt: str


def nothing(inputs: Inputs) -> dict[str, Any]:
    """No names beyond those that every template has."""
    return {}


def no_plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """No figures."""
    return {}


def told(inputs: Inputs, column: str, what: str = "", show: Callable[[float | None], str] = significant) -> str:
    """A number of every model that has it, for those who do not see a figure: "peak 16.2 for ae and 5.25 for vae"."""
    known = {name: row[column] for name, row in inputs.rows.items() if row.get(column) is not None}
    return f"{what} {listing([f'{show(value)} for {name}' for name, value in known.items()])}".strip()


@dataclass(frozen=True)
class Section:
    """A part of the page: sections/NAME.html, its figures by name, and what its template needs besides.

    One without a title has no heading and no place in the contents; one that is not `shown` is left out.
    """

    name: str
    title: str | Callable[[Inputs], str]
    plates: Callable[[Inputs, Tints], dict[str, Drawing]] = no_plates
    context: Callable[[Inputs], dict[str, Any]] = nothing
    shown: Callable[[Inputs], bool] = lambda inputs: True

    def heading(self, inputs: Inputs) -> str:
        """Its title for these inputs."""
        return self.title if isinstance(self.title, str) else self.title(inputs)
