"""The labels that probes can use: attributes and factors of the images whose z-points a model has encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.latents.images import expect_images
from zpoints.latents.store import Latents
from zpoints.shards.store import Shards

# Of attributes.csv; a factor has no share and no test.
COLUMNS = (
    "kind",
    "name",
    "value",
    "low",
    "high",
    "null",
    "chance_low",
    "chance_high",
    "share",
    "p_holm",
    "null_p_holm",
)
LINES = ("value", "low", "high", "null", "chance_low", "chance_high")


@dataclass(frozen=True)
class Table:
    """Labels of all images by name, (images, names); and those that were left out, each with the reason."""

    names: tuple[str, ...]
    values: np.ndarray
    left_out: dict[str, str]


@dataclass(frozen=True)
class Labels:
    """Rows that probes are fitted on and judged on; attributes (0 or 1) and factors (numbers) of all images."""

    train: np.ndarray
    held_out: np.ndarray
    attributes: Table
    factors: Table

    def of(self, table: Table) -> tuple[np.ndarray, np.ndarray]:
        """The labels of both parts, (n, names) and (m, names)."""
        return table.values[self.train], table.values[self.held_out]


def probed(points: Latents, images: Shards, train: np.ndarray, least: int) -> Labels:
    """The labels of these training rows and of all held-out ones.

    Raises UserError where the z-points are not those of the images.
    """
    expect_images(points, images)
    held_out = points.rows("held_out")
    none = np.zeros((len(images), 0))
    tables = [
        _table(names, none if values is None else values, train, held_out, least)
        for names, values in (
            (images.attribute_names, images.attributes),
            (images.factor_names, images.factors),
        )
    ]
    return Labels(train, held_out, *tables)


def shortage(train: np.ndarray, held_out: np.ndarray, least: int) -> str | None:
    """Why a label cannot be probed, None where it can: values that differ from the most frequent one are too few.

    For an attribute these are the rarer of yes and no. Args: the values of both parts, (n,) and (m,).
    """
    counts = [_unusual(values) for values in (train, held_out)]
    if min(counts) >= least:
        return None
    parts = f"{counts[0]} of {len(train)} training and {counts[1]} of {len(held_out)} held-out images"
    return f"{parts} differ from the rest; {least} are needed"


def wide(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of probes turned over: a column for each, "attribute Male", and a line for each of LINES, numbered."""
    return [
        {"line": line, **{f"{row['kind']} {row['name']}": row[key] for row in rows}} for line, key in enumerate(LINES)
    ]


def _table(names: tuple[str, ...], values: np.ndarray, train: np.ndarray, held_out: np.ndarray, least: int) -> Table:
    reasons = {name: shortage(values[train, at], values[held_out, at], least) for at, name in enumerate(names)}
    kept = [at for at, name in enumerate(names) if reasons[name] is None]
    left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    return Table(tuple(names[at] for at in kept), values[:, kept], left_out)


def _unusual(values: np.ndarray) -> int:
    _, counts = np.unique(values, return_counts=True)
    return int(len(values) - counts.max(initial=0))
