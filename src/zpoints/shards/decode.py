"""Have images decoded by several processes, each of which holds a few tasks, and take in what they found.

The processes are started by hand rather than by multiprocessing, which would have each import the program's main
module, with all that a command line needs, and keep another process to clean up after them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import cast

from threadpoolctl import ThreadpoolController

from zpoints.errors import UserError
from zpoints.shards.worker import Bad, Recipe, Task, decode, faces

TASKS_AHEAD = 3  # tasks that a worker holds, so that it does not run dry while the parent flushes a disk
# A worker has a core for itself, and its products of matrices are small.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
ONE_THREAD["VECLIB_MAXIMUM_THREADS"] = "1"

# macOS's own libraries don't survive a fork: there every worker is a process started for itself.
FORKS = sys.platform == "linux"

Running = dict[Connection, deque[Task]]


class Decoders:
    """Processes that decode; they start when this is made, so that the parent has time to find out what to decode.

    A context: at its end the processes end, in the middle of a task too. One worker is no process: then `run`
    decodes by itself, task by task.
    """

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self.recipe, self.workers = recipe, workers
        self._connections: list[Connection] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        if workers > 1:
            for count in [workers] if FORKS else [1] * workers:
                self._start(count)

    def __enter__(self) -> Decoders:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections:
            connection.close()
        for process in self._processes:
            process.wait()

    def _start(self, count: int) -> None:
        """A process for so many workers."""
        pairs = [multiprocessing.Pipe() for _ in range(count)]
        handles = [theirs.fileno() for _, theirs in pairs]
        program = f"import sys; sys.path[:] = {sys.path}; from zpoints.shards.worker import serve; serve(*{handles})"
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            env=os.environ | ONE_THREAD,
            pass_fds=handles,
        )
        self._processes.append(process)
        for ours, theirs in pairs:
            ours.send(self.recipe)
            theirs.close()
            self._connections.append(ours)

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Bad]]]:
        """Do all tasks and yield each with its bad images, in the order in which they end.

        Tasks start in the order given, TASKS_AHEAD for each worker before the first has been asked for. After a bad
        image that is not to be skipped no further task starts, and those under way are awaited: the first bad image of
        all is therefore among those yielded.
        Raises UserError when a worker dies, OSError when a file can't be read or written.
        """
        if not self._connections:
            return self._alone(tasks)
        tasks = iter(tasks)
        running: Running = {connection: deque() for connection in self._connections}
        with self._death_is_told():
            for _ in range(TASKS_AHEAD):
                for connection in running:
                    _submit(tasks, running, connection)
        return self._together(tasks, running)

    def _alone(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, list[Bad]]]:
        controller, face = ThreadpoolController(), faces(self.recipe)
        for task in tasks:
            with controller.limit(limits=1):
                bad = decode(self.recipe, face, task)
            yield task, bad
            if bad and not self.recipe.skip_bad:
                return

    def _together(self, tasks: Iterator[Task], running: Running) -> Iterator[tuple[Task, list[Bad]]]:
        failed = False
        while waited_for := [connection for connection, held in running.items() if held]:
            for connection in cast(list[Connection], wait(waited_for)):
                with self._death_is_told():
                    outcome = connection.recv()
                    if isinstance(outcome, Exception):
                        raise outcome
                    task = running[connection].popleft()
                    failed |= bool(outcome) and not self.recipe.skip_bad
                    if not failed:
                        _submit(tasks, running, connection)
                yield task, outcome

    @contextlib.contextmanager
    def _death_is_told(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError, MemoryError) as error:
            expected = f"expected {self.workers} worker processes to finish"
            died = "one of them died (killed, or out of memory)"
            raise UserError(f"{self.recipe.archive}: {expected}, {died}") from error


def _submit(tasks: Iterator[Task], running: Running, connection: Connection) -> None:
    """Give a worker the next task, if there is one."""
    if task := next(tasks, None):
        connection.send(task)
        running[connection].append(task)
