"""Your own faces: any folder or zip of JPEG, PNG and WebP images, and a CSV file of labels if there is one.

They are numbered in the order of their names (000001 ...) and packed as they are; names.csv keeps what each was called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from zpoints.errors import UserError
from zpoints.datasets import labels
from zpoints.datasets.archive import (
    ARCHIVE_FILE,
    MAX_ENTRY_BYTES,
    SUFFIXES,
    BadEntry,
    contents,
    is_image,
    locate,
    read_entry,
)
from zpoints.datasets.filename_map import NAMES_FILE, write_names
from zpoints.datasets.zip_writer import ENTRY_BYTES, checksum, expect_room, pack
from zpoints.datasets.csv_labels import Rows, read_rows

MOST = 999_999  # what six digits number
# Columns of a label file that mean something by their name.
IDENTITY, PARTITION = "identity", "partition"
PARTITIONS = {"0": 0, "train": 0, "1": 1, "val": 1, "valid": 1, "validation": 1, "2": 2, "test": 2}


class Picture(NamedTuple):
    """An image where it lies: its name below the folder, with / between folders, its size in bytes, and its bytes."""

    name: str
    size: int
    read: Callable[[], bytes]


def collect_own(path: Path, table: Path | None, folder: Path) -> dict[str, Any]:
    """Bring the images below `path`, a folder or zip, into `folder`, which exists and is empty.

    table: a CSV file with a row for each image, named by its path below the folder, its file name, or that without its
        suffix. Columns of 0/1, -1/1 or true/false become attributes, other numbers factors; `identity` says who is on
        the image, `partition` is train, val or test.
    Returns what source.json is to say. Raises UserError.
    """
    try:
        pictures = find_pictures(path)
        rows = read_rows(table) if table else None
        order = _join(rows, [picture.name for picture in pictures]) if rows else None
        tables = _tables(rows, order) if rows and order is not None else {}
        return write_own(pictures, tables, folder, "folder")
    except OSError as error:
        received = f"received: {error.strerror or error}"
        raise UserError(f"{error.filename or folder}: expected to copy the images to {folder}, {received}") from error


def find_pictures(path: Path) -> list[Picture]:
    """The images of a zip or below a folder, by name. Raises UserError where there are none, or one is too large."""
    return _from_zip(path) if path.is_file() else _from_folder(path)


def write_own(pictures: list[Picture], tables: dict[str, labels.Table], folder: Path, source: str) -> dict[str, Any]:
    """Write images and label tables (by file, ids 000001.jpg ...) into `folder`; returns what source.json is to say."""
    if len(pictures) > MOST:
        raise UserError(f"data: expected at most {MOST} images, received {len(pictures)}")
    expect_room(folder, sum(picture.size + ENTRY_BYTES for picture in pictures))

    def images() -> Iterator[tuple[str, bytes]]:
        for number, picture in enumerate(pictures, 1):
            yield f"{number:06d}{Path(picture.name).suffix.lower()}", picture.read()

    count = pack(images(), folder / ARCHIVE_FILE, total=len(pictures))
    write_names(folder / NAMES_FILE, [picture.name for picture in pictures])
    writers = {
        labels.OWN_FILE: labels.write_own,
        labels.FACTOR_FILE: labels.write_factors,
        labels.IDENTITY_FILE: labels.write_identities,
        labels.PARTITION_FILE: labels.write_partition,
    }
    for file, table in tables.items():
        writers[file](folder / file, table)
    files = {file: checksum(folder / file) for file in (ARCHIVE_FILE, NAMES_FILE, *tables)}
    return {"source": source, "images": count, "files": files}


def in_folder(path: Path) -> list[Picture]:
    """The images below a folder, by name; hidden ones are passed over."""
    found = []
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if name.lower().endswith(SUFFIXES) and not hidden and file.is_file():
            size = file.stat().st_size
            if size > MAX_ENTRY_BYTES:
                raise UserError(f"{file}: expected an image of at most {MAX_ENTRY_BYTES} bytes, received {size}")
            found.append(Picture(name, size, file.read_bytes))
    return found


def _from_folder(path: Path) -> list[Picture]:
    if not path.is_dir():
        raise UserError(f"data.folder.path: expected a folder or a zip of images, received {path}: no such file")
    found = in_folder(path)
    if not found:
        raise UserError(f"{path}: expected images ({', '.join(SUFFIXES)}) in it or its folders, received none")
    return found


def _from_zip(path: Path) -> list[Picture]:
    found = []
    for member in sorted(contents(path), key=lambda member: member.name):
        if not is_image(member.name):
            continue
        entry = locate(path, member, member.name)
        if max(entry.size, entry.packed) > MAX_ENTRY_BYTES:
            expected = f"expected an image of at most {MAX_ENTRY_BYTES} bytes"
            raise UserError(f"{path}: {entry.name[:80]}: {expected}, received {max(entry.size, entry.packed)}")

        def read(entry: Any = entry) -> bytes:
            try:
                with path.open("rb") as file:
                    return read_entry(file, entry)
            except BadEntry as error:
                raise UserError(f"{path}: {entry.name[:80]}: {error}") from error

        found.append(Picture(member.name, entry.size, read))
    if not found:
        raise UserError(f"{path}: expected images ({', '.join(SUFFIXES)}) in it, received none")
    return found


def _join(rows: Rows, names: list[str]) -> np.ndarray:
    """The row of each image; a row may name it by its path, its file name, or that without suffix."""
    row_of = {name: row for row, name in enumerate(rows.images)}
    order = np.empty(len(names), dtype=np.int64)
    taken: dict[int, str] = {}
    for place, name in enumerate(names):
        file = name.rpartition("/")[2]
        row = next((row_of[key] for key in (name, file, file.rpartition(".")[0]) if key in row_of), None)
        if row is None:
            raise UserError(f"{rows.path}: expected a row for every image, received none for {name[:80]!r}")
        if taken.setdefault(row, name) != name:
            received = f"{rows.images[row][:60]!r} for {taken[row][:60]!r} and {name[:60]!r}"
            raise UserError(f"{rows.path}, line {row + 2}: expected a name of one image, received {received}")
        order[place] = row
    return order


def _tables(rows: Rows, order: np.ndarray) -> dict[str, labels.Table]:
    """Label tables of the images in their order, by file."""
    ids = [f"{number:06d}.jpg" for number in range(1, len(order) + 1)]
    bits: dict[str, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    tables = {}
    for column in rows.columns:
        name = "_".join(column.replace(",", " ").split())
        if column.lower() == IDENTITY:
            tables[labels.IDENTITY_FILE] = labels.Table(ids, (IDENTITY,), _identities(rows, column)[order][:, None])
        elif column.lower() == PARTITION:
            tables[labels.PARTITION_FILE] = labels.Table(ids, (PARTITION,), _partition(rows, column)[order][:, None])
        elif name in bits or name in numbers:
            raise UserError(f"{rows.path}, line 1: expected distinct labels, received {name[:60]} twice")
        elif (values := rows.binary(column)) is not None:
            bits[name] = values[order]
        else:
            numbers[name] = rows.numbers(column)[order]
    if bits:
        tables[labels.OWN_FILE] = labels.Table(ids, tuple(bits), np.stack(list(bits.values()), axis=1))
    if numbers:
        tables[labels.FACTOR_FILE] = labels.Table(ids, tuple(numbers), np.stack(list(numbers.values()), axis=1))
    return tables


def _identities(rows: Rows, column: str) -> np.ndarray:
    """Whole numbers as they are; names numbered in their order."""
    words = rows.columns[column]
    if all(word.isascii() and word.isdigit() for word in words):
        return rows.whole(column, labels.MAX_IDENTITY).astype(np.int32)
    return np.unique(words, return_inverse=True)[1].astype(np.int32)


def _partition(rows: Rows, column: str) -> np.ndarray:
    values = [PARTITIONS.get(word.lower(), -1) for word in rows.columns[column]]
    if -1 in values:
        raise rows.fault(values.index(-1), column, "train, val or test, or 0, 1 or 2")
    return np.array(values, dtype=np.int8)
