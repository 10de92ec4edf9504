"""A wait that Python cannot interrupt ends all the same."""

import signal
import subprocess
import sys
import time

WAIT = """
import ctypes
from zpoints.training.devices.start_timeout import start_timeout
with start_timeout({seconds}, "error: nobody came"):
    ctypes.PyDLL(None).usleep({microseconds})  # holds the interpreter, as TensorFlow's start does
print("on")
"""


def waiting(seconds: float, microseconds: int) -> subprocess.CompletedProcess:
    code = WAIT.format(seconds=seconds, microseconds=microseconds)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)


def test_timeout_kills_with_its_message():
    ended = waiting(seconds=0.5, microseconds=100_000_000)
    assert ended.returncode == -signal.SIGKILL
    assert (ended.stdout, ended.stderr) == ("", "error: nobody came\n")


def test_wait_in_time_leaves_no_trace():
    ended = waiting(seconds=600, microseconds=1000)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "on\n", "")


def test_exception_inside_ends_the_watcher():
    code = (
        "from zpoints.training.devices.start_timeout import start_timeout\n"
        "with start_timeout(600, 'late'): raise ValueError('inside')"
    )
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert ended.returncode == 1 and ended.stderr.endswith("ValueError: inside\n") and time.monotonic() - begun < 300
