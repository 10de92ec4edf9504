"""DVC's own time for a stage of a sweep, by the number of models: python -m benchmarks.sweeps [3 20 60 200]

The pipelines are those of `python -m stages.sweep`, their commands only write a file. For each number of models:
seconds of `dvc repro --single-item` for one stage, of a second one that finds nothing to do, and of the look at all
stages with which a run begins; then seconds a stage where MANY of them run on two slots. In brackets processor seconds.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zpoints.config.reader import read
from zpoints.sweeps.folders import Layout, files_of, write_files
from zpoints.sweeps.settings import models_of, read_sweeps

ROOT = Path(__file__).resolve().parents[1]
LAYOUT = Layout(Path("sweeps"), Path("data/sweeps"), Path("data"))
MANY = 24
ENV = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def main() -> None:
    print(
        "| models | stages | one stage | nothing to do | look at all | a stage, two slots |",
        "|---|---|---|---|---|---|",
        sep="\n",
    )
    for count in map(int, sys.argv[1:] or ["3", "20", "60"]):
        with tempfile.TemporaryDirectory() as folder:
            print(measured(Path(folder), count), flush=True)


def measured(folder: Path, count: int) -> str:
    """A line of the table."""
    for name in ("src", "params.yaml"):
        run("cp", "-r", str(ROOT / name), str(folder))
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "data/shards").mkdir(parents=True)
    (folder / "data/shards/images.npy").write_text("x")
    (folder / "sweeps.yaml").write_text(f"s: {{base: [ae], vary: {{seed: {list(range(1, count + 1))}}}}}\n")
    os.chdir(folder)
    run("git", "init", "-q")
    run("dvc", "init", "-q")
    params = read(Path("params.yaml"))
    models = models_of(("s",), read_sweeps(Path("sweeps.yaml"), params), params)
    files = files_of(models, LAYOUT, ROOT / "dvc.yaml", Path("params.yaml"))
    write_files({path: writing_only(text) if path.name == "dvc.yaml" else text for path, text in files.items()})
    addresses = [address for model in models for address in LAYOUT.addresses(model)]
    repro = ("dvc", "--wait-for-lock", "repro", "--single-item", addresses[0])
    first, second = timed(*repro), timed(*repro)
    look = timed(sys.executable, "-c", f"from zpoints.sweeps.graph import stages; stages('.', {addresses})")
    code = (
        "from pathlib import Path\n"
        "from zpoints.sweeps.engine import *\n"
        "from zpoints.sweeps.graph import stages\n"
        "if __name__ == '__main__':\n"
        f"    tasks = [Task(s.address, s.needs, False, 'm') for s in stages('.', {addresses}) if s.stale][:{MANY}]\n"
        "    with local_cluster(Slots(2)) as client:\n"
        "        assert all(o.state == 'done' for o in run(client, tasks, Path('logs')))\n"
    )
    Path("all.py").write_text(code)
    several = timed(sys.executable, "all.py", divisor=min(MANY, len(addresses) - 1))
    os.chdir(ROOT)
    return f"| {count} | {len(addresses)} | {first} | {second} | {look} | {several} |"


def writing_only(text: str) -> str:
    """A pipeline whose commands write a file and no more."""
    return re.sub(r"cmd: .*--out (\S+)", r"cmd: mkdir -p \1 && echo \1 > \1/numbers.json", text)


def timed(*command: str, divisor: int = 1) -> str:
    """Seconds of a command, and its processor seconds."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{(time.perf_counter() - begin) / divisor:.1f} s ({processor / divisor:.1f})"


def run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV)
    if done.returncode:
        sys.exit(f"{' '.join(command)[:200]}: {done.stdout[-2000:]}")


if __name__ == "__main__":
    main()
