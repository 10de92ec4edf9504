"""What all analyses found for all models, read from disk; and what one of them gives to its section of the report."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zpoints.analyses import discovery
from zpoints.config.models import Models
from zpoints.config.reader import Params
from zpoints.errors import UserError
from zpoints.files import clipped
from zpoints.measurement import NUMBERS, Measurement
from zpoints.report.metrics import MetricGroup
from zpoints.report.models import MODEL
from zpoints.report.numbers import listing, significant

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Colors = Mapping[str, str]  # a color for each model
Rows = Mapping[str, Mapping[str, Any]]  # the table of all models: a row of numbers by column for each


@dataclass(frozen=True)
class Drawing:
    """A figure, and the text for those who do not see it."""

    figure: "Figure"
    alt: str


@dataclass(frozen=True)
class Results:
    """What one analysis found.

    models: all models' names, in the order of params.yaml.
    measurements: by model; a model that could not be measured is not among them.
    missing: the reason, for each of these.
    joint: what its pairs.py found between the models, or what a pair analysis found; None for others.
    rows: the numbers of all analyses, by model and column.
    colors: one for each model.
    """

    models: tuple[str, ...]
    measurements: Mapping[str, Measurement]
    missing: Mapping[str, str]
    joint: Measurement | None
    rows: Rows
    colors: Colors

    def numbers(self, name: str) -> Mapping[str, Any]:
        """The numbers of one model."""
        return self.measurements[name].numbers

    def tables(self, table: str) -> dict[str, pd.DataFrame]:
        """A table of every model that has a line of it."""
        found = {name: measurement.tables.get(table) for name, measurement in self.measurements.items()}
        return {name: frame for name, frame in found.items() if frame is not None and len(frame)}

    def curves(self, table: str) -> dict[str, dict[str, np.ndarray]]:
        """The same as numpy arrays by column, float64 or str; a column that is empty for a model is left out for it."""
        return {
            name: {str(column): frame[column].to_numpy() for column in frame if frame[column].notna().any()}
            for name, frame in self.tables(table).items()
        }

    def pictures(self, array: str) -> list[tuple[str, np.ndarray]]:
        """An array of pictures, uint8 (n, size, size, 3), of every model that has any."""
        found = [(name, measurement.arrays.get(array)) for name, measurement in self.measurements.items()]
        return [(name, pictures) for name, pictures in found if pictures is not None and len(pictures)]

    def told(self, column: str, what: str = "", show: Callable[[float | None], str] = significant) -> str:
        """A number of every model that has it, as text: "peak 16.2 for ae and 5.25 for vae"."""
        known = {name: row[column] for name, row in self.rows.items() if row.get(column) is not None}
        return f"{what} {listing([f'{show(value)} for {name}' for name, value in known.items()])}".strip()


class Run:
    """Everything that was measured, below `measurements`: MODEL/ANALYSIS, and _pairs/ANALYSIS for pair_analyses.

    Raises UserError for a measurement that params.yaml asks for and that is missing or damaged; `rows` for one that
    holds something else where a number belongs.
    """

    def __init__(self, params: Params, measurements: Path, comparison: Path | None = None) -> None:
        self.models = tuple(params[Models])
        self.folder = measurements
        self.entries = params[Models]
        self._found: dict[str, dict[str, Measurement]] = {}
        self.joint: dict[str, Measurement] = {}
        for name in discovery.presented():
            measured = name in discovery.names()
            if measured and name not in params.analyses:
                continue
            if measured and discovery.config_class(name).group == "pair_analyses":
                self._found[name] = {}
                self.joint[name] = Measurement.read(measurements / discovery.PAIRS / name)
            else:
                self._found[name] = {model: Measurement.read(measurements / model / name) for model in self.models}
            if comparison is not None and discovery.pairs_function(name) is not None:
                self.joint[name] = Measurement.read(comparison / name / "pairs")

    @property
    def analyses(self) -> tuple[str, ...]:
        """The analyses that are switched on, in the order of the report."""
        return tuple(self._found)

    def measurements(self, name: str) -> dict[str, Measurement]:
        """What an analysis found, by model; without those that could not be measured."""
        return {model: found for model, found in self._found[name].items() if found.reason is None}

    def missing(self, name: str) -> dict[str, str]:
        """Why an analysis could not measure a model, for each such model."""
        reasons = {model: found.reason for model, found in self._found[name].items()}
        several = name in self.joint and len(self.models) > 1  # one model alone has no pairs, which is no news
        joint = {"all models": self.joint[name].reason} if several else {}
        return {model: reason for model, reason in (reasons | joint).items() if reason is not None}

    def groups(self) -> list[MetricGroup]:
        """The metrics of all analyses that are switched on, the models' own entries first."""
        return [MODEL, *(discovery.presentation(name).METRICS for name in self.analyses)]

    def rows(self) -> dict[str, dict[str, Any]]:
        """A row of numbers for each model; what a model has not (a plain AE has no logvar) is left out."""
        rows = {model: MODEL.values(self.entries[model].model_dump(mode="json")) for model in self.models}
        for name in self.analyses:
            group = discovery.presentation(name).METRICS
            for model, measurement in self.measurements(name).items():
                try:
                    rows[model] |= group.values(measurement.numbers)
                except UserError as error:
                    raise UserError(f"{self.folder / model / name / NUMBERS}: {error}") from None
        return rows

    def results(self, name: str, rows: Rows, colors: Colors) -> Results:
        """What one analysis gives to its section."""
        joint = self.joint.get(name)
        return Results(
            models=self.models,
            measurements=self.measurements(name),
            missing=self.missing(name),
            joint=joint if joint is not None and joint.reason is None else None,
            rows=rows,
            colors=colors,
        )


@contextlib.contextmanager
def presented(folder: Path, name: str) -> Iterator[None]:
    """End in a line where the measurements of the analysis `name` in `folder` hold other things than it measures."""
    try:
        yield
    except (UserError, OSError, MemoryError):
        raise
    except Exception as error:
        expected = f"expected the numbers, tables and arrays that {name} measures"
        received = f"received others ({type(error).__name__}: {clipped(error)})"
        raise UserError(f"{folder}: {name}: {expected}, {received}; run its stages anew") from error
