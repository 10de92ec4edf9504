"""Your own faces: any folder or zip of JPEG, PNG and WebP images, and a CSV file of labels if there is one.

They are numbered in the order of their names (000001 ...) and packed as they are; names.csv keeps what each was called.
Only what begins as an image does is packed; other files are ignored and counted. Links that lead out are refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np

from zpoints.datasets import labels
from zpoints.datasets.archive import (
    ARCHIVE_FILE,
    BROKEN,
    MAX_ENTRY_BYTES,
    SUFFIXES,
    BadEntry,
    contents,
    has_image_bytes,
    images_of,
    is_hidden,
    is_image,
    open_archive,
    others,
    read_entry,
)
from zpoints.datasets.csv_labels import Rows, read_rows
from zpoints.datasets.filename_map import NAMES_FILE, write_names
from zpoints.datasets.zip_writer import ENTRY_BYTES, checksum, expect_room, pack
from zpoints.errors import UserError

MOST = 999_999  # what six digits number
START_BYTES = 12  # that tell an image
SHOWN = 10  # names of ignored files in source.json
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
    Returns what source.json is to say. Raises UserError, and OSError for what can't be read or written.
    """
    pictures, ignored = list_pictures(path)
    ignored = [name for name in ignored if path / name != table]
    tables, understood = {}, {}
    if table:
        rows = read_rows(table)
        order = _join(rows, [picture.name for picture in pictures])
        tables = _tables(rows, order)
        understood = {"labels": _understood(rows, tables), "rows_without_image": len(rows.images) - len(order)}
    facts = write_own(pictures, tables, folder, "folder")
    return {**facts, **understood, "ignored_files": len(ignored), "ignored": ignored[:SHOWN]}


def list_pictures(path: Path) -> tuple[list[Picture], list[str]]:
    """The images of a zip or below a folder, by name, and the names of the files that are none.

    Raises UserError where there are no images, or one is too large.
    """
    if not path.is_file() and not path.is_dir():
        raise UserError(f"data.folder.path: expected a folder or a zip of images, received {path}: no such file")
    pictures, ignored = _from_zip(path) if path.is_file() else in_folder(path)
    if not pictures:
        where = "in it" if path.is_file() else "in it or its folders"
        raise UserError(f"{path}: expected images ({', '.join(SUFFIXES)}) {where}, received none")
    return pictures, ignored


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
    for file, table in tables.items():
        labels.write(folder / file, table)
    files = {file: checksum(folder / file) for file in (ARCHIVE_FILE, NAMES_FILE, *tables)}
    return {"source": source, "images": count, "files": files}


def in_folder(path: Path) -> tuple[list[Picture], list[str]]:
    """The images below a folder, by name, and the names of the other files; hidden ones are passed over.

    Raises OSError for a folder that can't be read, UserError for a link that leads out or a file that is too large.
    """
    pictures, ignored = [], []
    for file in _files(path):
        name = file.relative_to(path).as_posix()
        if is_hidden(name):
            continue
        if not is_image(name) or not file.is_file():
            ignored.append(name)
            continue
        expect_inside(file, path)
        size = file.stat().st_size
        if size > MAX_ENTRY_BYTES:
            raise UserError(f"{file}: expected an image of at most {MAX_ENTRY_BYTES} bytes, received {size}")
        with file.open("rb") as stream:
            begins_as_image = has_image_bytes(stream.read(START_BYTES))
        if begins_as_image:
            pictures.append(Picture(name, size, partial(read_image, file)))
        else:
            ignored.append(name)
    return pictures, ignored


def expect_inside(file: Path, folder: Path) -> None:
    """Raise UserError for a link that leads out of `folder`: what it leads to was never meant to be shared."""
    if file.is_symlink() and not (target := file.resolve()).is_relative_to(folder.resolve()):
        raise UserError(f"{file}: expected an image within {folder}, received a link to {target}")


def read_image(file: Path) -> bytes:
    """The bytes of an image. Raises UserError where the file is no longer, or never was, one."""
    with file.open("rb") as stream:
        data = stream.read(MAX_ENTRY_BYTES + 1)
    if len(data) > MAX_ENTRY_BYTES or not has_image_bytes(data):
        raise UserError(f"{file}: expected a JPEG, PNG or WebP image, received other bytes")
    return data


def _files(path: Path) -> list[Path]:
    """All files below a folder, by name, and links to folders, which are not followed.

    A folder that can't be read is an error, not an empty one.
    """

    def refuse(error: OSError) -> None:
        raise error

    files = []
    for folder, subfolders, names in os.walk(path, onerror=refuse):
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        files += [Path(folder, name) for name in names + links]
    return sorted(files)


def _from_zip(path: Path) -> tuple[list[Picture], list[str]]:
    members = contents(path)
    images = sorted(images_of(path, members), key=lambda member: member.filename)
    ignored = others(members)
    archive = open_archive(path)  # closed with the last picture that reads from it

    def read(name: str) -> bytes:
        try:
            return read_entry(archive, name)
        except BadEntry as error:
            raise UserError(f"{path}: {name[:80]}: {error}") from error

    pictures = []
    for member in images:
        name, size = member.filename, max(member.file_size, member.compress_size)
        if size > MAX_ENTRY_BYTES:
            expected = f"expected an image of at most {MAX_ENTRY_BYTES} bytes"
            raise UserError(f"{path}: {name[:80]}: {expected}, received {size}")
        if has_image_bytes(_start(archive, name)):
            pictures.append(Picture(name, member.file_size, partial(read, name)))
        else:
            ignored.append(name)
    return pictures, ignored


def _start(archive: ZipFile, name: str) -> bytes:
    """The first bytes of an entry; those of a damaged one are told when it is read."""
    try:
        with archive.open(name) as file:
            return file.read(START_BYTES)
    except BROKEN:
        return b"\xff\xd8\xff"


def _join(rows: Rows, names: list[str]) -> np.ndarray:
    """The row of each image; a row may name it by its path, its file name, or that without suffix."""
    row_of = {name: row for row, name in enumerate(rows.images)}
    order = np.empty(len(names), dtype=np.int64)
    taken: dict[int, str] = {}
    for place, name in enumerate(names):
        file = name.rpartition("/")[2]
        row = next((row_of[key] for key in (name, file, file.rpartition(".")[0]) if key in row_of), None)
        if row is None:
            named = f"column {rows.name_column[:60]!r} names the images"
            raise UserError(f"{rows.path}: expected a row for every image, received none for {name[:80]!r} ({named})")
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
    lowered = [column.lower() for column in rows.columns]
    for special in (IDENTITY, PARTITION):
        if lowered.count(special) > 1:
            raise UserError(f"{rows.path}, line 1: expected one column {special}, received {lowered.count(special)}")
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


def _understood(rows: Rows, tables: dict[str, labels.Table]) -> dict[str, Any]:
    """How a label file was read, for source.json."""
    attributes, factors = tables.get(labels.OWN_FILE), tables.get(labels.FACTOR_FILE)
    return {
        "file": rows.path.name,
        "separated_by": rows.delimiter,
        "name_column": rows.name_column,
        "attributes": list(attributes.names) if attributes else [],
        "factors": list(factors.names) if factors else [],
        "partition": labels.PARTITION_FILE in tables,
    }
