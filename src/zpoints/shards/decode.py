"""Decode, crop and resize a few images at a time, and write the rows straight to their place in a shard file."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np

from zpoints.datasets.archive import BadEntry, open_archive, read_entry
from zpoints.datasets.picture import BadImage, face
from zpoints.datasets.processes import map_in_order


class ImageTransform(NamedTuple):
    """What is done to every image of an archive."""

    archive: Path
    crop: tuple[int, int, int, int] | None
    size: int
    filter: str
    skip_bad: bool


class Task(NamedTuple):
    """A few images that follow one another: those from row `first` on go to byte `offset` of the file `shard`."""

    shard: Path
    offset: int
    first: int
    names: list[str]


class BadRow(NamedTuple):
    """An image that could not be used: its row, and a short reason."""

    row: int
    reason: str


def decode_all(transform: ImageTransform, tasks: list[Task], workers: int) -> Generator[list[BadRow], None, None]:
    """Do all tasks, in this process if `workers` is 1, and yield the bad images of each, in order.

    Raises OSError where a file can't be read or written, and UserError where a worker is killed.
    """
    if workers > 1:
        yield from map_in_order(partial(_decode_in_worker, transform), tasks, workers)
    else:
        with open_archive(transform.archive) as archive:
            for task in tasks:
                yield decode(archive, transform, task)


def decode(archive: ZipFile, transform: ImageTransform, task: Task) -> list[BadRow]:
    """Write the rows of a task. A bad image becomes a black row, and ends the task unless such are skipped."""
    bad = []
    with task.shard.open("r+b") as shard:
        shard.seek(task.offset)
        for row, name in enumerate(task.names, task.first):
            try:
                pixels = face(read_entry(archive, name), transform.crop, transform.size, transform.filter)
            except (BadEntry, BadImage) as error:
                bad.append(BadRow(row, str(error)))
                if not transform.skip_bad:
                    break
                pixels = np.zeros((transform.size, transform.size, 3), dtype=np.uint8)
            shard.write(pixels.data)
    return bad


def _decode_in_worker(transform: ImageTransform, task: Task) -> list[BadRow]:
    return decode(_opened(transform.archive), transform, task)


@lru_cache(maxsize=1)
def _opened(archive: Path) -> ZipFile:
    """A worker reads the table of contents once."""
    return open_archive(archive)
