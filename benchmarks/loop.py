"""What a user waits for, stage by stage: python -m benchmarks.loop [--rounds 3] [--params FILE] [--jobs 2]

In a clone of the last commit, on its params.yaml or, to try the benchmark, on a smaller FILE: the quick start from
nothing, a run with nothing to do, and runs after one change each, of an analysis' parameter, of a model's `fact`, and
of the models by one. Prints a markdown table, medians over the rounds: "wall seconds / processor seconds", and the
memory of the largest process of a stage. With --jobs independent stages run side by side, as by `make repro JOBS=2`,
and the table has the whole alone: the workers find the environment's Python before the one that takes notes.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = {  # the start of a line of params.yaml, and what is replaced in it by what
    "quick start": None,
    "nothing changed": None,
    "`radius.bin_width`": ("bin_width: 0.5          # half-open", "0.5", "0.4"),
    "`vae.fact`": ("vae:  ", "fact: 5.0", "fact: 2.0"),
    "a fourth model": ("# vae_dense: {kind: vae", "# vae_dense", "vae_dense"),
}
# In place of `python`, which DVC starts for each stage: notes what the stage used.
NOTING = """#!{python} -IS
import json, os, sys, time
begin = time.time()
_, status, used = os.wait4(os.posix_spawn({python!r}, [{python!r}, *sys.argv[1:]], os.environ), 0)
note = {{"command": sys.argv[1:], "begin": begin, "end": time.time(), "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024}}
with open({log!r}, "a") as log:
    print(json.dumps(note), file=log)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Used:
    """Seconds, processor seconds and bytes."""

    wall: float
    processor: float
    memory: int = 0

    def __add__(self, other: "Used") -> "Used":
        return Used(self.wall + other.wall, self.processor + other.processor, max(self.memory, other.memory))

    def __sub__(self, other: "Used") -> "Used":
        return Used(self.wall - other.wall, self.processor - other.processor, self.memory)

    def __str__(self) -> str:
        return f"{self.wall:.1f} / {self.processor:.1f}"


NOTHING = Used(0, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--params", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    rounds = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="loop-") as folder:
            print(f"round {number + 1}", file=sys.stderr)
            rounds.append(dict(measured(Path(folder), options.params, options.jobs)))
    print(*table(rounds), sep="\n")


def measured(folder: Path, params: Path | None, jobs: int) -> Iterator[tuple[str, dict[str, Used]]]:
    """One round: what each line of the table used, by scenario."""
    clone, tools, log = folder / "clone", folder / "bin", folder / "log"
    run(["git", "clone", "--quiet", str(ROOT), str(clone)], folder, dict(os.environ))
    if params is not None:
        shutil.copy(params, clone / "params.yaml")
    tools.mkdir()
    (tools / "python").write_text(NOTING.format(python=sys.executable, log=str(log)))
    (tools / "python").chmod(0o755)
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PATH": path}
    command = ["dvc", "repro"]
    if jobs > 1:
        command = [sys.executable, "-m", "stages.sweep", "repro", "--jobs", str(jobs)]
    for scenario, change in SCENARIOS.items():
        if change is not None:
            replace(clone / "params.yaml", *change)
        log.write_text("")
        begin = time.time()
        everything = run(command, clone, environment)
        notes = [json.loads(line) for line in log.read_text().splitlines()]
        print(f"{scenario}: {everything}", file=sys.stderr)
        yield scenario, lines(notes, everything, begin) if jobs == 1 else {"**in all**": everything}


def replace(path: Path, start: str, old: str, new: str) -> None:
    """Replace `old` in the one line that begins with `start`, blanks aside."""
    text = path.read_text()
    (line,) = [line for line in text.splitlines() if line.strip().startswith(start)]
    path.write_text(text.replace(line, line.replace(old, new)))


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Used:
    """What a command and all that it started used. Ends the benchmark where it fails, with what it printed last."""
    begin = time.time()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            sys.exit(f"{' '.join(command)}: {printed.read().decode()[-2000:]}")
    return Used(time.time() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def lines(notes: list[dict], everything: Used, begin: float) -> dict[str, Used]:
    """The lines of the table for one run of the pipeline, which used `everything` and began at the time `begin`."""
    stages: dict[str, Used] = {}
    for note in notes:
        name = " ".join(note["command"][1:]).removeprefix("stages.")
        kind = " ".join(name.split()[: 2 if name.startswith("measure") else 1])  # without the model
        used = Used(note["end"] - note["begin"], note["processor"], note["memory"])
        stages[kind] = stages.get(kind, NOTHING) + used
    training = stages.get("train", NOTHING)
    own = everything - sum(stages.values(), NOTHING)
    found = stages | {"DVC itself": Used(own.wall, own.processor)}
    found |= {"**in all**": everything, "**in all but training**": everything - training}
    reports = [note["end"] - begin for note in notes if note["command"][1] == "stages.report"]
    if reports:
        until = sum((Used(0, note["processor"]) for note in notes if note["end"] <= begin + reports[0]), NOTHING)
        found["until the report, but training"] = Used(reports[0], until.processor) - training
    return found


def table(rounds: list[dict[str, dict[str, Used]]]) -> Iterator[str]:
    """Medians of all rounds as lines of markdown."""
    yield f"| seconds: wall / processor | {' | '.join(SCENARIOS)} | peak memory |"
    yield f"|---|{'---|' * len(SCENARIOS)}---|"
    names = dict.fromkeys(name for scenario in rounds[0].values() for name in scenario)
    for name in names:
        cells, memory = [], 0
        for scenario in SCENARIOS:
            used = [one[scenario][name] for one in rounds if name in one[scenario]]
            memory = max([memory, *(each.memory for each in used)])
            cells.append(str(median(used)) if used else "")
        yield f"| {name} | {' | '.join(cells)} | {f'{memory / 1e9:.2f} GB' if memory else ''} |"


def median(used: list[Used]) -> Used:
    return Used(*(statistics.median(getattr(each, part) for each in used) for part in ("wall", "processor")))


if __name__ == "__main__":
    main()
