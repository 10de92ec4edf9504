"""Bring a local copy of CelebA into the layout of data/raw: one archive, the label files, and what they are.

A copy is taken as it is found; its checksums say whether it is the published one.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from zpoints.errors import UserError
from zpoints.faces import labels
from zpoints.faces.archive import ARCHIVE_FILE, MAX_ENTRY_BYTES, FaceArchive
from zpoints.progress import track

IMAGE_FOLDER = "img_align_celeba"

# MD5 of the files as published.
OFFICIAL = {
    ARCHIVE_FILE: "00d2c5bc6d35e252742224ab0c1e8fcb",
    labels.ATTRIBUTE_FILE: "75e246fa4810816ffd6ee81facbd244c",
    labels.PARTITION_FILE: "d32c9cbf5e040fd4025c592c306e6668",
    labels.IDENTITY_FILE: "32bd1bd63d3c78cd57e08160ec5ed1e2",
}
READERS = {
    labels.ATTRIBUTE_FILE: labels.read_attributes,
    labels.PARTITION_FILE: labels.read_partition,
    labels.IDENTITY_FILE: labels.read_identities,
}

CHUNK_BYTES = 8 << 20
FLUSH_BYTES = 64 << 20  # pages left unwritten before they are flushed; gigabytes of them would stall a slow disk


def collect_celeba(source: Path, folder: Path) -> dict[str, Any]:
    """Copy the archive and the label files found at `source` into `folder`, which exists and is empty.

    source: img_align_celeba.zip with the label files beside it; or a folder that holds that file, or the folder
        img_align_celeba of JPEGs, or JPEGs; the label files then are in it or beside it. JPEGs are packed.
    Returns what source.json is to say: {"source": "celeba", "images": n, "files": {name: {"bytes", "md5",
    "official"}}}; it is the same for the same files, wherever they came from.
    Raises UserError for what is missing, unreadable or malformed; nothing large is copied before all is found.
    """
    try:
        images, places = _find_images(source)
        found = {file: _find_labels(file, places) for file in READERS}
        if found[labels.ATTRIBUTE_FILE] is None:
            looked = " and ".join(str(place) for place in places)
            raise UserError(f"{labels.ATTRIBUTE_FILE}: expected in {looked}, received no such file")
        for file, path in found.items():
            if path:
                READERS[file](path)
        if images.is_file():
            count = len(FaceArchive(images).entries)
            files = {ARCHIVE_FILE: _copy(images, folder / ARCHIVE_FILE)}
        else:
            count = _pack(images, folder / ARCHIVE_FILE)
            files = {ARCHIVE_FILE: _checksum(folder / ARCHIVE_FILE)}
        files |= {file: _copy(path, folder / file) for file, path in found.items() if path}
    except OSError as error:
        received = f"received: {error.strerror or error}"
        raise UserError(f"{error.filename or folder}: expected to copy CelebA to {folder}, {received}") from error
    for file, facts in files.items():
        facts["official"] = facts["md5"] == OFFICIAL[file]
    return {"source": "celeba", "images": count, "files": files}


def _find_images(source: Path) -> tuple[Path, list[Path]]:
    """The archive, or the folder of JPEGs, and the folders in which the label files may be."""
    if source.is_file():
        return source, [source.absolute().parent]
    if not source.is_dir():
        raise UserError(
            f"data.archive: expected {ARCHIVE_FILE} or a folder that holds it, received {source}: no such file"
        )
    places = [source, source.absolute().parent]
    if (source / ARCHIVE_FILE).is_file():
        return source / ARCHIVE_FILE, places
    for folder in (source / IMAGE_FOLDER, source):
        if folder.is_dir() and next(_jpegs(folder), None):
            return folder, places
    raise UserError(f"{source}: expected {ARCHIVE_FILE}, {IMAGE_FOLDER}/*.jpg or *.jpg in it, received none of them")


def _find_labels(file: str, places: list[Path]) -> Path | None:
    return next((place / file for place in places if (place / file).is_file()), None)


def _jpegs(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as files:
        for file in files:
            if file.name.lower().endswith(".jpg") and not file.name.startswith(".") and file.is_file():
                yield folder / file.name


def _pack(images: Path, target: Path) -> int:
    """Put the JPEGs of a folder into an archive that depends on their names and bytes alone; returns their number."""
    files = sorted(_jpegs(images), key=lambda path: path.name)
    unwritten = 0
    with target.open("wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path in track(files, label="packing images"):
            if path.stat().st_size > MAX_ENTRY_BYTES:
                expected = f"expected an image of at most {MAX_ENTRY_BYTES} bytes"
                raise UserError(f"{path}: {expected}, received {path.stat().st_size}")
            entry = zipfile.ZipInfo(f"{IMAGE_FOLDER}/{path.name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            data = path.read_bytes()
            archive.writestr(entry, data)
            unwritten = _bound(stream, unwritten + len(data))
    return len(FaceArchive(target).entries)


def _copy(source: Path, target: Path) -> dict[str, Any]:
    """Copy a file and return its size and MD5, from one pass over it."""
    md5, total, unwritten = hashlib.md5(usedforsecurity=False), 0, 0
    chunks = -(-source.stat().st_size // CHUNK_BYTES)
    with source.open("rb") as reader, target.open("wb") as writer:
        for chunk in track(iter(lambda: reader.read(CHUNK_BYTES), b""), total=chunks, label=f"copying {source.name}"):
            md5.update(chunk)
            writer.write(chunk)
            total += len(chunk)
            unwritten = _bound(writer, unwritten + len(chunk))
    return {"bytes": total, "md5": md5.hexdigest()}


def _checksum(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        md5 = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return {"bytes": path.stat().st_size, "md5": md5}


def _bound(stream: BinaryIO, unwritten: int) -> int:
    """Flush to the disk once enough bytes wait for it; returns how many still do."""
    if unwritten < FLUSH_BYTES:
        return unwritten
    stream.flush()
    os.fsync(stream.fileno())
    return 0
