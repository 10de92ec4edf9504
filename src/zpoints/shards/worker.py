"""Decode a few images at a time and write the rows straight to their place in a shard file: the work of one process.

What it imports is kept small (numpy and PIL): starting it costs a tenth of a second on every core.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
from io import FileIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import numpy as np

from zpoints.datasets.archive import BadEntry, Entry, read_entry
from zpoints.datasets.picture import BadImage
from zpoints.shards.quick import QuickFaces

WRITTEN_AT_ONCE = 8  # images: fewer calls than one by one, and memory that stays in the processor's cache


class Recipe(NamedTuple):
    """What is done to every image."""

    archive: Path
    crop: tuple[int, int, int, int] | None
    size: int
    filter: str
    skip_bad: bool


class Task(NamedTuple):
    """A few images that follow one another: those from row `first` on go to byte `offset` of the file `shard`."""

    shard: Path
    offset: int
    first: int
    entries: list[Entry]


class Bad(NamedTuple):
    """An image that could not be used: its row, and a short reason."""

    row: int
    reason: str


def faces(recipe: Recipe) -> QuickFaces:
    return QuickFaces(recipe.crop, recipe.size, recipe.filter)


def decode(recipe: Recipe, face: QuickFaces, task: Task) -> list[Bad]:
    """Write the rows of a task. A bad image leaves anything in its row, and ends the task unless such are skipped."""
    bad = []
    rows = np.empty((WRITTEN_AT_ONCE, recipe.size, recipe.size, 3), dtype=np.uint8)
    with recipe.archive.open("rb") as archive, task.shard.open("r+b", buffering=0) as shard:
        shard.seek(task.offset)
        for first in range(0, len(task.entries), WRITTEN_AT_ONCE):
            entries = task.entries[first : first + WRITTEN_AT_ONCE]
            for place, entry in enumerate(entries):
                try:
                    rows[place] = face(read_entry(archive, entry))
                except (BadEntry, BadImage) as error:
                    bad.append(Bad(task.first + first + place, str(error)))
                    if not recipe.skip_bad:
                        return bad
            _write(shard, rows[: len(entries)])
    return bad


def _write(file: FileIO, rows: np.ndarray) -> None:
    rest = memoryview(rows.reshape(-1).data)
    while rest:  # a write may take a part alone, as the last one before a full disk does
        rest = rest[file.write(rest) :]


def serve(*handles: int) -> None:
    """Be a worker for each of these connections: a Recipe comes, then Tasks, and the Bad of each task go back.

    This process serves the first; it forks those for the others, which so need not import anything. An exception goes
    back in the place of a list. A worker ends, in the middle of a task too, with its parent's end of the connection,
    however that ends: a parent that was killed can't say goodbye.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    own = handles[0]
    forked: list[int] = []
    for handle in handles[1:]:
        if (child := os.fork()) == 0:
            own, forked = handle, []
            break
        forked.append(child)
    for handle in handles:
        if handle != own:
            os.close(handle)  # else no one would notice the death of the worker that it belongs to
    connection: Connection = Connection(own)
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    recipe = connection.recv()
    threading.Thread(target=_receive, args=(connection, tasks, forked), daemon=True).start()
    face = faces(recipe)
    with contextlib.suppress(OSError):
        while True:
            connection.send(_outcome(recipe, face, tasks.get()))
    threading.Event().wait()  # for the other thread to end it all


def _receive(connection: Connection, tasks: queue.SimpleQueue[Task], forked: list[int]) -> None:
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        for child in forked:
            os.waitpid(child, 0)
        os._exit(1)


def _outcome(recipe: Recipe, face: QuickFaces, task: Task) -> list[Bad] | Exception:
    try:
        return decode(recipe, face, task)
    except Exception as error:
        return error
