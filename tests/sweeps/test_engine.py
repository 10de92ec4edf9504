"""The engine on a small DVC project of shell commands, driven as its users do: `python -m stages.sweep repro`."""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import psutil
import pytest

from stages.sweep import _slots
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError
from zpoints.sweeps.engine import Slots, Task, local_cluster, remote_cluster, run
from zpoints.sweeps.graph import stages

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]

KILL_WORKER = """
import pathlib, psutil, sys, time
if not pathlib.Path("killed").exists():
    pathlib.Path("killed").write_text(str(psutil.Process().pid))
    guard = next(p for p in psutil.Process().parents() if any("sweeps/command.py" in part for part in p.cmdline()))
    guard.parent().kill()
    time.sleep(600)
pathlib.Path("kill.txt").write_text("killed once")
"""


@cache
def initialised() -> Path:
    """A DVC repository without a stage, of which each project is a copy."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    shutil.copyfile(ROOT / "params.yaml", folder / "params.yaml")
    for tool in ("git", "dvc"):
        subprocess.run([tool, "init", "-q"], cwd=folder, check=True, env=environment())
    return folder


def environment() -> dict[str, str]:
    """The environment in which `python`, `dvc` and `git` are those that run this test."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class Project:
    """A DVC repository with a dvc.yaml of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(initialised(), folder, dirs_exist_ok=True)

    def stages(self, **commands) -> None:
        """Stages NAME that write NAME.txt, of (command, dependencies)."""
        lines = ["stages:"]
        for name, (command, *deps) in commands.items():
            lines += [
                f"  {name}:",
                f"    cmd: {json.dumps(command)}",
                f"    outs: [{name}.txt]",
                f"    deps: [{', '.join(deps)}]",
            ]
        (self.folder / "dvc.yaml").write_text("\n".join(lines) + "\n")

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def start(self, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "stages.sweep", "repro", *options]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def repro(self, *options: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "stages.sweep", "repro", *options, code=code)

    def wait_for(self, name: str, process: subprocess.Popen) -> None:
        """Wait until the process has made a file."""
        end = time.monotonic() + 1200
        while not (self.folder / name).exists():
            assert process.poll() is None and time.monotonic() < end, f"{name} did not appear"
            time.sleep(0.1)

    def of_this_folder(self) -> list[psutil.Process]:
        """Processes that work in the project."""
        found = []
        for process in psutil.process_iter(["cwd"]):
            if process.info["cwd"] == str(self.folder):
                found.append(process)
        return found


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def meet(own: str, other: str) -> str:
    """A command that ends only while the other runs too."""
    wait = f"for i in $(seq 6000); do [ -e {other}.here ] && break; sleep 0.1; done"
    return f"touch {own}.here; {wait}; [ -e {other}.here ] && {{ [ -e {own}.txt ] || echo {own} > {own}.txt; }}"


def test_independent_stages_run_side_by_side_and_only_once(project):
    project.stages(
        a=(meet("a", "b"), "params.yaml"),
        b=(meet("b", "a"), "params.yaml"),
        c=("cat a.txt b.txt > c.txt", "a.txt", "b.txt"),
    )
    before = {stage.address: stage for stage in in_project(project)}
    assert all(stage.stale for stage in before.values()) and set(before["c"].needs) == {"a", "b"}
    assert re.findall(r"\] (\w+) +(\w)", project.repro("--jobs", "2"))[-1] == ("done", "c")
    assert (project.folder / "c.txt").read_text() == "a\nb\n"
    assert "up to date" in project.run("dvc", "status")
    assert not any(stage.stale for stage in in_project(project))
    assert "Everything is up to date." in project.repro("--jobs", "2")
    assert "didn't change, skipping" in project.run("dvc", "repro")

    lock = load_yaml(project.folder / "dvc.lock")
    for name in "abc":
        (project.folder / f"{name}.txt").unlink()
    (project.folder / "dvc.lock").unlink()
    assert [stage.cached for stage in in_project(project)] == [True, True, False], "the run cache has a and b"
    project.run("dvc", "repro")
    assert load_yaml(project.folder / "dvc.lock") == lock, "dvc repro alone leaves the same lock file"


def in_project(project):
    """The stages as DVC sees them from the project's folder."""
    here = os.getcwd()
    os.chdir(project.folder)
    try:
        return stages(Path())
    finally:
        os.chdir(here)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run of two trainings, of a stage that fails and of one that kills its worker: the project, what was printed."""
    project = Project(tmp_path_factory.mktemp("project"))
    (project.folder / "kill.py").write_text(KILL_WORKER)
    show = 'echo "$CUDA_VISIBLE_DEVICES $TF_FORCE_GPU_ALLOW_GROWTH"'
    project.stages(
        bad=('echo x >> attempts; echo "error: a bad setting"; exit 3',),
        behind=("touch behind.txt", "bad.txt"),
        good=("touch good.txt",),
        after=("touch after.txt", "good.txt"),
        kill=("python kill.py",),
        copy=("cp kill.txt copy.txt", "kill.txt"),
        a=(f"{show} > a.txt; {meet('a', 'b')} # stages.train a",),
        b=(f"{show} > b.txt; {meet('b', 'a')} # stages.train b",),
        c=(f"{show} > c.txt",),
    )
    return project, project.repro("--jobs", "1", "--gpus", "3,5", code=1)


def test_a_failing_stage_stops_only_what_needs_it(ran):
    project, output = ran
    assert re.search(r"failed +bad +error: a bad setting", output) and re.search(
        r"cancelled +behind +needs bad", output
    )
    assert "1 stages failed, 1 that need them did not run" in output
    assert (project.folder / "attempts").read_text() == "x\nx\n", "it is tried once more"
    assert (project.folder / "after.txt").exists() and not (project.folder / "behind.txt").exists()
    assert "error: a bad setting" in (project.folder / "sweeps/logs/bad.log").read_text()
    status = project.run(sys.executable, "-m", "stages.sweep", "status")
    assert "failed" in status and "sweeps/logs/bad.log" in status


def test_a_killed_worker_is_replaced_and_its_stage_runs_again(ran):
    project, _ = ran
    assert (project.folder / "copy.txt").read_text() == "killed once"
    assert not psutil.pid_exists(int((project.folder / "killed").read_text())), (
        "the command of the dead worker ended too"
    )


def test_each_training_sees_its_own_gpu_and_others_none(ran):
    project, _ = ran
    assert {(project.folder / f"{name}.txt").read_text() for name in "ab"} == {"3 true\n", "5 true\n"}
    assert (project.folder / "c.txt").read_text() == "-1 true\n"


def test_an_interrupt_ends_everything_and_locks_nothing(project):
    project.stages(a=("touch begun; sleep 600; touch a.txt",), b=("touch begun_too; sleep 600; touch b.txt",))
    with project.start("--jobs", "2") as process:
        project.wait_for("begun", process)
        project.wait_for("begun_too", process)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        output, _ = process.communicate(timeout=600)
    assert process.returncode == 130 and "Traceback" not in output
    deadline = time.monotonic() + 60
    while project.of_this_folder() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not project.of_this_folder()
    project.stages(a=("touch a.txt",), b=("touch b.txt",))
    project.run("dvc", "repro")


def test_models_stay_on_one_host_and_share_through_the_cache(tmp_path):
    """Two hosts, here two loopback addresses, each with a clone of its own and one cache."""
    clones = [Project(tmp_path / name) for name in ("one", "two")]
    for clone in clones:
        clone.stages(
            shared=("echo ran >> ../shared_runs; touch shared.txt", "params.yaml"),
            m=("pwd > m.txt", "shared.txt"),
            m2=("pwd > m2.txt", "m.txt"),
            n=("pwd > n.txt", "shared.txt"),
        )
        clone.run("dvc", "config", "--local", "cache.dir", str(tmp_path / "cache"))
    file = tmp_path / "scheduler.json"
    started = [["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]]
    started += [
        ["worker", "--host", host, "--nthreads", "1", "--resources", "cpu=1"] for host in ("127.0.0.1", "127.0.0.2")
    ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + name, *options, "--scheduler-file", str(file)],
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for (name, *options), folder in zip(started, [tmp_path, *(clone.folder for clone in clones)], strict=True)
    ]
    try:
        clones[0].wait_for("../scheduler.json", processes[0])
        tasks = [Task("shared", (), False), Task("m", ("shared",), False, "m"), Task("m2", ("m",), False, "m")]
        tasks.append(Task("n", ("shared",), False, "n"))
        with remote_cluster(file) as client:
            client.wait_for_workers(2, timeout=600)
            outcomes = run(client, tasks, tmp_path / "logs")
    finally:
        for process in processes:
            process.terminate()
            process.wait()
    assert [outcome.state for outcome in outcomes] == ["done"] * 5
    assert (tmp_path / "shared_runs").read_text() == "ran\n", "the second host found it in the cache"
    first, second = (clone.folder for clone in clones)
    assert (first / "m2.txt").read_text() == (first / "m.txt").read_text() == f"{first}\n" and not (
        second / "m.txt"
    ).exists()
    assert (second / "n.txt").read_text() == f"{second}\n" and not (first / "n.txt").exists()


def test_a_cluster_opens_no_dashboard():
    """Beside another one, it would warn of a port that is taken."""
    with local_cluster(Slots(cpus=1)) as client:
        server = client.cluster.scheduler.http_server
        assert server.address == "127.0.0.1" and server.port != 8787


def test_a_machine_that_sleeps_loses_no_training():
    """Dask would end workers that were silent for minutes, all of them after a laptop's lid was closed."""
    with local_cluster(Slots(cpus=1)) as client:
        assert client.cluster.scheduler.worker_ttl is None


def test_gpus_are_shared_by_as_many_as_asked():
    workers = Slots(cpus=2, gpus=("0", "2"), per_gpu=2).workers()
    assert [name for name, _, _ in workers] == ["gpu-0-0", "gpu-0-1", "gpu-2-0", "gpu-2-1", "cpu-0", "cpu-1"]
    assert [env["CUDA_VISIBLE_DEVICES"] for _, _, env in workers] == ["0", "0", "2", "2", "-1", "-1"]
    assert all(env == {} for _, _, env in Slots(cpus=2).workers())


@pytest.mark.parametrize("gpus", ["0,0", "0,,1", " 1", "0, 1"])
def test_bad_gpus_are_refused(gpus):
    with pytest.raises(UserError, match="--gpus: expected"):
        _slots(gpus, 1, 1)
