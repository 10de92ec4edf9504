"""Data as scripts: a page opened from disk may load a script beside it, and may fetch nothing."""

import codecs
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

FIRST = 0x3000  # the character that stands for 0: from here on are 2^15 that no script has to escape


class Chunks:
    """Writes data into a folder, a script each, and lists them.

    A script calls zpointsChunk(NAME, LENGTH, TEXT) with so many gzipped bytes as text. `index` has an entry for each
    name, with the file, the dtype and the shape of what it holds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.index: dict[str, dict[str, Any]] = {}

    def add_array(self, name: str, values: np.ndarray) -> None:
        """Write an array, little-endian, in C order."""
        values = np.ascontiguousarray(values)
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        self._write(name, values.tobytes(), dtype=values.dtype.name, shape=list(values.shape))

    def add_rounded(self, name: str, values: np.ndarray) -> None:
        """Write finite numbers (n,) as uint16: each is rounded to 1/65535 of their range."""
        low, high = float(values.min()), float(values.max())
        step = (high - low) / 65535 or 1.0
        rounded = np.rint((values - low) / step).astype("<u2")
        self._write(name, rounded.tobytes(), dtype="uint16", shape=list(values.shape), low=low, step=step)

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

    def _write(self, name: str, content: bytes, **entry: Any) -> None:
        self._script(name, gzip.compress(content, 6, mtime=0), **entry)

    def _script(self, name: str, compressed: bytes, **entry: Any) -> None:
        file = name.replace("/", "-") + ".js"
        script = f'zpointsChunk({json.dumps(name)},{len(compressed)},"{as_text(compressed)}");\n'
        # A byte order mark decides how a browser reads a script, whatever a server says.
        (self._folder / file).write_bytes(codecs.BOM_UTF16_LE + script.encode("utf-16-le"))
        self.index[name] = {"file": file, **entry}


def as_text(content: bytes) -> str:
    """Bytes as characters of 15 bits from FIRST on, which take 16 in UTF-16: base64 takes 8 for 6."""
    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    groups = np.pad(bits, (0, -len(bits) % 15)).reshape(-1, 15)
    numbers = np.packbits(np.pad(groups, ((0, 0), (1, 0))), axis=1).view(">u2")
    return (numbers + FIRST).astype("<u2").tobytes().decode("utf-16-le")
