"""Decode images in worker processes, each writing its rows straight to their place in a shard file.

What a worker imports is kept small (numpy and PIL): starting it costs a fraction of a second on every core.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from zpoints.errors import UserError
from zpoints.faces.archive import BadEntry, Entry, read_entry
from zpoints.faces.picture import BadImage, face

TASKS_AHEAD = 4  # tasks submitted per worker, so that none runs dry while the parent flushes a disk
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


def decode(recipe: Recipe, task: Task) -> list[Bad]:
    """Write the rows of a task. A bad image leaves its row as it is, and ends the task unless such are skipped."""
    bad = []
    row_bytes = recipe.size * recipe.size * 3
    with recipe.archive.open("rb") as archive, task.shard.open("r+b") as shard:
        for place, entry in enumerate(task.entries):
            try:
                pixels = face(read_entry(archive, entry), recipe.crop, recipe.size, recipe.filter)
            except (BadEntry, BadImage) as error:
                bad.append(Bad(task.first + place, str(error)))
                if not recipe.skip_bad:
                    break
                continue
            shard.seek(task.offset + place * row_bytes)
            shard.write(pixels.data)
    return bad


def decode_all(recipe: Recipe, tasks: Iterable[Task], workers: int) -> Iterator[tuple[Task, list[Bad]]]:
    """Run all tasks in `workers` processes and yield each with its bad images, in the order in which they end.

    Tasks start in the order given. After a bad image that is not to be skipped no further task starts, and those
    under way are awaited: the first bad image of all is therefore among those yielded.
    Raises UserError when a worker dies, OSError when a file can't be read or written.
    """
    if workers == 1:
        for task in tasks:
            bad = decode(recipe, task)
            yield task, bad
            if bad and not recipe.skip_bad:
                return
        return
    # A forked child would inherit the threads' locks of whatever the parent has loaded; a spawned one is clean.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_parent)
    try:
        yield from _submit(pool, recipe, iter(tasks), TASKS_AHEAD * workers)
    except (BrokenProcessPool, MemoryError) as error:
        expected = f"expected {workers} worker processes to finish"
        raise UserError(f"{recipe.archive}: {expected}, one of them died (killed, or out of memory)") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(
    pool: ProcessPoolExecutor, recipe: Recipe, tasks: Iterator[Task], ahead: int
) -> Iterator[tuple[Task, list[Bad]]]:
    """Keep at most `ahead` tasks submitted: the list of all of them would wait in memory twice."""
    running: dict[Future[list[Bad]], Task] = {}
    failed = False
    while True:
        while not failed and len(running) < ahead and (task := next(tasks, None)):
            running[pool.submit(decode, recipe, task)] = task
        if not running:
            return
        ended = wait(running, SECONDS_TO_NUDGE, FIRST_COMPLETED).done
        if not ended:
            # The executor watches a worker from the first event after its start on: with no further event, the death
            # of the one started last would never be noticed.
            pool.submit(int)
        for future in ended:
            task, bad = running.pop(future), future.result()
            failed |= bool(bad) and not recipe.skip_bad
            yield task, bad


def _follow_parent() -> None:
    """Let the parent decide what Ctrl-C means, and end with it, however it ends: a killed one can't say goodbye."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait_for_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_for_parent, daemon=True).start()
