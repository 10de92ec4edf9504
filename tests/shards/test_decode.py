import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.datasets_support import CROP, jpeg, write_zip
from zpoints.errors import UserError
from zpoints.datasets.archive import Entry, FaceArchive
from zpoints.datasets.picture import face
from zpoints.shards import decode
from zpoints.shards import worker
from zpoints.shards.decode import TASKS_AHEAD, Decoders
from zpoints.shards.worker import Recipe, Task

FORKS = [pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")), False]


@pytest.fixture(params=FORKS, ids=["forked", "started"], autouse=True)
def forks(request, monkeypatch):
    """Workers of one process that forks the others, and workers each started for itself."""
    monkeypatch.setattr(decode, "FORKS", request.param)


def recipe_for(archive, skip_bad=False):
    return Recipe(archive, CROP, 8, "lanczos", skip_bad)


def workers_of(decoders):
    """The ids of its processes, and of those that they have forked."""
    own = [process.pid for process in decoders._processes]
    children = [Path(f"/proc/{pid}/task/{pid}/children") for pid in own]
    return own + [int(child) for file in children if file.exists() for child in file.read_text().split()]


def wait_for_workers(decoders, count):
    while len(found := workers_of(decoders)) < count:
        time.sleep(0.01)
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_rows_are_written_to_their_place(tmp_path):
    faces = FaceArchive(write_zip(tmp_path / "a.zip", {f"{i:06d}.jpg": jpeg(i) for i in range(1, 31)}))
    (tmp_path / "shard").write_bytes(bytes(7 + 30 * 192))
    tasks = [
        Task(tmp_path / "shard", 7 + first * 192, first, faces.entries[first : first + 4]) for first in range(0, 30, 4)
    ]
    with Decoders(recipe_for(faces.path), 3) as decoders:
        ended = list(decoders.run(tasks))
    assert sorted(task.first for task, _ in ended) == list(range(0, 30, 4))
    assert not any(bad for _, bad in ended)
    expected = np.stack([face(jpeg(i), CROP, 8, "lanczos") for i in range(1, 31)])
    assert (tmp_path / "shard").read_bytes() == bytes(7) + expected.tobytes()


@pytest.mark.parametrize("which", [0, -1])
def test_a_worker_that_is_killed_ends_it_with_a_clear_error(tmp_path, which):
    os.mkfifo(tmp_path / "pipe")  # a worker that opens it waits for ever
    task = Task(tmp_path / "pipe", 0, 0, [])
    expected = "expected 2 worker processes to finish, one of them died"
    with Decoders(recipe_for(tmp_path / "pipe"), 2) as decoders, pytest.raises(UserError, match=expected):

        def kill_a_worker():
            pids = wait_for_workers(decoders, 2)
            time.sleep(0.3)
            os.kill(pids[which], signal.SIGKILL)

        threading.Thread(target=kill_a_worker).start()
        list(decoders.run([task, task]))


def test_the_workers_end_with_the_context_in_the_middle_of_a_task(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with Decoders(recipe_for(tmp_path / "pipe"), 3) as decoders:
        decoders.run([Task(tmp_path / "pipe", 0, 0, [])] * 3)
        pids = wait_for_workers(decoders, 3)
        assert all(map(alive, pids))
    assert not any(map(alive, pids))


PARENT = """
import sys
from pathlib import Path
from zpoints.shards import decode
from zpoints.shards.worker import Recipe, Task
decode.FORKS = {forks}
pipe = Path(sys.argv[1])
if __name__ == "__main__":
    with decode.Decoders(Recipe(pipe, None, 8, "lanczos", False), 2) as decoders:
        running = decoders.run([Task(pipe, 0, 0, [])] * 2)
        print("started", flush=True)
        list(running)
else:
    print("a worker imports the main module", flush=True)
"""


def test_the_workers_end_with_a_parent_that_is_killed_and_never_import_its_main_module(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "main.py").write_text(PARENT.format(forks=decode.FORKS))
    command = [sys.executable, tmp_path / "main.py", tmp_path / "pipe"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "started\n"
        time.sleep(0.5)
        parent.kill()
        assert parent.stdout.read() == ""  # which ends with the last process that holds it


def test_what_a_worker_can_not_write_is_told_as_if_it_had_been_done_here(tmp_path):
    (tmp_path / "archive").write_bytes(b"")
    tasks = [Task(tmp_path / "none" / "shard", 0, 0, [])] * 10
    with Decoders(recipe_for(tmp_path / "archive"), 2) as decoders, pytest.raises(FileNotFoundError) as error:
        list(decoders.run(tasks))
    assert error.value.filename == str(tmp_path / "none" / "shard")


def test_a_worker_has_one_thread_for_products_of_matrices(tmp_path, monkeypatch):
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(decode.subprocess, "Popen", lambda *a, **k: started.append(k["env"]) or start(*a, **k))
    with Decoders(recipe_for(tmp_path / "archive"), 2):
        pass
    assert {env[f"{name}_NUM_THREADS"] for env in started for name in ("OMP", "OPENBLAS", "MKL")} == {"1"}


def test_after_a_bad_image_no_further_task_starts(tmp_path):
    (tmp_path / "archive").write_bytes(b"")
    (tmp_path / "shard").write_bytes(b"")
    entry = Entry("000001", "000001.jpg", 0, 10, 10, 0, 0)
    tasks = [Task(tmp_path / "shard", 0, first, [entry]) for first in range(200)]
    with Decoders(recipe_for(tmp_path / "archive"), 1) as decoders:
        assert len(list(decoders.run(tasks))) == 1
    with Decoders(recipe_for(tmp_path / "archive"), 2) as decoders:
        rows = [bad[0].row for _, bad in decoders.run(tasks)]
    assert sorted(rows) == list(range(len(rows)))
    assert len(rows) <= 2 * TASKS_AHEAD


def test_rows_are_written_whole_where_a_write_takes_a_part_alone():
    class Narrow(io.BytesIO):
        def write(self, data):
            return super().write(bytes(data[:100]))

    rows = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    file = Narrow()
    worker._write(file, rows)
    assert file.getvalue() == rows.tobytes()
