"""Is one model's map that of another one, only turned? The maps of all pairs, laid upon each other.

A map has no origin, no direction and no scale of its own, so these are taken out first. t-SNE also ends at another map
from each start: what two models that differ in the seed alone have in common is the scale for all others.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from zpoints.errors import UserError
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.stats.tsne import kept, neighbors

USED = ("row", "x", "y")


def pairs(measurements: Mapping[str, Measurement]) -> Measurement:
    """Table `pairs`: a row for each map that all models have and each pair of models a, b; what `alike` says of them.

    Raises NotMeasurable for fewer than two models, UserError for a damaged map and for maps of other images.
    """
    if len(measurements) < 2:
        raise NotMeasurable(f"needs the maps of two models, has {len(measurements)}")
    first = next(iter(measurements.values()))
    shared = [
        number
        for number in first.numbers.get("maps", {})
        if all(number in measurement.numbers.get("maps", {}) for measurement in measurements.values())
    ]
    rows = []
    for number in shared:
        maps = {model: _coordinates(model, measurement, number) for model, measurement in measurements.items()}
        for a, b in combinations(maps, 2):
            if not np.array_equal(maps[a][:, 0], maps[b][:, 0]):
                raise UserError(
                    f"tsne of {b}: map_{number}: expected the images of {a}, received others; run `dvc repro`"
                )
            found = alike(maps[a][:, 1:], maps[b][:, 1:], first.numbers["neighbours"], seed=0)
            rows.append({"map": int(number), "a": a, "b": b, "points": len(maps[a]), **found})
    return Measurement({"models": list(measurements), "maps": len(shared)}, {"pairs": pd.DataFrame(rows)})


def alike(map_a: np.ndarray, map_b: np.ndarray, count: int, seed: int) -> dict[str, Any]:
    """How alike two maps are, float (n, 2), whose rows are the same n images, beside what chance leaves.

    Returns:
        residual: share of the squared distances from the centre that the best shift, rotation or reflection, and scale
            leave (Procrustes; Schönemann, 1966; the disparity of scipy.spatial.procrustes). 0 for a turned copy.
        residual_shuffled: the same with the images of one map shuffled, next to 1.
        neighbours: share of the `count` nearest neighbours in one map that are among the nearest in the other.
        neighbours_by_chance: count / (n - 1).
    Raises ValueError for a map whose points all coincide.
    """
    from scipy.spatial import procrustes

    a, b = map_a.astype(np.float64), map_b.astype(np.float64)
    order = np.random.default_rng(seed).permutation(len(a))
    return {
        "residual": float(procrustes(a, b)[2]),
        "residual_shuffled": float(procrustes(a, b[order])[2]),
        "neighbours": kept(neighbors(a, count), neighbors(b, count)),
        "neighbours_by_chance": count / (len(a) - 1),
    }


def _coordinates(model: str, measurement: Measurement, number: str) -> np.ndarray:
    """Row, x and y of a map, float32 (n, 3)."""
    columns = measurement.numbers.get("columns", [])
    table = measurement.arrays.get(f"map_{number}")
    if table is None or table.ndim != 2 or table.shape[1] != len(columns) or not set(USED) <= set(columns):
        received = "none" if table is None else f"shape {table.shape} with columns {', '.join(columns)}"
        raise UserError(f"tsne of {model}: map_{number}: expected columns {', '.join(USED)}, received {received}")
    return table[:, [columns.index(name) for name in USED]]
