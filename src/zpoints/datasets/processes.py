"""Run a function in worker processes that are never far ahead, and never outlive the process that started them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from zpoints.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")

ENDING = (signal.SIGTERM, signal.SIGHUP)
AHEAD = 3  # items that a worker holds, so that it does not run dry


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """Yield function(item) for all items, in order, from `workers` processes; at most AHEAD * workers are under way.

    Raises what the function raises, and UserError where a worker is killed. Workers do not see Ctrl-C, which this
    process answers; they end with the iterator, and with this process however it ends.
    """
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                # The pool starts a worker when it is given something to do: one that is half started when this process
                # ends would say so.
                with _signals_wait():
                    waiting.append(pool.submit(function, item))
                if len(waiting) == AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            expected = f"expected {workers} worker processes to finish"
            raise UserError(f"{expected}, received the end of one (killed, or out of memory)") from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    """What would end this process does so after the block. Workers that start in it never see Ctrl-C."""
    signals = (signal.SIGINT, *ENDING)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # which a worker keeps
    # Another thread, such as one of BLAS, may take the signal, and then Python's handler runs in this one all the same.
    handlers = {}
    arrived: list[int] = []
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.signal(number, lambda number, _: arrived.append(number)) for number in signals}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for late in arrived:
            signal.raise_signal(late)


def _end_with_parent() -> None:
    """A process that is killed can't tell its workers, which would wait for it forever."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
