"""All pairs of models at their t-SNE maps: is one another one, only turned?"""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.analyses.tsne.map_similarity import alike
from zpoints.comparison.table import read_measurement
from zpoints.errors import UserError
from zpoints.config.models import Models

NEEDED = ("row", "x", "y")


def pairs(models: Models, measurements: Path) -> list[dict[str, Any]]:
    """For each map and each pair of models (a, b): map, points, and what `alike` says.

    Reads MODEL/tsne.json and the maps in MODEL/tsne. Raises UserError where they are missing, damaged, or of
    other images than those of the first model.
    """
    told = {name: read_measurement(measurements / name / "tsne.json") for name in models}
    found = []
    for number in _numbers(told):
        maps = {name: _read(measurements / name, one, number) for name, one in told.items()}
        for (a, one), (b, other) in combinations(maps.items(), 2):
            if not np.array_equal(one[:, 0], other[:, 0]):
                path = measurements / b / "tsne" / f"map_{number}.npy"
                raise UserError(f"{path}: expected the images of {a}, received others; run `dvc repro`")
            measured = alike(one[:, 1:], other[:, 1:], told[a]["neighbours"], seed=0)
            found.append({"map": int(number), "a": a, "b": b, "points": len(one), **measured})
    return found


def _numbers(told: dict[str, dict[str, Any]]) -> list[str]:
    """The maps that all models have."""
    first, *others = (one.get("maps", {}) for one in told.values())
    return [number for number in first if all(number in other for other in others)]


def _read(folder: Path, told: dict[str, Any], number: str) -> np.ndarray:
    """Row, x and y of a map, float32 (n, 3)."""
    path = folder / "tsne" / f"map_{number}.npy"
    try:
        table = np.load(path, allow_pickle=False)
        return table[:, [told["columns"].index(name) for name in NEEDED]]
    except OSError:
        raise UserError(f"{path}: expected a map, received no such file; run `dvc repro`") from None
    except (ValueError, IndexError, KeyError, EOFError) as error:
        raise UserError(f"{path}: expected a map with columns {', '.join(NEEDED)}, received: {error}") from None
