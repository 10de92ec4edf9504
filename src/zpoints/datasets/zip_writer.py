"""Large files made in one pass: copies with their MD5, and images packed into one archive, with few unwritten pages."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from zpoints.datasets.archive import IMAGE_FOLDER, MAX_ENTRY_BYTES, FaceArchive
from zpoints.errors import UserError
from zpoints.progress import track

CHUNK_BYTES = 8 << 20
FLUSH_BYTES = 16 << 20  # pages left unwritten before they are flushed; gigabytes of them would stall a slow disk
ENTRY_BYTES = 256  # of headers for each image in an archive, at most


def pack(images: Iterable[tuple[str, bytes]], target: Path, total: int | None = None) -> int:
    """Put images, (name, bytes) in order, into an archive that depends on them alone; returns their number.

    Nothing is compressed: JPEG, PNG and WebP are. Raises UserError for an image that is too large, and OSError.
    """
    unwritten = 0
    with target.open("wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in track(images, total=total, label="packing images"):
            if len(data) > MAX_ENTRY_BYTES:
                expected = f"expected an image of at most {MAX_ENTRY_BYTES} bytes"
                raise UserError(f"{name}: {expected}, received {len(data)}")
            entry = zipfile.ZipInfo(f"{IMAGE_FOLDER}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
            unwritten = bound(stream, unwritten + len(data))
    return len(FaceArchive(target).entries)


def copy(source: Path, target: Path) -> dict[str, Any]:
    """Copy a file and return its size and MD5, {"bytes", "md5"}, from one pass over it."""
    md5, total, unwritten = hashlib.md5(usedforsecurity=False), 0, 0
    size = source.stat().st_size
    expect_room(target.parent, size)
    with source.open("rb") as reader, target.open("wb") as writer:
        for chunk in track(_chunks(reader), total=-(-size // CHUNK_BYTES), label=f"copying {source.name}"):
            md5.update(chunk)
            writer.write(chunk)
            total += len(chunk)
            unwritten = bound(writer, unwritten + len(chunk))
    return {"bytes": total, "md5": md5.hexdigest()}


def link(source: Path, target: Path) -> dict[str, Any]:
    """Give a file of our own a second name, or copy it where the file system can't; returns its size and MD5."""
    try:
        os.link(source, target)
    except OSError:
        return copy(source, target)
    return checksum(target)


def checksum(path: Path) -> dict[str, Any]:
    """Size and MD5 of a file: {"bytes", "md5"}."""
    with path.open("rb") as stream:
        md5 = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return {"bytes": path.stat().st_size, "md5": md5}


def expect_room(folder: Path, needed: int) -> None:
    """Raise UserError where the disk of `folder` has less than `needed` bytes left: told before hours of work."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(f"{folder}: expected room for {needed / 1e9:.3f} GB, received {free / 1e9:.3f} GB free")


def bound(stream: BinaryIO, unwritten: int) -> int:
    """Flush to the disk once enough bytes wait for it; returns how many still do."""
    if unwritten < FLUSH_BYTES:
        return unwritten
    stream.flush()
    os.fsync(stream.fileno())
    return 0


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: reader.read(CHUNK_BYTES), b"")
