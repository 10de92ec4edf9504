"""A timeout for waits that Python cannot interrupt: TensorFlow's start holds the interpreter until all reply."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

# Ends at the end of its input: when the wait is over, and also when this process ends.
_WATCHER = """
import os, select, signal, sys
pid, seconds, message = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
if not select.select([sys.stdin], [], [], seconds)[0]:
    print(message, file=sys.stderr, flush=True)
    os.kill(pid, signal.SIGKILL)
"""


@contextlib.contextmanager
def start_timeout(seconds: float, message: str) -> Iterator[None]:
    """Print `message` to stderr and kill this process where the block lasts longer than `seconds`."""
    watcher = subprocess.Popen(
        [sys.executable, "-S", "-c", _WATCHER, str(os.getpid()), str(seconds), message], stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):
            watcher.communicate(b"done\n")
