"""Data as scripts: a page opened from disk may load a script beside it, and may fetch nothing."""

import base64
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


class Chunks:
    """Writes data into a folder, a script each, and lists them.

    A script calls zpointsChunk(NAME, TEXT) with the gzipped bytes in base64. `index` has an entry for each name, with
    the file, the dtype and the shape of what it holds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.index: dict[str, dict[str, Any]] = {}

    def add_array(self, name: str, values: np.ndarray) -> None:
        """Write an array, little-endian, in C order."""
        values = np.ascontiguousarray(values)
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        self._write(name, values.tobytes(), dtype=values.dtype.name, shape=list(values.shape))

    def add_bytes(self, name: str, content: bytes) -> None:
        """Write bytes: a network, say, or a picture."""
        self._write(name, content, dtype="uint8", shape=[len(content)])

    def add_compressed(self, name: str, content: bytes) -> None:
        """Write bytes that are gzipped already."""
        self._script(name, content, dtype="uint8", shape=None)

    def add_json(self, name: str, content: Any) -> None:
        """Write plain data; NaN and infinity, which JSON lacks, are refused."""
        text = json.dumps(content, allow_nan=False, separators=(",", ":"))
        self._write(name, text.encode(), dtype="json", shape=None)

    def add_blocks(self, name: str, blocks: Iterable[np.ndarray]) -> int:
        """Write arrays as NAME_0, NAME_1 ... one by one; returns their number."""
        count = 0
        for block in blocks:
            self.add_array(f"{name}_{count}", block)
            count += 1
        return count

    def _write(self, name: str, content: bytes, **entry: Any) -> None:
        self._script(name, gzip.compress(content, 6, mtime=0), **entry)

    def _script(self, name: str, compressed: bytes, **entry: Any) -> None:
        file = name.replace("/", "-") + ".js"
        text = base64.b64encode(compressed).decode()
        (self._folder / file).write_text(f"zpointsChunk({json.dumps(name)},{json.dumps(text)});\n", encoding="utf-8")
        self.index[name] = {"file": file, **entry}
