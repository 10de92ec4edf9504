"""Make shards from data/raw: images are read out of the archive in place, by all cores, into .npy files.

The parent reads the table of contents and the labels and lays out the shards; workers decode a few images at a time
and write the rows to their place. Nothing larger than a list of entries passes between processes, memory grows with the
list of all entries and the labels alone, and the bytes do not depend on how many workers there are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from zpoints import progress
from zpoints.errors import UserError
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, Entry, FaceArchive
from zpoints.datasets.filename_map import NAMES_FILE, read_names
from zpoints.datasets.zip_writer import expect_room
from zpoints.config.images import Images
from zpoints.config.split import Split
from zpoints.shards.decode import TASKS_AHEAD, Decoders
from zpoints.shards.fsync import Flusher
from zpoints.shards.quick import decoder
from zpoints.shards.split import HELD_OUT, TRAIN, split_rows
from zpoints.shards.store import FORMAT, INDEX, SHARD_IMAGES, SOURCES
from zpoints.shards.worker import Bad, Recipe, Task

CHUNK_IMAGES = 256  # images of a task: small enough to balance the load, large enough to cost nothing to send
UNDER_WAY_BYTES = 16 << 20  # written by the tasks submitted, besides what the flusher lets wait
WORKER_BYTES = 1 << 20  # of the archive


def build_shards(raw: Path, out: Path, images: Images, split: Split, workers: int | None = None) -> dict[str, Any]:
    """Decode the images of `raw` (the layout of data/raw) into shards in `out`, an existing empty folder.

    workers: number of processes, all cores when None. Returns the measures of the stage: images, train, held_out,
    size, shards, source, decoder (libraries and versions: libjpeg-turbo's give the same pixels, others may not), and
    skipped, a list of {"id", "reason"}. Raises UserError.
    """
    source = _read_source(raw / "source.json")
    archive = raw / ARCHIVE_FILE
    try:
        recipe = Recipe(archive, images.crop, images.size, images.filter, images.on_bad_image == "skip")
        with Decoders(recipe, workers or _worthwhile(archive)) as decoders, ThreadPoolExecutor(1) as aside:
            entries = FaceArchive(archive).entries[: images.limit]
            ids = [entry.id for entry in entries]
            # Labels are read while images are decoded already, which takes minutes: a split that can't be made ends it.
            joined = aside.submit(_join_labels, raw, ids, split)
            bad = _decode(decoders, out, entries, joined)
        tables, rows = joined.result()
        kept = np.ones(len(ids), dtype=bool)
        kept[[row for row, _ in bad]] = False
        if not kept.any():
            expected = f"{archive}: expected at least one image that can be used"
            raise UserError(f"{expected}, received {len(ids)} bad ones, the first: {bad[0].reason}")
        if bad:
            _compact(out, np.flatnonzero(kept), images.size)
            ids = [image for image, keep in zip(ids, kept, strict=True) if keep]
            tables = {file: labels.Table(ids, table.names, table.values[kept]) for file, table in tables.items()}
            rows = _split(ids, tables, split)
        _write_arrays(out, ids, rows, tables)
        index = _write_index(out, ids, rows, tables, images.size, source)
    except OSError as error:
        name = error.filename or out
        expected = "expected to read the archive and write the shards"
        raise UserError(f"{name}: {expected}, received: {error.strerror or error}") from error
    measures = {key: index[key] for key in ("images", "train", "held_out", "size", "source")}
    measures["decoder"] = decoder()
    names = read_names(raw / NAMES_FILE) if bad else {}
    skipped = [{"id": entries[row].id, "reason": reason, **_named(names, entries[row])} for row, reason in bad]
    return {**measures, "shards": len(index["shards"]), "skipped": skipped}


def _named(names: dict[str, str], entry: Entry) -> dict[str, str]:
    """What an image of your own was called."""
    return {"name": names[entry.id]} if entry.id in names else {}


def _read_source(path: Path) -> str:
    """Which data set this is, from source.json."""
    try:
        source = json.loads(path.read_text(encoding="utf-8"))["source"]
    except OSError as error:
        raise UserError(f"{path}: expected the description of data/raw, received: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: expected JSON with a key source, received something else") from error
    if source not in SOURCES:
        raise UserError(f"{path}: source: expected one of {', '.join(SOURCES)}, received {str(source)[:80]}")
    return source


def _worthwhile(archive: Path) -> int:
    """Number of processes: all cores, but none for less than WORKER_BYTES, which are done before it has started."""
    size = archive.stat().st_size if archive.exists() else 0  # one that is missing is told by its reader
    return max(1, min(progress.workers(), size // WORKER_BYTES))


def _join_labels(raw: Path, ids: list[str], split: Split) -> tuple[dict[str, labels.Table], np.ndarray]:
    """Label tables that exist in `raw`, by file name, with a row for every id, in the order of ids; and their split.

    Raises UserError also where the split can't be made of them.
    """
    readers = {
        labels.ATTRIBUTE_FILE: labels.read_attributes,
        labels.PARTITION_FILE: labels.read_partition,
        labels.IDENTITY_FILE: labels.read_identities,
        labels.FACTOR_FILE: labels.read_factors,
        labels.OWN_FILE: labels.read_own,
    }
    images = [f"{image}.jpg" for image in ids]
    found = {file: read for file, read in readers.items() if (raw / file).exists()}
    tables = {file: _join(raw / file, read(raw / file), images) for file, read in found.items()}
    return tables, _split(ids, tables, split)


def _join(path: Path, table: labels.Table, images: list[str]) -> labels.Table:
    """The rows of the images at hand; a label file may name many more."""
    if table.ids[: len(images)] == images:  # as the published ones, which begin with the first
        return labels.Table(images, table.names, table.values[: len(images)])
    row_of = {image: row for row, image in enumerate(table.ids)}
    rows = [row_of.get(image, -1) for image in images]
    if -1 in rows:
        lacking = images[rows.index(-1)]
        count = f" ({rows.count(-1)} images lack one)" if rows.count(-1) > 1 else ""
        raise UserError(f"{path}: expected a row for every image, received none for {lacking}{count}")
    return labels.Table(images, table.names, table.values[rows])


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


def _decode(decoders: Decoders, out: Path, entries: list[Entry], joined: Future[Any]) -> list[Bad]:
    """Fill new shards with the pixels of all entries; returns the bad ones by row, if such are to be skipped.

    Ends with the exception of `joined` as soon as that has one.
    """
    archive, size, skip = decoders.recipe.archive, decoders.recipe.size, decoders.recipe.skip_bad
    row_bytes = size * size * 3
    expect_room(out, len(entries) * row_bytes)
    chunk = _chunk(len(entries), row_bytes, decoders.workers)
    tasks = list(_tasks(out, entries, size, chunk))
    bad: list[Bad] = []
    flusher = Flusher()
    ended = decoders.run(tasks)
    for task, found in progress.track(ended, total=len(tasks), label=f"prepare (chunks of {chunk} images)"):
        bad += found
        flusher.wrote(task.shard, len(task.entries) * row_bytes)
        if joined.done():
            joined.result()
    joined.result()
    if hint := flusher.hint(out.parent):
        print(hint, file=sys.stderr, flush=True)
    bad.sort()
    if bad and not skip:
        advice = "(images.on_bad_image: skip leaves such images out)"
        entry = entries[bad[0].row]
        name = read_names(archive.with_name(NAMES_FILE)).get(entry.id)
        raise UserError(f"{archive}: {entry.name}{f' ({name})' if name else ''}: {bad[0].reason} {advice}")
    return bad


def _chunk(images: int, row_bytes: int, workers: int) -> int:
    """Number of images of a task.

    What has been submitted may all be written before it is flushed: it is kept below UNDER_WAY_BYTES, but for very many
    workers, whose tasks would be too small to be worth sending. With few images some workers would have nothing to do.
    """
    bounded = UNDER_WAY_BYTES // (TASKS_AHEAD * workers * row_bytes)
    return min(max(bounded, CHUNK_IMAGES // 8, 1), CHUNK_IMAGES, -(-images // (4 * workers)))


def _tasks(out: Path, entries: list[Entry], size: int, chunk: int) -> Iterator[Task]:
    """Create the shards, empty, and name what goes into them."""
    for shard, first in enumerate(range(0, len(entries), SHARD_IMAGES)):
        rows = min(SHARD_IMAGES, len(entries) - first)
        path = out / _shard_name(shard)
        pixels = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(rows, size, size, 3))
        for start in range(0, rows, chunk):
            offset = pixels.offset + start * size * size * 3
            yield Task(path, offset, first + start, entries[first + start : first + min(start + chunk, rows)])


def _compact(out: Path, kept: np.ndarray, size: int) -> None:
    """Close the gaps that bad images left: row i of the shards becomes what was row kept[i].

    Row i of the new shard k comes from the old shard k or a later one, so shard k may be replaced once it is made.
    """
    paths = [out / _shard_name(shard) for shard in range(len(list(out.glob("shard_*.npy"))))]
    old = [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]
    shards = -(-len(kept) // SHARD_IMAGES)
    for shard in range(shards):
        rows = kept[shard * SHARD_IMAGES : (shard + 1) * SHARD_IMAGES]
        if len(rows) == len(old[shard]) and rows[-1] == shard * SHARD_IMAGES + len(rows) - 1:
            continue  # nothing is missing up to its end
        new = out / "compacted.npy"
        with new.open("wb") as file:  # not a mapping: on a full disk its pages would kill the process without a word
            header = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), size, size, 3)}
            np.lib.format.write_array_header_1_0(file, header)
            for row in rows.tolist():
                file.write(old[row // SHARD_IMAGES][row % SHARD_IMAGES].data)
        new.replace(paths[shard])
    for surplus in paths[shards:]:
        surplus.unlink()


def _write_arrays(out: Path, ids: list[str], split: np.ndarray, tables: dict[str, labels.Table]) -> None:
    np.save(out / "ids.npy", np.array(ids, dtype=np.str_), allow_pickle=False)
    np.save(out / "split.npy", split, allow_pickle=False)
    if table := _attributes(tables):
        np.save(out / "attributes.npy", table.values.astype(np.uint8), allow_pickle=False)
    if table := tables.get(labels.IDENTITY_FILE):
        np.save(out / "identities.npy", table.values[:, 0].astype(np.int32), allow_pickle=False)
    if table := tables.get(labels.FACTOR_FILE):
        np.save(out / "factors.npy", table.values.astype(np.float32), allow_pickle=False)


def _attributes(tables: dict[str, labels.Table]) -> labels.Table | None:
    """CelebA's 40, or those of your own faces."""
    return tables.get(labels.ATTRIBUTE_FILE) or tables.get(labels.OWN_FILE)


def _write_index(
    out: Path, ids: list[str], split: np.ndarray, tables: dict[str, labels.Table], size: int, source: str
) -> dict[str, Any]:
    counts = [min(SHARD_IMAGES, len(ids) - first) for first in range(0, len(ids), SHARD_IMAGES)]
    attributes, factors = _attributes(tables), tables.get(labels.FACTOR_FILE)
    index = {
        "format": FORMAT,
        "images": len(ids),
        "size": size,
        "shards": [{"file": _shard_name(shard), "images": count} for shard, count in enumerate(counts)],
        "attributes": list(attributes.names) if attributes else [],
        "factors": list(factors.names) if factors else [],
        "source": source,
        "train": int(np.count_nonzero(split == TRAIN)),
        "held_out": int(np.count_nonzero(split == HELD_OUT)),
    }
    (out / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    return index


def _shard_name(shard: int) -> str:
    return f"shard_{shard:03d}.npy"
