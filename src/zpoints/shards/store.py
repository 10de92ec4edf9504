"""One view over all shards: images stay on disk until they are read; labels, ids and the split are in memory.

Images are read to where they are wanted and not mapped: pages of a mapping count as resident memory of the process, and
a training touches all of them. What is read again comes from the system's cache, which counts for no process.

The folder holds index.json, ids.npy, split.npy, shard_000.npy ... and, where the source has them, attributes.npy,
identities.npy and factors.npy. Row i of every array belongs to image i, and the order never changes.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from zpoints.errors import UserError
from zpoints.reading import read_array, read_json

FORMAT = 1
SHARD_IMAGES = 4096
SPLITS = {"train": 0, "held_out": 1}  # the codes in split.npy, here and with the latents
SOURCES = ("toy", "celeba", "folder", "lfw")
INDEX = "index.json"
MAX_INDEX_BYTES = 1 << 20
BUFFERS = 1024  # that one read may fill: IOV_MAX of Linux and macOS


class Shards:
    """Images and labels of a shards folder; make one with `Shards.open`.

    Threads and forked processes may share one, and it can be pickled. It holds a file descriptor for each shard.

    size: edge of an image in pixels.                     ids: str array (n,), as "000001".
    split: uint8 (n,), 0 train, 1 held out.               source: one of SOURCES.
    attributes: uint8 (n, A) of 0/1, or None.             attribute_names: its columns, CelebA's 40 or your own.
    factors: float32 (n, F), or None.                     factor_names: its columns.
    identities: int32 (n,), or None.
    """

    def __init__(self, folder: Path, index: dict[str, Any]) -> None:
        n, size = index["images"], index["size"]
        self.folder = folder
        self.size: int = size
        self.source: str = index["source"]
        self.attribute_names = tuple(index["attributes"])
        self.factor_names = tuple(index["factors"])

        self.ids = read_array(folder / "ids.npy", np.str_, (n,))
        self.split = read_array(folder / "split.npy", np.uint8, (n,))
        path = folder / "identities.npy"
        self.identities = read_array(path, np.int32, (n,)) if path.exists() else None
        self.attributes = self.factors = None
        if self.attribute_names:
            self.attributes = read_array(folder / "attributes.npy", np.uint8, (n, len(self.attribute_names)))
        if self.factor_names:
            self.factors = read_array(folder / "factors.npy", np.float32, (n, len(self.factor_names)), finite=True)

        counts = [shard["images"] for shard in index["shards"]]
        self._first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])  # first row of each shard, and n
        self._files = [_ShardFile(folder / shard["file"], shard["images"], size) for shard in index["shards"]]
        for side, value in SPLITS.items():
            if np.count_nonzero(self.split == value) != index[side]:
                received = np.count_nonzero(self.split == value)
                raise UserError(f"{folder / 'split.npy'}: expected {index[side]} {side} rows, received {received}")

    @classmethod
    def open(cls, folder: Path) -> Shards:
        """Open a shards folder and check every file against index.json. Raises UserError, naming the file."""
        return cls(Path(folder), _read_index(Path(folder) / INDEX))

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, side: Literal["train", "held_out"]) -> np.ndarray:
        """int64 rows that train or are held out, ascending."""
        return np.flatnonzero(self.split == SPLITS[side])

    def read(self, rows: np.ndarray | Sequence[int]) -> np.ndarray:
        """Images of `rows`, in the order given: uint8 (len(rows), size, size, 3), in memory.

        They are read in the order in which they lie on disk; rows that follow one another there, at once.
        Raises IndexError for a row outside 0 ... n - 1, UserError where a file can no longer be read.
        """
        rows = np.asarray(rows, dtype=np.int64)
        images = np.empty((len(rows), self.size, self.size, 3), dtype=np.uint8)
        if not len(rows):
            return images
        if rows.min() < 0 or rows.max() >= len(self):
            raise IndexError(f"rows: expected 0 to {len(self) - 1}, received {rows.min()} to {rows.max()}")
        order = np.argsort(rows, kind="stable")
        shards = np.searchsorted(self._first, rows[order], side="right") - 1
        within = rows[order] - self._first[shards]
        pixels, length = images.reshape(-1).data, images[0].size
        breaks = (np.diff(rows[order]) != 1) | (np.diff(shards) != 0)
        edges = np.flatnonzero(np.concatenate([[True], breaks, [True]])).tolist()
        runs = [(self._files[shards[start]], int(within[start]), start, stop) for start, stop in pairwise(edges)]
        if len(runs) > 1:
            with contextlib.suppress(OSError):  # some file systems take no advice
                for file, row, start, stop in runs:
                    file.announce(row, stop - start)
        for file, row, start, stop in runs:
            places = [pixels[place * length : (place + 1) * length] for place in order[start:stop].tolist()]
            file.read(row, places)
        return images


class _ShardFile:
    """The images of one shard, a row of bytes each; checks the file against its shape. Raises UserError."""

    def __init__(self, path: Path, images: int, size: int) -> None:
        self._path, self._shape = path, (images, size, size, 3)
        self._length = size * size * 3
        array = read_array(self._path, np.uint8, self._shape, mapped=True)
        self._offset = getattr(array, "offset", 0)  # of the first image, behind the header
        try:
            if not array.flags.c_contiguous:
                raise UserError(f"{self._path}: expected an array in C order, received one in Fortran order")
            self._descriptor = os.open(self._path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._descriptor)
        except OSError as error:
            raise UserError(f"{self._path}: expected an array, received: {error.strerror or error}") from error

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self._path, "images": self._shape[0], "size": self._shape[1]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # a descriptor holds in one process only

    def announce(self, row: int, rows: int) -> None:
        """Let the system begin to fetch rows: a disk asked for many at once is quicker than one asked in turn."""
        if hasattr(os, "posix_fadvise"):  # not on macOS
            position = self._offset + row * self._length
            os.posix_fadvise(self._descriptor, position, rows * self._length, os.POSIX_FADV_WILLNEED)

    def read(self, row: int, images: list[memoryview]) -> None:
        """Fill `images`, size * size * 3 writable bytes each, with the rows from `row` on; raises UserError."""
        position = self._offset + row * self._length
        first = 0  # of those that are not yet full
        while first < len(images):
            try:
                count = os.preadv(self._descriptor, images[first : first + BUFFERS], position)
            except OSError as error:
                received = error.strerror or error
                raise UserError(f"{self._path}: expected to read images, received: {received}") from error
            if not count:
                whole = self._offset + self._shape[0] * self._length
                raise UserError(f"{self._path}: expected {whole} bytes still, received a file that was cut off")
            position += count
            while count and count >= len(images[first]):
                count -= len(images[first])
                first += 1
            if count:  # a read may end anywhere
                images[first] = images[first][count:]


def _read_index(path: Path) -> dict[str, Any]:
    """index.json with every value of the type and range that the view relies on."""
    index = read_json(path, max_bytes=MAX_INDEX_BYTES)
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        received = index.get("format") if isinstance(index, dict) else type(index).__name__
        raise UserError(f"{path}: expected format {FORMAT}, received {received}")
    for key in ("images", "size", "train", "held_out"):
        _expect(path, key, index.get(key), "a whole number", _is_count(index.get(key)))
    for side in SPLITS:
        _expect(path, side, index[side], "at least one image", index[side] > 0)
    for key in ("attributes", "factors"):
        value = index.get(key)
        names = isinstance(value, list) and all(isinstance(name, str) for name in value)
        _expect(path, key, value, "a list of names", names)
    _expect(path, "source", index.get("source"), f"one of {', '.join(SOURCES)}", index.get("source") in SOURCES)
    shards = index.get("shards", ())
    _expect(path, "shards", shards, "a list of files", isinstance(shards, list) and all(map(_is_shard, shards)))
    counted = sum(shard["images"] for shard in shards)
    _expect(path, "shards", f"{counted} images", f"{index['images']} images", counted == index["images"])
    return index


def _expect(path: Path, key: str, received: object, expected: str, fits: bool) -> None:
    if not fits:
        raise UserError(f"{path}: {key}: expected {expected}, received {str(received)[:80]}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_shard(shard: object) -> bool:
    """An entry of `shards` names a file in the folder itself: a path that leads elsewhere is refused."""
    if not isinstance(shard, dict) or not isinstance(shard.get("file"), str) or not _is_count(shard.get("images")):
        return False
    return shard["file"].endswith(".npy") and not set(shard["file"]) & set("/\\:\0")
