"""Run stages side by side on slots for processors and GPUs, each behind those it needs, with Dask distributed.

Each task runs `dvc --wait-for-lock repro --single-item STAGE`, so the graph, the cache and the lock files stay DVC's. A
stage that fails is tried once more; only what needs it is not run. All stages of one model run on one host, whose lock
file it is.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zpoints.errors import UserError
from zpoints.sweeps import command
from zpoints.sweeps.progress import log_name, note_state

if TYPE_CHECKING:
    from distributed import Client, Future

ATTEMPTS = 2
POLL = 0.2  # seconds
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Task:
    """A stage to run.

    address: DVC's name. needs: addresses of tasks that come before. gpu: whether it wants one.
    model: whose stage it is, empty for what all models share.
    """

    address: str
    needs: tuple[str, ...]
    gpu: bool
    model: str = ""


@dataclass(frozen=True)
class Slots:
    """What may run at once: `cpus` stages without a GPU, and on each of `gpus` (as CUDA_VISIBLE_DEVICES names them)
    `per_gpu` trainings. Without any GPU, trainings take the slots of the others.
    """

    cpus: int
    gpus: tuple[str, ...] = ()
    per_gpu: int = 1

    def workers(self) -> list[tuple[str, dict[str, float], dict[str, str]]]:
        """Name, resources and environment of each worker process."""
        hidden = {"CUDA_VISIBLE_DEVICES": "-1"} if self.gpus else {}
        of_gpus = [
            (f"gpu-{gpu}-{number}", {"gpu": 1.0}, {"CUDA_VISIBLE_DEVICES": gpu})
            for gpu in self.gpus
            for number in range(self.per_gpu)
        ]
        return of_gpus + [(f"cpu-{number}", {"cpu": 1.0}, hidden) for number in range(self.cpus)]


class StageFailed(Exception):
    """A stage ended with an error."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address, self.reason = address, reason


@dataclass(frozen=True)
class Outcome:
    """How a task ended: done | failed | cancelled; and why."""

    address: str
    state: str
    reason: str = ""


@contextlib.contextmanager
def local_cluster(slots: Slots) -> "Iterator[Client]":
    """Worker processes on this machine, reached over the loopback interface alone; they end with the block."""
    _configure()
    from distributed import Client, Nanny, Scheduler, SpecCluster

    # Without an address the scheduler's pages would be at port 8787, or with a warning elsewhere.
    options = {"host": LOOPBACK, "dashboard": False, "dashboard_address": f"{LOOPBACK}:0"}
    workers = {
        name: {
            "cls": Nanny,
            "options": {**options, "nthreads": 1, "resources": resources, "env": env, "memory_limit": 0},
        }
        for name, resources, env in slots.workers()
    }
    # Ctrl-C at a terminal reaches every process; this one alone shall act on it. The thread that starts workers, also
    # those in place of dead ones, inherits what is blocked here; the start of the tracker would unblock it again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        cluster = SpecCluster(workers, scheduler={"cls": Scheduler, "options": {**options, "port": 0}}, silence_logs=50)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        with Client(cluster, set_as_default=False) as client:
            yield client
    finally:
        with contextlib.suppress(Exception):
            cluster.close(timeout=10)


@contextlib.contextmanager
def remote_cluster(scheduler_file: Path) -> "Iterator[Client]":
    """Workers that others started, by the file that `dask scheduler --scheduler-file` wrote. They stay."""
    _configure()
    from distributed import Client

    if not scheduler_file.is_file():
        raise UserError(
            f"--scheduler-file: expected what `dask scheduler --scheduler-file` wrote, received {scheduler_file}"
        )
    try:
        with Client(scheduler_file=str(scheduler_file), timeout=20, set_as_default=False) as client:
            yield client
    except OSError as error:
        raise UserError(f"--scheduler-file: expected a scheduler that answers, received: {error}") from None


def run(
    client: "Client",
    tasks: Sequence[Task],
    logs: Path,
    files: Mapping[str, str] | None = None,
    report: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Run all tasks; `report` is called as each ends. Tasks are in an order in which none needs a later one.

    files: texts by path, that each worker writes in its clone of the project where it has others.
    """
    from distributed import as_completed

    workers = client.scheduler_info(n_workers=-1)["workers"]
    has_gpu = any("gpu" in worker.get("resources", {}) for worker in workers.values())
    if not workers:
        raise UserError("--scheduler-file: expected a scheduler with workers, received none")
    if not any("cpu" in worker.get("resources", {}) for worker in workers.values()):
        raise UserError("--scheduler-file: expected workers started with --resources cpu=1, received none")
    hosts = sorted({worker["host"] for worker in workers.values()})
    futures: dict[str, Future] = {}
    for task, host in _placed(tasks, hosts):
        before = [_key(need, host) for need in task.needs]
        if not task.model:
            before.append(_key(task.address, hosts[0]))  # the others find it in the cache they share
        futures[_key(task.address, host)] = client.submit(
            execute,
            task,
            str(logs),
            dict(files or {}),
            [futures[key] for key in before if key in futures],
            key=_key(task.address, host),
            resources={"gpu" if task.gpu and has_gpu else "cpu": 1},
            workers=[host] if len(hosts) > 1 else None,
            retries=ATTEMPTS - 1,
            pure=False,
        )
    outcomes = []
    try:
        for future in as_completed(futures.values(), loop=client.loop):
            outcomes.append(_outcome(future))
            if outcomes[-1].state != "done":
                note_state(logs, outcomes[-1].address, outcomes[-1].state)
            report(outcomes[-1])
    except BaseException:
        client.cancel(list(futures.values()), force=True)
        raise
    return outcomes


def execute(task: Task, logs: str, files: dict[str, str], needs: Any) -> str:
    """Run one stage on a worker. Raises StageFailed with the end of its log; ends it when Dask gives the task up."""
    from zpoints.sweeps.folders import write_files

    write_files({Path(path): text for path, text in files.items() if Path(path).parent.name == task.model})
    folder = Path(logs)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / log_name(task.address)
    note_state(folder, task.address, "running")
    bin_folder = str(Path(sys.executable).parent)  # `python` in dvc.yaml is this one
    env = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}", "PYTHONUNBUFFERED": "1"}
    env.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # several may share a GPU
    with path.open("ab") as log:
        process = command.start(
            [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "--single-item", task.address], log, env
        )
        try:
            while process.poll() is None:
                if _given_up():
                    raise StageFailed(task.address, "cancelled")
                time.sleep(POLL)
        finally:
            command.stop(process)
    if process.returncode:
        raise StageFailed(task.address, _reason(path, process.returncode))
    note_state(folder, task.address, "done")
    return task.address


def _placed(tasks: Sequence[Task], hosts: Sequence[str]) -> Iterator[tuple[Task, str]]:
    """Each task with its host: those of one model together, what all models share on each, first on the first one."""
    models = list(dict.fromkeys(task.model for task in tasks if task.model))
    home = {model: hosts[place % len(hosts)] for place, model in enumerate(models)}
    for task in tasks:
        for host in [home[task.model]] if task.model else hosts:
            yield task, host


def _key(address: str, host: str) -> str:
    return f"{address}|{host}"


def _outcome(future: "Future") -> Outcome:
    address = str(future.key).rpartition("|")[0]
    if future.status == "finished":
        return Outcome(address, "done")
    if future.status == "cancelled":
        return Outcome(address, "cancelled")
    error = future.exception()
    if isinstance(error, StageFailed):
        if error.address == address:
            return Outcome(address, "failed", error.reason)
        return Outcome(address, "cancelled", f"needs {error.address}")
    return Outcome(address, "failed", f"{type(error).__name__}: {error}")


def _given_up() -> bool:
    """Whether Dask no longer wants the task that this thread runs."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    state = worker.state.tasks.get(key)
    return state is None or state.state != "executing"


def _reason(log: Path, code: int) -> str:
    """What the stage said last."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    said = [line for start in ("ERROR", "error: ") for line in lines if line.startswith(start)]
    return said[-1] if said else f"exit code {code}; see {log}"


def _configure() -> None:
    """Dask's own settings, before it is imported: a task that kills several workers is given up, and no chatter."""
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")  # also in the workers
    try:
        import dask
        import distributed  # noqa: F401
    except ImportError:
        raise UserError("distributed: expected it to be installed, received none; pip install -e '.[sweep]'") from None

    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 3,
            "distributed.scheduler.worker-saturation": 1.0,
            # A machine that slept for minutes is no reason to kill its trainings; a dead worker's connection ends.
            "distributed.scheduler.worker-ttl": None,
            "distributed.admin.log-length": 1000,
        }
    )
