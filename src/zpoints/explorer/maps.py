"""The t-SNE maps of a model, as the analysis `tsne` left them."""

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, Field, field_validator

from zpoints.errors import UserError
from zpoints.measurement import NUMBERS, Measurement
from zpoints.reading import read_array, read_json


class _Settings(BaseModel):
    perplexity: float = Field(gt=0, allow_inf_nan=False)


class _Numbers(BaseModel):
    """Its maps by their number, and the columns of each."""

    columns: list[str]
    maps: dict[Annotated[int, Field(ge=0)], _Settings] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _has_points(cls, columns: list[str]) -> list[str]:
        if not {"x", "y", "row"} <= set(columns):
            raise ValueError("columns x, y and row")
        return columns


class Map(NamedTuple):
    """places, float32 (n, 2), of the images `rows`, uint32 (n,)."""

    number: int
    title: str
    places: np.ndarray
    rows: np.ndarray


def measured_maps(folder: Path, images: int) -> list[Map]:
    """The maps in the measurement `folder`, none where it is missing or holds a reason.

    Raises UserError for files that do not fit, and for rows beyond the images.
    """
    if not folder.exists() or Measurement.read(folder).reason is not None:
        return []
    numbers = read_json(folder / NUMBERS, _Numbers)
    found = []
    for number, settings in numbers.maps.items():
        path = folder / f"map_{number}.npy"
        table = read_array(path, np.floating, (None, len(numbers.columns)), finite=True)
        x, y, rows = (table[:, numbers.columns.index(column)] for column in ("x", "y", "row"))
        if not np.isin(rows, np.arange(images)).all():
            raise UserError(f"{path}: expected rows from 0 to {images - 1}, received others; run `dvc repro`")
        title = f"t-SNE, perplexity {settings.perplexity:g}, {len(table):,} images"
        found.append(Map(number, title, np.stack([x, y], axis=1).astype(np.float32), rows.astype(np.uint32)))
    return found
