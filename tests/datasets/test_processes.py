"""Workers give results in order, are never far ahead, and leave with whoever started them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from zpoints.datasets.processes import AHEAD, map_in_order
from zpoints.errors import UserError


def slow_square(number):
    time.sleep(0.02 * (number % 3))
    return number * number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(number):
    raise FileNotFoundError(2, "No such file", f"file {number}")


def test_results_come_in_order():
    assert list(map_in_order(slow_square, range(20), 2)) == [number * number for number in range(20)]


def test_workers_are_never_far_ahead():
    taken = []
    numbers = (taken.append(number) or number for number in range(100))
    results = map_in_order(slow_square, numbers, 2)
    next(results)
    assert len(taken) == 2 * AHEAD
    results.close()
    assert len(taken) == 2 * AHEAD


def test_what_a_worker_raises_is_raised_here():
    with pytest.raises(FileNotFoundError) as error:
        list(map_in_order(refuse, range(3), 2))
    assert error.value.filename == "file 0"


def test_a_worker_that_is_killed_is_one_clear_line():
    with pytest.raises(UserError, match="expected 2 worker processes to finish, received the end of one"):
        list(map_in_order(die, range(3), 2))


PARENT = """
import sys, time
from zpoints.datasets.processes import map_in_order
if __name__ == "__main__":
    results = map_in_order(time.sleep, [0.0, 600.0, 600.0], 2)
    next(results)
    print("started", flush=True)
    next(results)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent_however_it_ends(tmp_path, end):
    (tmp_path / "main.py").write_text(PARENT)
    with subprocess.Popen([sys.executable, tmp_path / "main.py"], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "started\n"
        parent.send_signal(end)
        assert parent.stdout.read() == ""  # which ends with the last process that holds it
    assert parent.returncode == -end


STARTING = """
import time
from zpoints.datasets.processes import map_in_order
def items():
    yield from [0.5, 0.5]
    print("started", flush=True)
    time.sleep(600)
if __name__ == "__main__":
    list(map_in_order(time.sleep, items(), 2))
"""


def test_an_interrupt_is_for_the_parent_alone(tmp_path):
    """A terminal sends Ctrl-C to all processes of a group; those that start or work say nothing."""
    (tmp_path / "main.py").write_text(STARTING)
    command, pipe = [sys.executable, tmp_path / "main.py"], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as parent:
        assert parent.stdout.readline() == "started\n"
        os.killpg(parent.pid, signal.SIGINT)
        errors = parent.stderr.read()
    assert errors.count("Traceback") == 1 and errors.endswith("KeyboardInterrupt\n")
