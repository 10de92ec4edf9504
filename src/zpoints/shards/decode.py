"""Decode, crop and resize a few images at a time, in worker processes."""

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


class Decoded(NamedTuple):
    """pixels: uint8 (n, size, size, 3), of the images that can be used.  bad: a reason for each other, by place."""

    pixels: np.ndarray
    bad: dict[int, str]


def decode_all(transform: ImageTransform, chunks: list[list[str]], workers: int) -> Generator[Decoded, None, None]:
    """Decode lists of entries, in this process if `workers` is 1, and yield the images of each, in order.

    Raises OSError where the archive can't be read, and UserError where a worker is killed.
    """
    if workers > 1:
        yield from map_in_order(partial(_decode_in_worker, transform), chunks, workers)
    else:
        with open_archive(transform.archive) as archive:
            for names in chunks:
                yield decode(archive, transform, names)


def decode(archive: ZipFile, transform: ImageTransform, names: list[str]) -> Decoded:
    """Decode entries. A bad image ends it unless such are skipped."""
    pixels = np.empty((len(names), transform.size, transform.size, 3), dtype=np.uint8)
    count, bad = 0, {}
    for place, name in enumerate(names):
        try:
            pixels[count] = face(read_entry(archive, name), transform.crop, transform.size, transform.filter)
            count += 1
        except (BadEntry, BadImage) as error:
            bad[place] = str(error)
            if not transform.skip_bad:
                break
    return Decoded(pixels[:count], bad)


def _decode_in_worker(transform: ImageTransform, names: list[str]) -> Decoded:
    return decode(_opened(transform.archive), transform, names)


@lru_cache(maxsize=1)
def _opened(archive: Path) -> ZipFile:
    """A worker reads the table of contents once."""
    return open_archive(archive)
