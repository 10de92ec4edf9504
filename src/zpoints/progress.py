"""Progress of a long loop: a bar on a terminal, a few plain lines elsewhere. And how many processes are worth using."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Item = TypeVar("Item")

SECONDS_BETWEEN_LINES = 10.0


def track(iterable: Iterable[Item], total: int | None = None, label: str = "") -> Iterator[Item]:
    """Iterate over `iterable`, telling on stderr how far it has come; short loops stay silent in a log."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(iterable, total=total, desc=label, leave=False)
        return
    if total is None and isinstance(iterable, Sized):
        total = len(iterable)
    start = last = time.monotonic()
    for count, item in enumerate(iterable, 1):
        yield item
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            line = f"{label}: {count}{f' of {total}' if total else ''} after {duration(now - start)}"
            if total and count < total:
                line += f", about {duration((now - start) / count * (total - count))} left"
            print(line, file=sys.stderr, flush=True)
            last = now


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def workers() -> int:
    """Number of processes worth starting: the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
