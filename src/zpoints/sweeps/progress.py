"""What is running: a file of state and a log for each stage, in one folder.

The engine's driver writes tasks.json, and whoever runs a stage its state; `table` reads both, also while a sweep runs.
"""

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import psutil
from pydantic import AfterValidator, BaseModel, Field

from zpoints.artifacts import write_json
from zpoints.errors import printable
from zpoints.progress import duration
from zpoints.reading import read_json

TASKS = "tasks.json"
EPOCH = re.compile(rb"Epoch (\d+)/(\d+)")
ADDRESS = r"^(?:(?:[\w.-]+/)*[\w.-]+:)?[\w@-][\w@.-]*$"  # sweeps/vae-s3/dvc.yaml:train, train@vae
TAIL = 1 << 16
Printable = Annotated[str, AfterValidator(printable)]


class _Task(BaseModel):
    model: Printable
    address: str = Field(pattern=ADDRESS, max_length=200)  # its log lies in the folder of logs
    done: bool


class _Tasks(BaseModel):
    """tasks.json."""

    pid: int = Field(ge=0, lt=2**31)
    started: float = Field(allow_inf_nan=False)
    tasks: list[_Task]


class _State(BaseModel):
    """A file of state."""

    state: Literal["done", "running", "failed", "waiting", "interrupted", "cancelled"]
    time: float = Field(allow_inf_nan=False)


@dataclass(frozen=True)
class Line:
    """A model (or what all share) in the table of `status`."""

    name: str
    done: int
    total: int
    state: str  # done | running | failed | waiting | interrupted
    note: str


def log_name(address: str) -> str:
    """The name of a stage's log: sweeps/vae-s3/dvc.yaml:train is vae-s3.train.log."""
    path, _, stage = address.rpartition(":")
    return f"{Path(path).parent.name}.{stage}.log" if path else f"{address}.log"


def begin(folder: Path, tasks: Iterable[tuple[str, str, bool]]) -> None:
    """Write down what will run: (model, address, whether it is done already); logs of an earlier run are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    for path in [*folder.glob("*.log"), *folder.glob("*.state")]:
        path.unlink()
    content = [{"model": model, "address": address, "done": done} for model, address, done in tasks]
    write_json(folder / TASKS, {"pid": os.getpid(), "started": time.time(), "tasks": content})


def note_state(folder: Path, address: str, state: str) -> None:
    """Write a stage's state beside its log."""
    path = (folder / log_name(address)).with_suffix(".state")
    write_json(path, {"state": state, "time": time.time()})


def table(folder: Path, now: float | None = None) -> list[Line]:
    """A line for each model of the last run. Raises UserError where none was begun."""
    now = now or time.time()
    content: _Tasks = read_json(folder / TASKS, _Tasks)
    alive = psutil.pid_exists(content.pid) and psutil.Process(content.pid).create_time() <= content.started + 1
    models: dict[str, list[dict[str, Any]]] = {}
    for task in content.tasks:
        models.setdefault(task.model, []).append(_with_state(folder, task.model_dump(), alive))
    return [_line(name, tasks, now) for name, tasks in models.items()]


def epoch(log: Path) -> tuple[int, int] | None:
    """The epoch that a training is in, and their number, from its log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.path.getsize(log) - TAIL))
            found = EPOCH.findall(file.read())
    except OSError:
        return None
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def _with_state(folder: Path, task: dict[str, Any], alive: bool) -> dict[str, Any]:
    log = folder / log_name(task["address"])
    state = log.with_suffix(".state")
    known = {"state": "done" if task["done"] else "waiting"}
    if state.exists():
        known = read_json(state, _State).model_dump()
    if known["state"] == "running" and not alive:
        known["state"] = "interrupted"
    return task | known | {"log": log}


def _line(name: str, tasks: list[dict[str, Any]], now: float) -> Line:
    done = sum(task["state"] == "done" for task in tasks)
    for state in ("failed", "running", "interrupted", "cancelled", "waiting"):
        chosen = [task for task in tasks if task["state"] == state]
        if chosen:
            notes = [str(task["log"]) if state == "failed" else _note(task, now) for task in chosen]
            return Line(name, done, len(tasks), state, ", ".join(notes) if state in ("failed", "running") else "")
    return Line(name, done, len(tasks), "done", "")


def _note(task: dict[str, Any], now: float) -> str:
    stage = task["address"].rpartition(":")[2].partition("@")[0]
    place = epoch(task["log"])
    if place is None:
        return stage
    current, total = place
    # The first epoch of this process is not known for a resumed training; this errs towards longer.
    left = (now - task.get("time", now)) / current * (total - current + 1) if current > 1 else None
    return f"{stage}, epoch {current} of {total}" + (f", about {duration(left)} left" if left else "")
