"""Write what waits in memory to the disk in small windows, so that a slow disk is never handed gigabytes at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from zpoints.shards import dirty_pages

WINDOW_BYTES = 16 << 20
SLOW = 60e6  # bytes a second
SEEN = 256e6  # bytes to be flushed before the disk is judged


class Flusher:
    """Flushes files once WINDOW_BYTES of them have been written, and measures how fast the disk takes them."""

    def __init__(self) -> None:
        self._waiting: dict[Path, int] = {}
        self._bytes, self._seconds = 0, 0.0

    def wrote(self, path: Path, count: int) -> None:
        """`count` bytes more have been written to the file `path`, by whatever process. Raises OSError."""
        self._waiting[path] = self._waiting.get(path, 0) + count
        if sum(self._waiting.values()) >= WINDOW_BYTES:
            self.flush()

    def flush(self) -> None:
        """Return once all is on the disk; the pages stay in memory, to be read again, but can be given up at once."""
        start = time.perf_counter()
        for path in self._waiting:
            handle = os.open(path, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._seconds += time.perf_counter() - start
        self._bytes += sum(self._waiting.values())
        self._waiting.clear()

    def hint(self, place: Path) -> str | None:
        """One line to the user where this disk is slow and the system's settings will make it stall, else None.

        The speed is that of flushing alone: the disk may have been busy with other work.
        """
        if self._bytes < SEEN or self._bytes > SLOW * self._seconds:
            return None
        unwritten = dirty_pages.unwritten()
        if unwritten is None or not unwritten.stalls:
            return None
        speed = f"this disk took {self._bytes / self._seconds / 1e6:.0f} MB/s"
        stall = f"the system lets {unwritten.limit / 1e9:.1f} GB wait for it unwritten: copying to it will stall"
        return f"{place}: {speed}, and {stall}. Until the next start of the machine this mends it: {dirty_pages.MENDS}"
