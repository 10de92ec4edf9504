"""The small tables that claims are judged by: trainings.csv, pairs.csv, and tables of benchmarks, in one folder.

`replicates` writes them into data/replicates; docs/results holds the committed copy.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zpoints.artifacts import whole_file
from zpoints.errors import UserError
from zpoints.files import clipped
from zpoints.reading import read_table
from zpoints.sweeps.evidence import Unit

MAX_NUMBER = 1e100  # whose square is a number still
TRAININGS, PAIRS, MODELS = "trainings.csv", "pairs.csv", "models.csv"
TEXTS = ("model", "group", "setting", "commit", "data", "split", "kind", "batch_norm")
PAIR_TEXTS = ("a", "b", "group_a", "group_b", "split")


@dataclass(frozen=True)
class Tables:
    """rows: a mapping by column for each training, without what it has not.

    pairs: one for each pair of trainings; of several splits those of the one that has most.
    models: one for each model of a single run, which `compare` wrote; no claim is judged by them.
    """

    rows: Sequence[Mapping[str, Any]]
    pairs: Sequence[Mapping[str, Any]] = ()
    folder: Path | None = None
    models: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, folder: Path) -> "Tables":
        """Raises UserError for a missing or damaged table, and for trainings of different images."""
        path = folder / TRAININGS
        if not path.exists():
            raise UserError(f"{path}: expected what `python -m stages.replicates` writes, received no such file")
        rows = read_rows(path, TEXTS)
        for number, row in enumerate(rows, 2):
            if reason := _fault(row):
                raise UserError(f"{path}: line {number}: {reason}")
        data = {row["data"] for row in rows if row.get("data")}
        if len(data) > 1:
            raise UserError(
                f"{path}: expected trainings of the same images, received {len(data)} kinds: "
                f"{', '.join(sorted(data))}; save each into a folder of its own"
            )
        pairs, models = (
            read_rows(folder / name, texts) if (folder / name).exists() else []
            for name, texts in ((PAIRS, PAIR_TEXTS), (MODELS, TEXTS))
        )
        return cls([derived(row) for row in rows], _of_one_split(pairs), folder, models)

    @property
    def groups(self) -> list[str]:
        """The settings, without their seeds."""
        return list(dict.fromkeys(str(row["group"]) for row in self.rows))

    def values(self, group: str, number: str, minus: str | None = None, over: str | None = None) -> np.ndarray:
        """The number of each training of a setting that has it, float64 (n,)."""
        columns = [column for column in (number, minus, over) if column]
        known = self._known(group, columns)
        return np.array(
            [(row[number] - (row[minus] if minus else 0.0)) / (row[over] if over else 1.0) for row in known],
            dtype=float,
        )

    def units(self, group: str, columns: Sequence[str]) -> list[Unit]:
        """Split and seed of these trainings, in their order."""
        return [Unit(str(row.get("split", "")), float(row["seed"])) for row in self._known(group, columns)]

    def along(self, group: str, key: str) -> dict[str, float]:
        """All settings that differ from `group` in one key alone, with its value; `group` itself is among them."""
        settings = {str(row["group"]): _setting(row) for row in self.rows}
        if group not in settings:
            return {}
        rest = {name: value for name, value in settings[group].items() if name != key}
        return {
            name: float(setting[key])
            for name, setting in settings.items()
            if key in setting and {other: value for other, value in setting.items() if other != key} == rest
        }

    def benchmark(self, name: str, columns: tuple[str, str]) -> tuple[np.ndarray, np.ndarray] | None:
        """Two columns of the table of a benchmark, float64 (rounds,) each; None where it was not measured."""
        if self.folder is None or not (self.folder / name).exists():
            return None
        table = read_table(self.folder / name, columns, optional=None)
        kept = table[list(columns)].dropna()
        return kept[columns[0]].to_numpy(dtype=float), kept[columns[1]].to_numpy(dtype=float)

    def origin(self, groups: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The commits and the data of the trainings of these settings."""
        members = [row for row in self.rows if row["group"] in groups]
        commits, data = (sorted({str(row[key]) for row in members if row.get(key)}) for key in ("commit", "data"))
        return tuple(commits), tuple(data)

    def _known(self, group: str, columns: Sequence[str]) -> list[Mapping[str, Any]]:
        members = [row for row in self.rows if row["group"] == group]
        return [row for row in members if all(isinstance(row.get(column), int | float) for column in columns)]


def derived(row: Mapping[str, Any]) -> dict[str, Any]:
    """A training with what follows from its numbers: `pixels` of an image, `sqrt_z_dim`."""
    result = dict(row)
    if "image_size" in row:
        result["pixels"] = row["image_size"] ** 2
    if "z_dim" in row:
        result["sqrt_z_dim"] = math.sqrt(row["z_dim"])
    return result


def read_rows(path: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The lines of a table as mappings, without empty cells; `texts` are texts even where they look like numbers."""
    found = read_table(path, optional=None)
    others = [str(column) for column in found if not pd.api.types.is_numeric_dtype(found[column])]
    table = read_table(path, optional=None, text=[*texts, *others])
    return [
        {str(key): value for key, value in row.items() if value == value and value != ""}
        for row in table.to_dict("records")
    ]


def _of_one_split(pairs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The pairs of the split that has most of them: a distance is between z-points of the same training images."""
    splits = [pair.get("split") for pair in pairs]
    most = max(splits, key=splits.count, default=None)
    return [pair for pair, split in zip(pairs, splits, strict=True) if split == most]


def _fault(row: Mapping[str, Any]) -> str | None:
    """What a line of trainings.csv lacks, None where it has all."""
    if not row.get("group"):
        return "group: expected a name, received none"
    for key, value in row.items():
        if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
            return f"{key}: expected a number up to {MAX_NUMBER:g}, received {value:g}"
    for key in ("seed", "image_size", "z_dim"):
        if not isinstance(value := row.get(key, "none" if key == "seed" else 0), int | float) or value < 0:
            return f"{key}: expected a number from 0, received {clipped(value)}"
    try:
        _setting(row)
    except (ValueError, TypeError, RecursionError):
        return f"setting: expected a mapping in JSON, received {clipped(row['setting'])}"
    return None


def _setting(row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(json.loads(row["setting"])) if row.get("setting") else {}


def merge(path: Path, table: pd.DataFrame, keys: Sequence[str]) -> None:
    """Add the lines of a table to the CSV file, in place of those with the same keys; new columns are added too.

    Numbers are written with 9 significant digits, which hold a float32 and every count.
    """
    texts = [*TEXTS, *PAIR_TEXTS]
    known = pd.DataFrame(read_rows(path, texts)) if path.exists() else pd.DataFrame()
    old, new = (
        {tuple(str(row.get(key)) for key in keys): row for row in lines.to_dict("records")} for lines in (known, table)
    )
    merged = pd.DataFrame([line for _, line in sorted((old | new).items())])
    columns = list(dict.fromkeys([*table.columns, *known.columns]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial:
        merged.reindex(columns=columns).to_csv(partial, index=False, lineterminator="\n", float_format="%.9g")
