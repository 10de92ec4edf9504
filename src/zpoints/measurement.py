"""What an analysis found, as plain data: numbers, tables and arrays; in memory, or as a folder that a stage wrote.

The folder holds numbers.json, a CSV file for each table and a .npy file for each array. Figures and the report read
these and nothing else, never the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zpoints.artifacts import whole_folder, write_array, write_json
from zpoints.errors import UserError
from zpoints.reading import read_array, read_json, read_table

NUMBERS = "numbers.json"
REASON = "not_measurable"  # the key of numbers.json that says why there are none


class NotMeasurable(UserError):
    """The data cannot answer the question; the message says what it needs and what there is: "needs N, has M"."""


@dataclass(frozen=True)
class Measurement:
    """The answer of one analysis for one model (or for all pairs of models).

    numbers: a mapping of JSON values, nested as the analysis likes; NaN and infinity are no JSON.
    tables: pandas data frames by name.
    arrays: numpy arrays by name, for example pictures, uint8 (n, size, size, 3). Read from a folder, they are
        memory-mapped.
    """

    numbers: dict[str, Any]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def missing(cls, reason: str) -> "Measurement":
        """In place of an answer: why there is none."""
        return cls({REASON: reason})

    @property
    def reason(self) -> str | None:
        """Why nothing was measured; None where it was."""
        return self.numbers.get(REASON)

    def write(self, folder: Path, stage: str) -> None:
        """Write the folder, whole or not at all. Raises UserError where other files stand there."""
        with whole_folder(folder, stage) as partial:
            write_json(partial / NUMBERS, self.numbers)
            for name, table in self.tables.items():
                table.to_csv(partial / f"{name}.csv", index=False, lineterminator="\n")
            for name, array in self.arrays.items():
                write_array(partial / f"{name}.npy", array)

    @classmethod
    def read(cls, folder: Path) -> "Measurement":
        """Raises UserError for a folder that is missing or damaged, naming the file."""
        path = folder / NUMBERS
        if not path.exists():
            raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`")
        numbers = read_json(path)
        if not isinstance(numbers, dict):
            raise UserError(f"{path}: expected a mapping, received {type(numbers).__name__}")
        tables = {path.stem: read_table(path, optional=None) for path in sorted(folder.glob("*.csv"))}
        arrays = {path.stem: read_array(path, mapped=True) for path in sorted(folder.glob("*.npy"))}
        return cls(numbers, tables, arrays)

    def __repr__(self) -> str:
        if self.reason:
            return f"Measurement(not measurable: {self.reason})"
        parts = {"numbers": self.numbers, "tables": self.tables, "arrays": self.arrays}
        filled = [f"{name}: {', '.join(part)}" for name, part in parts.items() if part]
        return f"Measurement({'; '.join(filled)})"


def find(content: Mapping[str, Any], place: str) -> Any:
    """The value at a dotted place, None where there is none; the last part may itself hold a dot (quantile.0.5)."""
    if place in content:
        return content[place]
    head, _, rest = place.partition(".")
    inner = content.get(head)
    return find(inner, rest) if rest and isinstance(inner, Mapping) else None
