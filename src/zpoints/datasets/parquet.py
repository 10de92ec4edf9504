"""CelebA out of the parquet files of the Hugging Face hub: one archive and the published label files again.

A row has the image (its bytes), 40 attributes by name, and sometimes the person's number; the file's name tells the
split. The splits are CelebA's own and stand in its order, so rows are numbered from 000001: train, then validation,
then test. Whether that is right is told by the label files made from it, which have the published MD5 only then.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.datasets import checksums as published
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, has_image_bytes
from zpoints.datasets.celeba import describe
from zpoints.datasets.zip_writer import ENTRY_BYTES, checksum, expect_room, pack
from zpoints.errors import UserError

SPLITS = ("train", "val", "test")  # how the names of files begin, and their numbers in the partition
IDENTITY = "celeb_id"
ROWS = 128  # of a batch: a few megabytes
KINDS = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp"}


def repack(source: Path, folder: Path) -> dict[str, Any]:
    """Write the images and labels in the parquet files below `source` into `folder`, which exists and is empty.

    Needs pyarrow. Memory holds a batch of images and all labels. Returns what source.json is to say. Raises UserError,
    and OSError for what can't be written.
    """
    rows = _Rows(_files(source))
    expect_room(folder, sum(path.stat().st_size for path in rows.files) + published.IMAGES * ENTRY_BYTES)
    pack(rows.images(), folder / ARCHIVE_FILE, total=rows.count)
    ids = [f"{number:06d}.jpg" for number in range(1, rows.count + 1)]
    tables = {labels.ATTRIBUTE_FILE: labels.Table(ids, labels.ATTRIBUTES, np.concatenate(rows.attributes))}
    if rows.has_splits:
        tables[labels.PARTITION_FILE] = labels.Table(ids, ("partition",), np.concatenate(rows.partition)[:, None])
    if rows.has_identities:
        tables[labels.IDENTITY_FILE] = labels.Table(ids, ("identity",), np.concatenate(rows.identities)[:, None])
    for file, table in tables.items():
        labels.write(folder / file, table)
    return describe(folder, {file: checksum(folder / file) for file in (ARCHIVE_FILE, *tables)})


def _files(source: Path) -> list[tuple[int, Path]]:
    """Parquet files with the number of their split, in CelebA's order."""
    found = []
    for path in source.rglob("*.parquet"):
        if any(part.startswith(".") for part in path.relative_to(source).parts):
            continue  # what the hub's library keeps for itself
        split = next((number for number, name in enumerate(SPLITS) if path.name.startswith(name)), None)
        if split is None:
            expected = f"expected names that begin with {', '.join(SPLITS)}"
            raise UserError(f"{path}: {expected}, received {path.name}")
        found.append((split, path))
    if not found:
        raise UserError(f"{source}: expected *.parquet files, received none")
    return sorted(found)


class _Rows:
    """All rows in order; labels are gathered while the images pass."""

    def __init__(self, files: list[tuple[int, Path]]) -> None:
        parquet = importlib.import_module("pyarrow.parquet")

        self._splits = [split for split, _ in files]
        self.files = [path for _, path in files]
        self.has_splits = len(set(self._splits)) > 1
        self.attributes: list[np.ndarray] = []
        self.partition: list[np.ndarray] = []
        self.identities: list[np.ndarray] = []
        counts, columns = [], []
        for path in self.files:
            try:
                with parquet.ParquetFile(path) as file:
                    counts.append(file.metadata.num_rows)
                    columns.append(set(file.schema_arrow.names))
            except (OSError, ValueError) as error:  # pyarrow's errors are either
                raise _unreadable(path, error) from error
            lacking = [name for name in ("image", *labels.ATTRIBUTES) if name not in columns[-1]]
            if lacking:
                expected = "expected the columns image and CelebA's 40 attributes"
                raise UserError(f"{path}: {expected}, received none called {', '.join(lacking[:3])}")
        self.count = sum(counts)
        self.has_identities = all(IDENTITY in names for names in columns)

    def images(self) -> Iterator[tuple[str, bytes]]:
        """Names and bytes; when it has ended, the labels are there."""
        parquet = importlib.import_module("pyarrow.parquet")

        wanted = ["image", *labels.ATTRIBUTES, *([IDENTITY] if self.has_identities else [])]
        number = 0
        for split, path in zip(self._splits, self.files, strict=True):
            try:
                with parquet.ParquetFile(path) as file:
                    for batch in file.iter_batches(batch_size=ROWS, columns=wanted):
                        self._gather(path, split, batch)
                        for image in batch.column("image").to_pylist():
                            number += 1
                            data = image.get("bytes") if isinstance(image, dict) else image
                            if not isinstance(data, bytes):
                                raise UserError(f"{path}: image {number}: expected its bytes, received none")
                            if not has_image_bytes(data):
                                expected = "expected a JPEG, PNG or WebP image"
                                raise UserError(f"{path}: image {number}: {expected}, received other bytes")
                            yield f"{number:06d}.{KINDS.get(data[:2], 'jpg')}", data
            except (OSError, ValueError) as error:
                raise _unreadable(path, error) from error

    def _gather(self, path: Path, split: int, batch: Any) -> None:
        values = np.stack([_column(path, batch, name) for name in labels.ATTRIBUTES], axis=1)
        if not np.isin(values, (-1, 0, 1)).all():
            raise UserError(
                f"{path}: expected attributes of 0 or 1, or -1 or 1, received {values.min()} to {values.max()}"
            )
        self.attributes.append((values == 1).astype(np.int8))
        self.partition.append(np.full(len(values), split, dtype=np.int8))
        if self.has_identities:
            people = _column(path, batch, IDENTITY)
            if people.min(initial=0) < 0 or people.max(initial=0) > labels.MAX_IDENTITY:
                raise UserError(f"{path}: {IDENTITY}: expected whole numbers from 0, received {people.min()}")
            self.identities.append(people.astype(np.int32))


def _column(path: Path, batch: Any, name: str) -> np.ndarray:
    values = batch.column(name).to_numpy(zero_copy_only=False)
    if values.dtype.kind not in "bui":
        raise UserError(f"{path}: {name}: expected whole numbers in every row, received {values.dtype}")
    return values.astype(np.int64)


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(f"{path}: expected a parquet file, received: {' '.join(str(error).split())[:200]}")
