"""One view over all shards: images stay on disk, memory-mapped; labels, ids and the split are in memory.

The folder holds index.json, ids.npy, split.npy, shard_000.npy ... and, where the source has them, attributes.npy,
identities.npy and factors.npy. Row i of every array belongs to image i, and the order never changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from zpoints.errors import UserError
from zpoints.shards.split import HELD_OUT, TRAIN

FORMAT = 1
SHARD_IMAGES = 4096
INDEX = "index.json"
MAX_INDEX_BYTES = 1 << 20
SIDES = {"train": TRAIN, "held_out": HELD_OUT}


class Shards:
    """Images and labels of a shards folder; make one with `Shards.open`.

    size: edge of an image in pixels.                     ids: str array (n,), as "000001".
    split: uint8 (n,), 0 train, 1 held out.               source: "toy" or "celeba".
    attributes: uint8 (n, 40) of 0/1, or None.            attribute_names: its columns.
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

        self.ids = _load(folder / "ids.npy", np.str_, (n,))
        self.split = _load(folder / "split.npy", np.uint8, (n,))
        self.identities = _load_optional(folder / "identities.npy", np.int32, (n,))
        self.attributes = self.factors = None
        if self.attribute_names:
            self.attributes = _load(folder / "attributes.npy", np.uint8, (n, len(self.attribute_names)))
        if self.factor_names:
            self.factors = _load(folder / "factors.npy", np.float32, (n, len(self.factor_names)))

        counts = [shard["images"] for shard in index["shards"]]
        self._first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])  # first row of each shard, and n
        self._images = [
            _load(folder / shard["file"], np.uint8, (shard["images"], size, size, 3), mapped=True)
            for shard in index["shards"]
        ]
        for side, value in SIDES.items():
            if np.count_nonzero(self.split == value) != index[side]:
                received = np.count_nonzero(self.split == value)
                raise UserError(f"{folder / 'split.npy'}: expected {index[side]} {side} rows, received {received}")

    @classmethod
    def open(cls, folder: Path) -> Shards:
        """Open a shards folder and hold every file against index.json. Raises UserError, naming the file."""
        return cls(Path(folder), _read_index(Path(folder) / INDEX))

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, side: Literal["train", "held_out"]) -> np.ndarray:
        """int64 rows that train or are held out, ascending."""
        return np.flatnonzero(self.split == SIDES[side])

    def read(self, rows: np.ndarray | Sequence[int]) -> np.ndarray:
        """Images of `rows`, in the order given: uint8 (len(rows), size, size, 3), in memory.

        Rows that follow one another are copied as blocks; others one by one, in the order in which they lie on disk.
        Raises IndexError for a row outside 0 ... n - 1.
        """
        rows = np.asarray(rows, dtype=np.int64)
        images = np.empty((len(rows), self.size, self.size, 3), dtype=np.uint8)
        if not len(rows):
            return images
        if rows.min() < 0 or rows.max() >= len(self):
            raise IndexError(f"rows: expected 0 to {len(self) - 1}, received {rows.min()} to {rows.max()}")
        if (np.diff(rows) == 1).all():
            self._read_block(int(rows[0]), images)
            return images
        order = np.argsort(rows, kind="stable")
        shards = np.searchsorted(self._first, rows[order], side="right") - 1
        within = rows[order] - self._first[shards]
        for place, shard, row in zip(order.tolist(), shards.tolist(), within.tolist(), strict=True):
            images[place] = self._images[shard][row]
        return images

    def _read_block(self, start: int, images: np.ndarray) -> None:
        """Fill `images` with the rows from `start` on."""
        done = 0
        shard = int(np.searchsorted(self._first, start, side="right")) - 1
        while done < len(images):
            row = start + done - int(self._first[shard])
            block = self._images[shard][row : row + len(images) - done]
            images[done : done + len(block)] = block
            done += len(block)
            shard += 1


def _read_index(path: Path) -> dict[str, Any]:
    """index.json with every value of the type and range that the view relies on."""
    try:
        if path.stat().st_size > MAX_INDEX_BYTES:
            raise UserError(f"{path}: expected at most {MAX_INDEX_BYTES} bytes, received {path.stat().st_size}")
        index = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: expected the index of a shards folder, received: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"{path}: expected JSON, received: {error}") from error
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        received = index.get("format") if isinstance(index, dict) else type(index).__name__
        raise UserError(f"{path}: expected format {FORMAT}, received {received}")
    for key in ("images", "size", "train", "held_out"):
        _expect(path, key, index.get(key), "a whole number", _is_count(index.get(key)))
    for key in ("attributes", "factors"):
        value = index.get(key)
        names = isinstance(value, list) and all(isinstance(name, str) for name in value)
        _expect(path, key, value, "a list of names", names)
    _expect(path, "source", index.get("source"), "toy or celeba", index.get("source") in ("toy", "celeba"))
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


def _load(path: Path, dtype: type[np.generic], shape: tuple[int, ...], mapped: bool = False) -> np.ndarray:
    """An array of this very type and shape; a mapped one costs no memory until it is read."""
    try:
        # A mapping checks the size of the file against its header, also where the array is then read into memory.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise UserError(f"{path}: expected an array, received: {error.strerror or error}") from error
    except (ValueError, EOFError, SyntaxError) as error:
        raise UserError(f"{path}: expected a whole .npy file, received: {error}") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: expected a .npy file, received an archive of arrays")
    if not np.issubdtype(array.dtype, dtype) or array.shape != shape:
        expected = f"expected {np.dtype(dtype).name} of shape {shape}"
        raise UserError(f"{path}: {expected}, received {array.dtype.name} of shape {array.shape}")
    # Without the subclass np.memmap every view of a row is several times quicker.
    return np.asarray(array) if mapped else np.array(array)


def _load_optional(path: Path, dtype: type[np.generic], shape: tuple[int, ...]) -> np.ndarray | None:
    return _load(path, dtype, shape) if path.exists() else None
