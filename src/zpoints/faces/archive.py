"""Read JPEGs out of a zip archive in place: 202,599 small files on a disk are slow, one large file is not.

The table of contents is read once, with zipfile. An entry is then read with two calls at a known place, so a worker
process needs the path and its entries alone, not a table of its own.
"""

from __future__ import annotations

import itertools
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, NamedTuple

from zpoints.errors import UserError

ARCHIVE_FILE = "img_align_celeba.zip"  # its name in data/raw
MAX_ENTRY_BYTES = 64 << 20  # an aligned face has about 10 KB
MAX_ID = 60  # characters
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class Entry(NamedTuple):
    """One JPEG of an archive: its id ("000001") and where and how it is stored."""

    id: str
    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int


class BadEntry(ValueError):
    """The bytes of one entry can't be read; the message is a short reason."""


class FaceArchive:
    """The JPEGs of a zip, sorted by id.

    `entries` lists every *.jpg at the top or in one folder. Raises UserError for a file that is missing, no zip,
    truncated, or that holds encrypted entries, two images of one id, or none.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.entries = _entries(self.path)
        self._file: BinaryIO | None = None

    def read(self, entry: Entry) -> bytes:
        """The bytes of the JPEG. Raises UserError, naming the entry, where they are damaged."""
        if self._file is None:
            self._file = self.path.open("rb")
        try:
            return read_entry(self._file, entry)
        except BadEntry as error:
            raise UserError(f"{self.path}: {entry.name}: {error}") from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __len__(self) -> int:
        return len(self.entries)

    def __enter__(self) -> FaceArchive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        # An open file can't pass to another process; the copy opens its own.
        return {**self.__dict__, "_file": None}


def read_entry(file: BinaryIO, entry: Entry) -> bytes:
    """Read one entry of an open archive, never more than MAX_ENTRY_BYTES. Raises BadEntry for damaged bytes."""
    if max(entry.size, entry.packed) > MAX_ENTRY_BYTES:
        raise BadEntry(f"expected at most {MAX_ENTRY_BYTES} bytes, received {max(entry.size, entry.packed)}")
    file.seek(entry.offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise BadEntry("its header is missing (truncated or damaged archive)")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    file.seek(name_bytes + extra_bytes, os.SEEK_CUR)
    packed = file.read(entry.packed)
    if len(packed) < entry.packed:
        raise BadEntry(f"expected {entry.packed} bytes, received {len(packed)} (truncated archive)")
    data = packed if entry.method == STORED else _inflate(packed, entry.size)
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise BadEntry("its checksum (CRC) does not fit (damaged archive)")
    return data


def _inflate(packed: bytes, size: int) -> bytes:
    """Decompress at most one byte more than `size`, however much a forged entry would swell to."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise BadEntry(f"it can't be decompressed ({error})") from error


def _entries(path: Path) -> list[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            images = [info for info in archive.infolist() if _is_image(info)]
    except OSError as error:
        raise UserError(f"{path}: expected a readable zip archive, received: {error.strerror or error}") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UserError(f"{path}: expected a whole zip archive, received one that is truncated or no zip") from error
    if not images:
        raise UserError(f"{path}: expected *.jpg files at the top or in one folder, received none")
    entries = sorted(_entry(path, info) for info in images)
    for one, other in itertools.pairwise(entries):
        if one.id == other.id:
            raise UserError(f"{path}: expected each image once, received {one.name} and {other.name}")
    return entries


def _is_image(info: zipfile.ZipInfo) -> bool:
    *folders, name = info.filename.split("/")
    hidden = name.startswith(".") or any(folder.startswith((".", "__MACOSX")) for folder in folders)
    return name.lower().endswith(".jpg") and len(folders) <= 1 and not hidden


def _entry(path: Path, info: zipfile.ZipInfo) -> Entry:
    name = info.filename.rpartition("/")[2]
    if not (name.isascii() and name.isprintable()) or len(name) > MAX_ID + 4:
        raise UserError(f"{path}: expected names such as 000001.jpg, received {info.filename[:80]!r}")
    if info.flag_bits & 1:
        raise UserError(f"{path}: expected an archive without a password, received an encrypted {info.filename}")
    if info.compress_type not in (STORED, DEFLATED):
        expected = f"{path}: expected entries stored or deflated"
        raise UserError(f"{expected}, received compression method {info.compress_type} for {info.filename}")
    image = name[: -len(".jpg")]
    return Entry(
        image, info.filename, info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type
    )
