"""Make shards from data/raw: images are read out of the archive by all cores and written into .npy files.

The parent reads the table of contents and the labels, and splits; workers decode a few images at a time, and the parent
appends them to the shards in order. The bytes do not depend on how many workers there are.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, features

from zpoints import progress
from zpoints.artifacts import write_array
from zpoints.config.images import Images
from zpoints.config.split import Split
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, Entry, FaceArchive
from zpoints.datasets.filename_map import NAMES_FILE, read_names
from zpoints.datasets.zip_writer import expect_room
from zpoints.errors import UserError
from zpoints.reading import read_json
from zpoints.shards.decode import ImageTransform, decode_all
from zpoints.shards.split import split_rows
from zpoints.shards.store import FORMAT, INDEX, SHARD_IMAGES, SOURCES, SPLITS

CHUNK_BYTES = 4 << 20  # of pixels that a worker sends at once
WORKER_BYTES = 32 << 20  # of the archive: what one process decodes while another would still start


def build_shards(raw: Path, out: Path, images: Images, split: Split, workers: int | None = None) -> dict[str, Any]:
    """Decode the images of `raw` (the layout of data/raw) into shards in `out`, an existing empty folder.

    workers: number of processes, as many as are worth starting when None.
    Returns what prepare.json is to say: counts of images, train, held_out, shards, attributes, factors, identities,
    rows_without_image and ignored_files; size, crop and filter; source; decoder (the library and its version:
    libjpeg-turbo's give the same pixels, others may not); and skipped, a list of {"id", "reason"}. Raises UserError.
    """
    source = _read_source(raw / "source.json")
    archive = raw / ARCHIVE_FILE
    try:
        faces = FaceArchive(archive)
        entries = faces.entries[: images.limit]
        ids = [entry.id for entry in entries]
        published = labels.read_tables(raw)
        counts = labels.counts(published, {f"{entry.id}.jpg" for entry in faces.entries})
        tables = {file: _join(raw / file, table, ids) for file, table in published.items()}
        rows = _split(ids, tables, split)  # before hours of work
        bad = _decode(archive, out, entries, images, workers or _worthwhile(archive))
        if bad:
            kept = np.array([row not in bad for row in range(len(ids))])
            if not kept.any():
                expected = f"{archive}: expected at least one image that can be used"
                raise UserError(f"{expected}, received {len(ids)} bad ones, the first: {bad[0]}")
            ids = [image for image, keep in zip(ids, kept, strict=True) if keep]
            tables = {file: labels.Table(ids, table.names, table.values[kept]) for file, table in tables.items()}
            rows = _split(ids, tables, split)
        index = _write_index(out, ids, rows, tables, images.size, source)
    except OSError as error:
        name = error.filename or out
        expected = "expected to read the archive and write the shards"
        raise UserError(f"{name}: {expected}, received: {error.strerror or error}") from error
    turbo = features.version("libjpeg_turbo")
    library = f"libjpeg-turbo {turbo}" if turbo else f"libjpeg {features.version('jpg')}"
    names = read_names(raw / NAMES_FILE) if bad else {}
    skipped = []
    for row, reason in bad.items():
        image = entries[row].id
        own_name = {"name": names[image]} if image in names else {}
        skipped.append({"id": image, "reason": reason, **own_name})
    return {
        **{key: index[key] for key in ("images", "train", "held_out", "size", "source")},
        "crop": list(images.crop) if images.crop else None,
        "filter": images.filter,
        **counts,
        "ignored_files": faces.ignored,
        "decoder": f"Pillow {Image.__version__} ({library})",
        "shards": len(index["shards"]),
        "skipped": skipped,
    }


def describe(measures: dict[str, Any]) -> str:
    """One line on what was prepared: the numbers of prepare.json."""
    size, crop = measures["size"], measures["crop"] or "the central square"
    return (
        f"{measures['images']} images of {size} x {size} pixels from {crop} ({measures['filter']}): "
        f"{measures['train']} train, {measures['held_out']} held out, {len(measures['skipped'])} skipped; "
        f"{labels.in_words(measures)}; {measures['ignored_files']} files ignored"
    )


def _read_source(path: Path) -> str:
    """Which data set this is, from source.json."""
    content = read_json(path)
    source = content.get("source") if isinstance(content, dict) else None
    if source not in SOURCES:
        raise UserError(f"{path}: source: expected one of {', '.join(SOURCES)}, received {str(source)[:80]}")
    return source


def _worthwhile(archive: Path) -> int:
    """Number of processes: all cores, but none for less than WORKER_BYTES."""
    return max(1, min(progress.workers(), archive.stat().st_size // WORKER_BYTES))


def _join(path: Path, table: labels.Table, ids: list[str]) -> labels.Table:
    """The rows of the images at hand, in their order; a label file may name many more."""
    row_of = {image: row for row, image in enumerate(table.ids)}
    rows = [row_of.get(f"{image}.jpg", -1) for image in ids]
    if -1 in rows:
        lacking = f"{ids[rows.index(-1)]}.jpg"
        count = f" ({rows.count(-1)} images lack one)" if rows.count(-1) > 1 else ""
        raise UserError(f"{path}: expected a row for every image, received none for {lacking}{count}")
    return labels.Table(ids, table.names, table.values[rows])


def _split(ids: list[str], tables: dict[str, labels.Table], split: Split) -> np.ndarray:
    partition, identities = tables.get(labels.PARTITION_FILE), tables.get(labels.IDENTITY_FILE)
    return split_rows(
        ids,
        split.train,
        split.by,
        split.seed,
        partition=partition.values[:, 0] if partition else None,
        identities=identities.values[:, 0] if identities else None,
    )


def _decode(archive: Path, out: Path, entries: list[Entry], images: Images, workers: int) -> dict[int, str]:
    """Write the pixels of all entries into shards, one after another; returns a reason for each row that is skipped."""
    skip, row_bytes = images.on_bad_image == "skip", images.size * images.size * 3
    transform = ImageTransform(archive, images.crop, images.size, images.filter, skip)
    expect_room(out, len(entries) * row_bytes)
    # Not so many images that some workers would have nothing to do.
    length = max(1, min(CHUNK_BYTES // row_bytes, -(-len(entries) // (4 * workers))))
    names = [entry.name for entry in entries]
    chunks = [names[first : first + length] for first in range(0, len(names), length)]
    bad: dict[int, str] = {}
    written = 0
    with contextlib.closing(decode_all(transform, chunks, workers)) as decoded:
        label = f"prepare (chunks of {length} images)"
        for number, chunk in enumerate(progress.track(decoded, len(chunks), label)):
            bad |= {number * length + place: reason for place, reason in chunk.bad.items()}
            if bad and not skip:
                entry = entries[min(bad)]
                name = read_names(archive.with_name(NAMES_FILE)).get(entry.id)
                what = f"{archive}: {entry.name}{f' ({name})' if name else ''}"
                raise UserError(f"{what}: {bad[min(bad)]} (images.on_bad_image: skip leaves such images out)")
            written = _append(out, written, chunk.pixels)
    return bad


def _append(out: Path, written: int, pixels: np.ndarray) -> int:
    """Append images to the shards, which hold `written` already; returns how many they hold then.

    Flushed after each chunk: gigabytes of unwritten pages would stall a slow disk.
    """
    while len(pixels):
        shard, row = divmod(written, SHARD_IMAGES)
        part, pixels = np.split(pixels, [SHARD_IMAGES - row])
        with (out / _shard_name(shard)).open("r+b" if row else "wb") as file:
            # NumPy pads headers, so that the number of rows may grow.
            shape = (row + len(part), *part.shape[1:])
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
            file.seek(0, os.SEEK_END)
            file.write(part.data)
            file.flush()
            os.fsync(file.fileno())
        written += len(part)
    return written


def _write_index(
    out: Path, ids: list[str], split: np.ndarray, tables: dict[str, labels.Table], size: int, source: str
) -> dict[str, Any]:
    """Write ids, split, labels and index.json; returns what this holds."""
    attributes = tables.get(labels.ATTRIBUTE_FILE) or tables.get(labels.OWN_FILE)
    factors, identities = tables.get(labels.FACTOR_FILE), tables.get(labels.IDENTITY_FILE)
    arrays = {"ids": np.array(ids, dtype=np.str_), "split": split}
    if attributes:
        arrays["attributes"] = attributes.values.astype(np.uint8)
    if factors:
        arrays["factors"] = factors.values.astype(np.float32)
    if identities:
        arrays["identities"] = identities.values[:, 0].astype(np.int32)
    for name, array in arrays.items():
        write_array(out / f"{name}.npy", array)
    counts = [min(SHARD_IMAGES, len(ids) - first) for first in range(0, len(ids), SHARD_IMAGES)]
    index = {
        "format": FORMAT,
        "images": len(ids),
        "size": size,
        "shards": [{"file": _shard_name(shard), "images": count} for shard, count in enumerate(counts)],
        "attributes": list(attributes.names) if attributes else [],
        "factors": list(factors.names) if factors else [],
        "source": source,
        **{side: int(np.count_nonzero(split == value)) for side, value in SPLITS.items()},
    }
    (out / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    return index


def _shard_name(shard: int) -> str:
    return f"shard_{shard:03d}.npy"
