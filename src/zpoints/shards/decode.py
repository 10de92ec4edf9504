"""Decode images in worker processes, each writing its rows straight to their place in a shard file.

What a worker imports is kept small (numpy and PIL): starting it costs a fraction of a second on every core.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from zpoints.errors import UserError
from zpoints.faces.archive import BadEntry, Entry, read_entry
from zpoints.faces.picture import BadImage
from zpoints.shards.quick import QuickFaces

TASKS_AHEAD = 3  # tasks submitted per worker, so that none runs dry while the parent flushes a disk
WRITTEN_AT_ONCE = 8  # images: fewer calls than one by one, and memory that stays in the processor's cache
SECONDS_TO_NUDGE = 5.0


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


Running = dict[Future[list[Bad]], Task]


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


def faces(recipe: Recipe) -> QuickFaces:
    return QuickFaces(recipe.crop, recipe.size, recipe.filter)


class Decoders:
    """Processes that decode; they start when this is made, so that the parent has time to find out what to decode.

    A context: at its end no task is begun any more, those under way are awaited, and the processes end. One worker
    is no process: then `run` decodes by itself, task by task.
    """

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self.recipe, self.workers = recipe, workers
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1:
            # A forked child would inherit the threads' locks of whatever the parent has loaded; a spawned one is clean.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(recipe,))
            self._pool.submit(int)  # they start with the first task

    def __enter__(self) -> Decoders:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Bad]]]:
        """Do all tasks and yield each with its bad images, in the order in which they end.

        Tasks start in the order given, TASKS_AHEAD for each worker before the first has been asked for. After a bad
        image that is not to be skipped no further task starts, and those under way are awaited: the first bad image of
        all is therefore among those yielded.
        Raises UserError when a worker dies, OSError when a file can't be read or written.
        """
        if self._pool is None:
            return self._alone(tasks)
        tasks = iter(tasks)
        running: Running = {}
        with self._death_is_told():
            self._submit(tasks, running)
        return self._results(tasks, running)

    def _alone(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Bad]]]:
        controller, face = ThreadpoolController(), faces(self.recipe)
        for task in tasks:
            with controller.limit(limits=1):
                bad = decode(self.recipe, face, task)
            yield task, bad
            if bad and not self.recipe.skip_bad:
                return

    def _results(self, tasks: Iterator[Task], running: Running) -> Iterator[tuple[Task, list[Bad]]]:
        assert self._pool
        failed = False
        with self._death_is_told():
            while running:
                ended = wait(running, SECONDS_TO_NUDGE, FIRST_COMPLETED).done
                if not ended:
                    # The executor watches a worker from the first event after its start on: with no further event, the
                    # death of the one started last would never be noticed.
                    self._pool.submit(int)
                for future in ended:
                    task, bad = running.pop(future), future.result()
                    failed |= bool(bad) and not self.recipe.skip_bad
                    yield task, bad
                if not failed:
                    self._submit(tasks, running)

    def _submit(self, tasks: Iterator[Task], running: Running) -> None:
        """Fill up to TASKS_AHEAD a worker: the list of all tasks would wait in memory twice."""
        assert self._pool
        while len(running) < TASKS_AHEAD * self.workers and (task := next(tasks, None)):
            running[self._pool.submit(_decode, task)] = task

    @contextlib.contextmanager
    def _death_is_told(self) -> Iterator[None]:
        try:
            yield
        except (BrokenProcessPool, MemoryError) as error:
            expected = f"expected {self.workers} worker processes to finish"
            died = "one of them died (killed, or out of memory)"
            raise UserError(f"{self.recipe.archive}: {expected}, {died}") from error


_work: tuple[Recipe, QuickFaces]  # of a worker


def _begin(recipe: Recipe) -> None:
    """The start of a worker: one thread for products of matrices, which are small and have a process for each core."""
    global _work
    _follow_parent()
    ThreadpoolController().limit(limits=1)
    _work = recipe, faces(recipe)


def _decode(task: Task) -> list[Bad]:
    return decode(*_work, task)


def _follow_parent() -> None:
    """Let the parent decide what Ctrl-C means, and end with it, however it ends: a killed one can't say goodbye."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait_for_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_for_parent, daemon=True).start()
