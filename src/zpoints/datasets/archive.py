"""Read images out of a zip archive in place: 202,599 small files on a disk are slow, one large file is not.

The table of contents is read once. An entry is then read with two calls at a known place, so a worker
process needs the path and its entries alone, not a table of its own.
"""

from __future__ import annotations

import gc
import itertools
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile

from zpoints.errors import UserError
from zpoints.datasets.zip_index import Member, members

ARCHIVE_FILE = "img_align_celeba.zip"  # its name in data/raw
IMAGE_FOLDER = "img_align_celeba"  # the folder within it
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_ENTRY_BYTES = 64 << 20  # an aligned face has about 10 KB
MAX_ID = 60  # characters
MAX_FOLDERS = 2  # that an image may lie in: some mirrors put img_align_celeba/ into img_align_celeba/
MAX_OFFSET = 1 << 62
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
# What nearly all images are called, with the id: nothing need be asked about such a name.
PLAIN_NAME = re.compile(r"(?:(?!__MACOSX)[0-9A-Za-z_-]{1,60}/){0,2}([0-9A-Za-z_-]{1,60})\.(?:jpe?g|png|webp)", re.ASCII)


class Entry(NamedTuple):
    """One image of an archive: its id ("000001") and where and how it is stored."""

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
    """The images of a zip, sorted by id: the name without folder and suffix.

    `entries` lists every JPEG, PNG and WebP file at the top or at most two folders deep; nothing is ever unpacked.
    Raises UserError for a file that is missing, no zip, truncated, or that holds encrypted entries, names that lead
    out of a folder, two images of one id, or none.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.entries = _entries(self.path)
        self._file: BinaryIO | None = None

    def read(self, entry: Entry) -> bytes:
        """The bytes of the image. Raises UserError, naming the entry, where they are damaged."""
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
    if not 0 <= entry.offset <= MAX_OFFSET:
        raise BadEntry("its place lies outside of the archive (truncated or damaged archive)")
    file.seek(entry.offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise BadEntry("its header is missing (truncated or damaged archive)")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    file.seek(name_bytes + extra_bytes, os.SEEK_CUR)
    packed = file.read(entry.packed)
    if len(packed) < entry.packed:
        raise BadEntry(f"expected {entry.packed} bytes, received {len(packed)} (truncated archive)")
    data = packed if entry.method == ZIP_STORED else _inflate(packed, entry.size)
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise BadEntry("its checksum (CRC) does not fit (damaged archive)")
    return data


def _inflate(packed: bytes, size: int) -> bytes:
    """Decompress at most one byte more than `size`, however much a forged entry would swell to."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise BadEntry(f"it can't be decompressed ({error})") from error


def contents(path: Path) -> list[Member]:
    """The table of contents of a zip. Raises UserError for a file that is missing, no zip, or truncated."""
    try:
        return members(path)
    except OSError as error:
        raise UserError(f"{path}: expected a readable zip archive, received: {error.strerror or error}") from error
    except (BadZipFile, ValueError) as error:
        raise UserError(f"{path}: expected a whole zip archive, received {_look(path)}") from error


def is_image(name: str) -> bool:
    """Whether an entry is named as an image is, and not hidden as macOS's own files are."""
    *folders, file = name.split("/")
    hidden = file.startswith(".") or any(folder.startswith("__MACOSX") or _is_hidden(folder) for folder in folders)
    return file.lower().endswith(SUFFIXES) and not hidden


def locate(path: Path, member: Member, id: str) -> Entry:
    """An entry to be read under the name `id`. Raises UserError for what can't be read, or leads out of a folder."""
    if _leads_out(member.name):
        raise UserError(f"{path}: expected names within the archive, received {member.name[:80]!r}")
    if member.flags & 1:
        raise UserError(f"{path}: expected an archive without a password, received an encrypted {member.name}")
    if member.method not in (ZIP_STORED, ZIP_DEFLATED):
        expected = f"{path}: expected entries stored or deflated"
        raise UserError(f"{expected}, received compression method {member.method} for {member.name}")
    return Entry(id, member.name, member.offset, member.packed, member.size, member.crc, member.method)


def _entries(path: Path) -> list[Entry]:
    with _without_collector():
        table = contents(path)
        entries = []
        for member in table:
            if plain := PLAIN_NAME.fullmatch(member.name):
                entries.append(locate(path, member, plain[1]))
            elif (is_image(member.name) and member.name.count("/") <= MAX_FOLDERS) or _bad_name(member.name):
                entries.append(locate(path, member, _id(path, member.name)))
        entries.sort()
    if not entries:
        nested = next((member.name for member in table if member.name.lower().endswith(".zip")), None)
        received = f"{nested[:80]} alone: take it out of this archive first" if nested else "none"
        raise UserError(f"{path}: expected *.jpg files at the top or at most two folders deep, received {received}")
    for one, other in itertools.pairwise(entries):
        if one.id == other.id:
            raise UserError(f"{path}: expected each image once, received {one.name} and {other.name}")
    return entries


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of tuples, none of them garbage: looking through them again and again takes as long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _id(path: Path, name: str) -> str:
    file = name.rpartition("/")[2]
    image = file.rpartition(".")[0]
    if not (file.isascii() and file.isprintable()) or len(image) > MAX_ID:
        raise UserError(f"{path}: expected names such as 000001.jpg, received {name[:80]!r}")
    return image


def _is_hidden(folder: str) -> bool:
    return folder.startswith(".") and folder != ".."


def _leads_out(name: str) -> bool:
    """Whether a program that unpacks would write elsewhere; this one never does, but such an archive is no one's."""
    return name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in name.split("/")


def _bad_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and _leads_out(name)


def _look(path: Path) -> str:
    """What a file that is no zip seems to be."""
    try:
        with path.open("rb") as file:
            start = file.read(512).lstrip().lower()
    except OSError:
        start = b""
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "one that is truncated or no zip" if start else "an empty file"
