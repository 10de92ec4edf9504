"""What is known of the images, attributes and factors; and which of these labels probes can use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zpoints.errors import UserError, printable
from zpoints.latents.store import Latents
from zpoints.shards.store import Shards

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Labels:
    """What is known of all images, in their order.

    attributes: uint8 (n, A) of 0 and 1, or None.   factors: float32 (n, F), or None.
    """

    attribute_names: tuple[str, ...] = ()
    attributes: np.ndarray | None = None
    factor_names: tuple[str, ...] = ()
    factors: np.ndarray | None = None

    @classmethod
    def of(cls, shards: Shards) -> "Labels":
        """The labels that lie beside the images; what cannot be printed in their names is escaped."""
        attributes, factors = (tuple(map(printable, names)) for names in (shards.attribute_names, shards.factor_names))
        return cls(attributes, shards.attributes, factors, shards.factors)

    @classmethod
    def of_frame(cls, frame: "pd.DataFrame") -> "Labels":
        """Labels of a pandas data frame, a row for each image in their order.

        As in a label file, a column of 0 and 1, of -1 and 1 or of booleans is an attribute, any other one of finite
        numbers a factor. Raises UserError naming a column that is neither.
        """
        attributes: dict[str, np.ndarray] = {}
        factors: dict[str, np.ndarray] = {}
        for name, column in frame.items():
            try:
                values = column.to_numpy(np.float64)
            except (TypeError, ValueError) as error:
                raise UserError(f"labels: column {name}: expected numbers, received {column.dtype}") from error
            if not np.isfinite(values).all():
                raise UserError(f"labels: column {name}: expected finite numbers, received NaN or infinity")
            levels = set(np.unique(values))
            binary = levels <= {0, 1} or levels <= {-1, 1}
            (attributes if binary else factors)[printable(name)] = values > 0 if binary else values
        return cls(
            tuple(attributes),
            np.stack(list(attributes.values()), axis=1).astype(np.uint8) if attributes else None,
            tuple(factors),
            np.stack(list(factors.values()), axis=1).astype(np.float32) if factors else None,
        )

    def __repr__(self) -> str:
        names = {"attributes": self.attribute_names, "factors": self.factor_names}
        return f"Labels({'; '.join(f'{kind}: ' + ', '.join(listed) for kind, listed in names.items() if listed)})"


@dataclass(frozen=True)
class Table:
    """Labels of all images by name, (images, names); and those that were left out, each with the reason."""

    names: tuple[str, ...]
    values: np.ndarray
    left_out: dict[str, str]


@dataclass(frozen=True)
class ProbeLabels:
    """Rows that probes are fitted on and tested on; attributes (0 or 1) and factors (numbers) of all images."""

    train: np.ndarray
    held_out: np.ndarray
    attributes: Table
    factors: Table

    def of(self, table: Table) -> tuple[np.ndarray, np.ndarray]:
        """The labels of both parts, (n, names) and (m, names)."""
        return table.values[self.train], table.values[self.held_out]


def probed(latents: Latents, labels: Labels, train: np.ndarray, min_count: int) -> ProbeLabels:
    """The labels of these training rows and of all held-out ones, but those that too few images have."""
    held_out = latents.rows("held_out")
    none = np.zeros((len(latents), 0))
    tables = [
        _table(names, none if values is None else values, train, held_out, min_count)
        for names, values in (
            (labels.attribute_names, labels.attributes),
            (labels.factor_names, labels.factors),
        )
    ]
    return ProbeLabels(train, held_out, *tables)


def shortage(train: np.ndarray, held_out: np.ndarray, min_count: int) -> str | None:
    """Why a label cannot be probed, None where it can: values that differ from the most frequent one are too few.

    For an attribute these are the rarer of yes and no. Args: the values of both parts, (n,) and (m,).
    """
    counts = [_unusual(values) for values in (train, held_out)]
    if min(counts) >= min_count:
        return None
    parts = f"{counts[0]} of {len(train)} training and {counts[1]} of {len(held_out)} held-out images"
    return f"{parts} differ from the rest; {min_count} are needed"


def _table(
    names: tuple[str, ...], values: np.ndarray, train: np.ndarray, held_out: np.ndarray, min_count: int
) -> Table:
    shortages = [shortage(column[train], column[held_out], min_count) for column in values.T]
    kept = [column for column, reason in enumerate(shortages) if reason is None]
    left_out = {name: reason for name, reason in zip(names, shortages, strict=True) if reason is not None}
    return Table(tuple(names[column] for column in kept), values[:, kept], left_out)


def _unusual(values: np.ndarray) -> int:
    _, counts = np.unique(values, return_counts=True)
    return int(len(values) - counts.max(initial=0))
