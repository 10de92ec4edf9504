"""Two devices, in one process and in two, train the model that one trains."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.lab import make_shards
from tests.training.devices.devices_run import CASES, RESUMED, SECONDS, main
from zpoints.errors import UserError
from zpoints.models.replicas import WorkerShare
from zpoints.training.devices.cluster import read_tf_config
from zpoints.training.devices.rendezvous import meet
from zpoints.training.devices.strategy import WORKER_LOST, Devices, planned_replicas

EXACT = [name for name, (spec, _) in CASES.items() if spec.batch_norm != "batch"]
PROJECT = str(Path(__file__).resolve().parents[3])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of results, and what the processes printed: one device, two in a process of their own, two workers."""
    root = tmp_path_factory.mktemp("devices")
    (root / "shards").mkdir()
    make_shards(root / "shards", images=57)
    ports = free_ports(2)
    processes = {}
    try:
        for name, environment in (
            ("mirrored", {}),
            ("worker 0", {"TF_CONFIG": tf_config(ports, 0)}),
            ("worker 1", {"TF_CONFIG": tf_config(ports, 1)}),
        ):
            processes[name] = start(root, name, environment)
        main(root / "shards", "none", root / "none")
        end = time.monotonic() + SECONDS
        for name, process in processes.items():
            printed, _ = process.communicate(timeout=max(1, end - time.monotonic()))
            (root / f"{name}.txt").write_text(printed)
            ends = (-signal.SIGKILL,) if name == "worker 1" else (0,)
            assert process.returncode in ends, f"{name}: {process.returncode}: {printed[-3000:]}"
    finally:
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return root


def start(root, name, environment):
    strategy = "mirrored" if name == "mirrored" else "multi_worker"
    command = [
        sys.executable,
        "-m",
        "tests.training.devices.devices_run",
        str(root / "shards"),
        strategy,
        str(root / name),
    ]
    ours = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    ours["PYTHONPATH"] = os.pathsep.join([PROJECT, os.path.join(PROJECT, "src")])
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=ours | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def arrays(place):
    with np.load(f"{place}.npz") as file:
        return {name: file[name] for name in file.files}


def history(place):
    with open(f"{place}.json", encoding="utf-8") as file:
        return json.load(file)


@pytest.mark.slow
@pytest.mark.parametrize("case", EXACT)
@pytest.mark.parametrize("which", ["mirrored", "worker 0"])
def test_two_devices_train_as_one(runs, which, case):
    for (name, one), two in zip(
        arrays(runs / "none" / case).items(), arrays(runs / which / case).values(), strict=True
    ):
        assert np.linalg.norm(two - one) <= 1e-4 * np.linalg.norm(one), name
    for one, two in zip(history(runs / "none" / case), history(runs / which / case), strict=True):
        assert list(two) == list(one)
        assert two == pytest.approx(one, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_workers_and_mirrored_devices_agree_exactly(runs, case):
    """Of the case `RESUMED` the workers' run was stopped after two epochs and started again."""
    for other in ("worker 1", "mirrored"):
        assert history(runs / "worker 0" / case) == history(runs / other / case)
        same = zip(arrays(runs / "worker 0" / case).values(), arrays(runs / other / case).values(), strict=True)
        for one, two in same:
            np.testing.assert_array_equal(one, two)


@pytest.mark.slow
def test_rollback_happens_everywhere_chief_prints(runs):
    assert [row["attempt"] for row in history(runs / "worker 1" / "uneven, rolled back")] == [0, 1, 1]
    told = {name: (runs / f"{name}.txt").read_text().count("warning: training: ") for name in ("worker 0", "worker 1")}
    assert told == {"worker 0": 1, "worker 1": 0}


@pytest.mark.slow
def test_the_chief_alone_keeps_states(runs):
    assert sorted(path.name for path in (runs / "worker 0" / "kept").iterdir()) == sorted(CASES)
    assert (runs / "worker 0" / "kept" / RESUMED / "epochs" / "epoch_00003").is_dir()
    assert not (runs / "worker 1" / "kept").exists()


@pytest.mark.slow
def test_moving_statistics_are_shared(runs):
    """Of the first layer: the shared mean is the whole batch's, and the variance lacks what lies between the parts."""
    one, two = (arrays(runs / which / "batch statistics") for which in ("none", "worker 0"))
    first = [next(place for place, name in enumerate(one) if name.endswith(word)) for word in ("_mean", "_variance")]
    (mean, variance), (mean_of_two, variance_of_two) = (
        [list(run.values())[place] for place in first] for run in (one, two)
    )
    np.testing.assert_allclose(mean_of_two, mean, rtol=1e-4)
    assert (variance - variance_of_two > 1e-5).all()


@pytest.mark.slow
def test_lost_workers_end_the_others(runs):
    line = "epoch_00003: expected this, received that"
    assert (runs / "worker 0" / "a chief that fails").read_text() == line
    assert (runs / "worker 1" / "a chief that fails").read_text() == f"training: worker 0 failed: {line}"
    assert (runs / "worker 0" / "a worker that is lost").read_text() == WORKER_LOST


@pytest.mark.parametrize("images", [1, 2, 5, 128])
@pytest.mark.parametrize("replicas", [1, 2, 3, 8])
def test_slices_cover_the_batch_in_order(replicas, images):
    slices = [WorkerShare(total=replicas).slice(replica, images) for replica in range(replicas)]
    assert [first for first, _ in slices] == [0, *(last for _, last in slices[:-1])]
    assert slices[-1][1] == images
    sizes = [last - first for first, last in slices]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, "expected the workers' addresses"),
        ("", "expected the workers' addresses"),
        ("{", "expected JSON"),
        ("[]", "a JSON object"),
        ('{"cluster": {"worker": ["a:1"], "ps": ["b:2"]}, "task": {"type": "worker", "index": 0}}', "alone"),
        ('{"cluster": {"worker": []}, "task": {"type": "worker", "index": 0}}', "a list of host:port"),
        ('{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 0}}', "host:port, received a"),
        ('{"cluster": {"worker": ["a:1", "a:1"]}, "task": {"type": "worker", "index": 0}}', "an address for each"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "chief", "index": 0}}', "task.type"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "task.index: expected 0 to 0"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": "0"}}', "task.index"),
    ],
)
def test_malformed_tf_config_is_one_line(text, names):
    with pytest.raises(UserError, match="TF_CONFIG") as caught:
        read_tf_config(text)
    assert names.split(":")[0] in str(caught.value) and "\n" not in str(caught.value)


def test_planned_replicas_match_strategy(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert planned_replicas("none") == planned_replicas("mirrored") == Devices.open("none").replicas == 1
    with pytest.raises(UserError, match=r"TF_CONFIG: .* multi_worker needs it"):
        planned_replicas("multi_worker")
    for value in (tf_config([7, 8, 9], 1), ""):
        monkeypatch.setenv("TF_CONFIG", value)
        for refusing in (planned_replicas, Devices.open):
            with pytest.raises(UserError, match=r"TF_CONFIG: expected none with training\.strategy mirrored"):
                refusing("mirrored")
    monkeypatch.setenv("TF_CONFIG", tf_config([7, 8, 9], 1))
    assert planned_replicas("multi_worker") == 3


@pytest.mark.slow
def test_a_worker_that_stays_away_is_named(capsys):
    ports = free_ports(2)
    workers = [f"127.0.0.1:{port}" for port in ports]
    with pytest.raises(UserError, match=f"received nothing from 127.0.0.1:{ports[1]}"):
        meet(workers, 0, "run", seconds=0.1)
    with pytest.raises(UserError, match=f"expected worker 0 at 127.0.0.1:{ports[0]}"):
        meet(workers, 1, "run", seconds=0.1)
    assert "waiting for worker 0" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"expected port {port} to be free"):
            meet([f"127.0.0.1:{port}"], 0, "run", seconds=0.1)


def meeting(hello, other_hello, seconds=120.0):
    """What two workers that come with (addresses, run) are told; None where they are let go."""
    told = [None, None]

    def come(index, workers, run):
        try:
            meet(workers, index, run, seconds)
        except UserError as error:
            told[index] = str(error)

    threads = [threading.Thread(target=come, args=(index, *who)) for index, who in enumerate((hello, other_hello))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.slow
def test_workers_of_another_run_are_refused():
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
    assert meeting((workers, "run"), (workers, "run")) == [None, None]
    for other, what in (
        ((workers, "another"), "params, data, code"),
        (([*workers, "127.0.0.1:1"], "run"), "TF_CONFIG"),
    ):
        here, there = meeting((workers, "run"), other)
        assert here == there and f"expected the same {what}" in here and "from worker 1" in here


def tf_config(ports, index):
    workers = [f"127.0.0.1:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


def free_ports(number):
    """Ports that nobody listens at, below those that the system gives to others in the meantime."""
    ports = []
    while len(ports) < number:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            ports.append(port)
    return ports
