"""Train and measure many models side by side: settings varied as sweeps.yaml says, on all GPUs and processors."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stages._command import PARAMS, errors_in_a_line
from zpoints.config.reader import Params, read
from zpoints.errors import UserError
from zpoints.sweeps.folders import Layout, files_of, write_files
from zpoints.sweeps.settings import SweptModel, models_of, read_sweeps

if TYPE_CHECKING:
    from zpoints.sweeps.engine import Outcome, Slots
    from zpoints.sweeps.graph import Stage

LAYOUT = Layout(sweeps=Path("sweeps"), data=Path("data/sweeps"), root_data=Path("data"))
LOGS = LAYOUT.sweeps / "logs"
ON_GPU = ("train", "encode")  # the rest shares processors

Names = Annotated[list[str], typer.Argument(metavar="SWEEP...", help="names from sweeps.yaml")]
SweepsFile = Annotated[Path, typer.Option("--sweeps", help="the sweeps to read")]
Gpus = Annotated[str | None, typer.Option(metavar="0,1,..", help="GPUs to use, or none  [default: all]")]
PerGpu = Annotated[int, typer.Option(min=1, help="trainings at once on each GPU")]
Cpus = Annotated[int | None, typer.Option(min=1, help="stages at once beside those  [default: half of the cores]")]
SchedulerFile = Annotated[Path | None, typer.Option(help="use the workers of this Dask scheduler")]


def plan(names: Names, sweeps: SweepsFile = Path("sweeps.yaml")) -> None:
    """Print what `run` would do, with an estimate of disk and time. Writes the models' pipelines, runs nothing.

    Example: python -m stages.sweep plan seeds
    """
    models = _models(names, sweeps)
    write_files(files_of(models, LAYOUT, Path("dvc.yaml"), PARAMS))
    stages = {stage.address: stage for stage in _stages(models)}
    trainings = 0
    width = max(len(model.name) for model in models)
    for model in models:
        own = [stages[address] for address in LAYOUT.addresses(model)]
        stale = [stage for stage in own if stage.stale and not stage.cached]
        trainings += any(_module(stage.command) == "train" for stage in stale)
        note = "of params.yaml" if model.is_base else ", ".join(model.sweeps)
        print(f"{model.name:<{width}}  {len(stale):>2} of {len(own)} stages to run  ({note})")
    stale = [stage for stage in stages.values() if stage.stale]
    cached = sum(stage.cached for stage in stale)
    print(f"{len(models)} models: {trainings} trainings, {len(stale) - cached} stages to run, {cached} in the cache")
    print(_estimate(models, stages))


def run(
    names: Names,
    gpus: Gpus = None,
    per_gpu: PerGpu = 1,
    cpus: Cpus = None,
    scheduler_file: SchedulerFile = None,
    sweeps: SweepsFile = Path("sweeps.yaml"),
) -> None:
    """Run what is stale of these sweeps. A second run does nothing, and one after Ctrl-C resumes.

    Example: python -m stages.sweep run seeds fact --gpus 0,1 --per-gpu 2
    """
    slots = _slots(gpus, per_gpu, cpus)
    models = _models(names, sweeps)
    files = files_of(models, LAYOUT, Path("dvc.yaml"), PARAMS)
    write_files(files)
    owners = {address: model.name for model in models for address in LAYOUT.addresses(model)}
    _run(_stages(models), owners, slots, scheduler_file, {str(path): text for path, text in files.items()})


def repro(
    targets: Annotated[list[str] | None, typer.Argument(help="stages of dvc.yaml  [default: all]")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="stages at once, besides a training on each GPU")] = 2,
    gpus: Gpus = None,
) -> None:
    """Run what is stale of the pipeline itself, independent stages side by side; else as `dvc repro`.

    Example: python -m stages.sweep repro --jobs 4
    """
    from zpoints.sweeps.graph import stages

    read(PARAMS)
    _run(stages(Path(), targets or None), {}, _slots(gpus, 1, jobs), None, {})


def status(as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """Print what the last or present run has done: a line for each model, with the epoch of what is training.

    Example: python -m stages.sweep status
    """
    import json

    from zpoints.sweeps.progress import TASKS, table

    if not (LOGS / TASKS).exists():
        raise UserError(f"{LOGS}: expected a sweep that was run, received none")
    lines = table(LOGS)
    if as_json:
        print(json.dumps([vars(line) for line in lines], indent=1))
        return
    width = max((len(line.name) for line in lines), default=0)
    for line in lines:
        print(f"{line.name:<{width}}  {line.done:>3} of {line.total:<3}  {line.state:<11}  {line.note}".rstrip())


def _models(names: list[str], sweeps: Path) -> list[SweptModel]:
    """The models of the named sweeps, with what any sweep of the file asks of them, so that their pipelines stay."""
    params: Params = read(PARAMS)
    known = read_sweeps(sweeps, params)
    wanted = models_of(tuple(names), known, params)
    every = {model.name: model for model in models_of(tuple(known), known, params)}
    for model in wanted:
        if model.name not in every:
            raise UserError(
                f"{model.name}: expected one name for a setting in all sweeps, received another; use one base"
            )
    return [every[model.name] for model in wanted]


def _stages(models: list[SweptModel]) -> "list[Stage]":
    from zpoints.sweeps.graph import stages

    return stages(Path(), [address for model in models for address in LAYOUT.addresses(model)])


def _run(
    stages: "list[Stage]", owners: dict[str, str], slots: "Slots", scheduler_file: Path | None, files: dict[str, str]
) -> None:
    from zpoints.sweeps import engine
    from zpoints.sweeps.progress import begin

    # On other hosts what all models share may be missing although it is here.
    wanted = [stage for stage in stages if stage.stale or (scheduler_file and stage.address not in owners)]
    if not any(stage.stale for stage in stages):
        print("Everything is up to date.")
        return
    begin(LOGS, [(owners.get(stage.address) or "(shared)", stage.address, stage not in wanted) for stage in stages])
    tasks = [
        engine.Task(stage.address, stage.needs, _module(stage.command) in ON_GPU, owners.get(stage.address, ""))
        for stage in wanted
    ]
    count = 0

    def report(outcome: "Outcome") -> None:
        nonlocal count
        count += 1
        print(f"[{count}/{len(tasks)}] {outcome.state:<9} {outcome.address}", outcome.reason, sep="  ", flush=True)

    print(f"{len(tasks)} stages to run, {len(stages) - len(tasks)} up to date; logs in {LOGS}", flush=True)
    cluster = engine.remote_cluster(scheduler_file) if scheduler_file else engine.local_cluster(slots)
    with cluster as client:
        outcomes = engine.run(client, tasks, LOGS, files, report)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed:
        lost = sum(outcome.state == "cancelled" for outcome in outcomes)
        raise UserError(f"{len(failed)} stages failed, {lost} that need them did not run, the rest is done; see {LOGS}")


def _slots(gpus: str | None, per_gpu: int, cpus: int | None) -> "Slots":
    from zpoints.sweeps.engine import Slots

    if gpus is None:
        names = _visible_gpus()
    else:
        names = () if gpus in ("", "none") else tuple(gpus.split(","))
        if not all(name.strip() and name == name.strip() for name in names) or len(set(names)) < len(names):
            raise UserError(f"--gpus: expected numbers such as 0,1 (each once), or none; received {gpus!r}")
    return Slots(cpus or max(1, (os.cpu_count() or 1) // 2), names, per_gpu)


def _visible_gpus() -> tuple[str, ...]:
    """Those of CUDA_VISIBLE_DEVICES, or all that nvidia-smi lists."""
    import subprocess

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(name for name in visible.split(",") if name and name != "-1")
    if not shutil.which("nvidia-smi"):
        return ()
    listed = subprocess.run(["nvidia-smi", "-L"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
    return tuple(str(number) for number in range(len(lines))) if listed.returncode == 0 else ()


def _module(command: str) -> str:
    """train, for `python -m stages.train vae ...`."""
    return command.partition("stages.")[2].split(" ")[0]


def _estimate(models: list[SweptModel], stages: "dict[str, Stage]") -> str:
    """Disk and time, from what the same models of params.yaml took; what is not trained yet is not known."""
    import pandas as pd

    seconds, size, unknown = 0.0, 0, 0
    for model in models:
        train, *_ = LAYOUT.addresses(model)
        if not stages[train].stale or stages[train].cached:
            continue
        speed = Path("data/measurements", model.base, "training", "speed.csv")
        if not speed.is_file():
            unknown += 1
            continue
        table = pd.read_csv(speed)
        seconds += float(table["seconds"].sum()) if "seconds" in table else 0.0
        folders = [Path("data", part, model.base) for part in ("models", "latents")]
        size += sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(".").free
    from zpoints.progress import duration

    line = f"Estimate: {size / 1e9:.2f} GB of {free / 1e9:.0f} GB free, {duration(seconds)} of training on one slot"
    return line + (f"; {unknown} more whose base is not trained yet" if unknown else "")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)
    for command in (plan, run, status, repro):
        app.command()(errors_in_a_line()(command))
    app()
