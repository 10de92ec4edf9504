"""What a benchmark sees of the machine's memory while something runs, and memory held ready for it."""

import itertools
import mmap
import os
import threading
from pathlib import Path

LOOK = 0.05  # seconds
AHEAD = 256 << 20  # bytes given back beyond what has been asked for
PIECE = 1 << 20  # bytes given back at least: the calls are many


class Backed:
    """Memory that the host of a virtual machine has found already, given back as files in memory grow.

    Such a host takes back what a machine has free for some seconds, and has to find a page again at the first write to
    it. So `size` bytes are written to when this is entered, and then given back just before they are needed: what is
    free is never free for long. 0 bytes do nothing.
    """

    def __init__(self, size: int) -> None:
        self._size, self._given = size, 0

    def __enter__(self) -> "Backed":
        self._done = threading.Event()
        if self._size:
            self._memory = mmap.mmap(-1, self._size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            for page in range(0, self._size, mmap.PAGESIZE):
                self._memory[page] = 1
            self._before = meminfo("Cached")
            self._thread = threading.Thread(target=self._give)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._size:
            self._thread.join()
            self._memory.close()

    @property
    def held(self) -> int:
        """Bytes not yet given back."""
        return self._size - self._given

    def _give(self) -> None:
        while not self._done.wait(LOOK):
            wanted = min(meminfo("Cached") - self._before + AHEAD, self._size)
            if (more := (wanted - self._given) // PIECE * PIECE) > 0:
                self._memory.madvise(mmap.MADV_DONTNEED, self._given, more)
                self._given += more


class Watch:
    """Peaks while it is entered: resident bytes of all processes, and bytes that the machine has yet to write."""

    def __init__(self, backed: Backed) -> None:
        self._backed = backed

    def __enter__(self) -> "Watch":
        self.memory, self.unwritten, self._before = 0, 0, unwritten_bytes()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        for look in itertools.count():
            if self._done.wait(LOOK):
                return
            self.unwritten = max(self.unwritten, unwritten_bytes() - self._before)
            if look % 4 == 0:  # it takes longer
                held = self._backed.held
                self.memory = max(self.memory, resident_bytes(os.getpid()) - held)


def meminfo(*keys: str) -> int:
    """Sum of these entries of /proc/meminfo in bytes; 0 where it does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return sum(int(lines[key].split()[0]) * 1024 for key in keys)
    except (OSError, KeyError):
        return 0


def unwritten_bytes() -> int:
    """Dirty pages and those under way to a disk, of the whole machine."""
    return meminfo("Dirty", "Writeback")


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; 0 where /proc does not tell."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in task_children(task)]
    except (OSError, IndexError):
        return 0
    return own + sum(resident_bytes(child) for child in children)


def task_children(task: Path) -> list[int]:
    return [int(child) for child in (task / "children").read_text().split()]
