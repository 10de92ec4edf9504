"""Run a command in a process group that ends with its parent, however that dies: `python command.py COMMAND...`.

The parent holds this process' standard input open. When it closes, the group receives SIGTERM, and SIGKILL after GRACE
seconds. Imports nothing but the standard library, since one starts for every stage.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

GRACE = 5.0  # seconds


def start(command: list[str], log: IO[bytes], env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a command below a guard, its output in the log. Close its stdin to end it."""
    return subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__)), *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        start_new_session=True,
    )


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a command that `start` began, and all that it started."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(GRACE + 2)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _guard(command: list[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    ending = threading.Event()
    threading.Thread(target=_end_with_parent, args=(ending,), daemon=True).start()
    code = child.wait()
    if ending.is_set():  # DVC ends at once, a training cleans up first
        deadline = time.monotonic() + GRACE
        while _others() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(0, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _end_with_parent(ending: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    ending.set()
    os.killpg(0, signal.SIGTERM)


def _others() -> list[int]:
    """Other processes of this group."""
    import psutil

    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getpgid(process.pid) == os.getpgrp() and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process.pid)
    return [number for number in members if number != os.getpid()]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: None)  # the guard stays until all have ended
    sys.exit(_guard(sys.argv[1:]))
