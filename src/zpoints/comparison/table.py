"""The table of all models and their curves, read from the measurements of each."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from zpoints.comparison import entry
from zpoints.comparison.topic import Curve, Quantity, Topic
from zpoints.errors import UserError
from zpoints.config.models import Models


def table(models: Models, measurements: Path, topics: Iterable[Topic]) -> dict[str, dict[str, Any]]:
    """A row of numbers for each model by name; what a model has not (a plain AE has no logvar) is left out."""
    topics = tuple(topics)
    rows: dict[str, dict[str, Any]] = {}
    for name in models:
        spec = models[name].model_dump(mode="json")
        sources: list[tuple[Sequence[Quantity], dict[str, Any]]] = [(entry.QUANTITIES, spec)]
        sources += [
            (topic.quantities, read_measurement(measurements / name / f"{topic.name}.json"))
            for topic in topics
            if not (topic.vae_only and models[name].kind == "ae")
        ]
        rows[name] = {
            column: value
            for quantities, content in sources
            for quantity in quantities
            for column, value in quantity.values(content).items()
        }
    return rows


def curves(models: Models, folder: Path, curve: Curve) -> list[dict[str, Any]]:
    """The rows of FOLDER/MODEL/CURVE.csv of all models, one below the other, with the model's name in front."""
    rows = []
    for name in models:
        if curve.vae_only and models[name].kind == "ae":
            continue
        path = folder / name / f"{curve.name}.csv"
        try:
            with path.open(newline="", encoding="utf-8") as lines:
                rows += [{"model": name, **row} for row in csv.DictReader(lines)]
        except OSError:
            raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`") from None
    return rows


def columns_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """All columns that any row has, in the order in which they first appear."""
    return list(dict.fromkeys(column for row in rows for column in row))


def read_measurement(path: Path) -> dict[str, Any]:
    """A measurement's JSON. Raises UserError where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`") from None
    except ValueError as error:
        raise UserError(f"{path}: expected JSON, received: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a measurement, received {type(content).__name__}")
    return content
