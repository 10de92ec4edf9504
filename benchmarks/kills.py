"""Kill every stage at random moments, run it again, and compare every byte with an undisturbed run.

    python benchmarks/kills.py [--each 8] [--only encode] [--images 420] [--seed 0] [--folder PLACE] [--json FILE]
    python benchmarks/kills.py --repro 20

A web server on this machine hands out images and labels slowly; `download` (mirror url) fetches them, and the other
stages make shards, a tiny model and all the rest of them. Each round takes a stage in turn and one of SIGKILL, SIGTERM
and SIGINT, sends that to the stage, not to what it has started, then runs it again to its end. The moment is drawn
uniformly from the time between the stage's first look at a file below data/, when its imports are done, and its end.

With --repro, a whole `dvc repro` is killed so many times, each time from nothing, and then run to its end. SIGKILL,
SIGTERM and SIGINT go to DVC and to all it has started, as a terminal or the system's end sends them; a fourth kind is
SIGKILL for DVC alone, whose stage then goes on without it.

Held against the undisturbed run are the bytes of all files: nothing may differ, and nothing else may be left: no
partial out, no download or training that waits, no process. Where the signal could be caught, no partial out and no
traceback of a stage may be left before the second run either. Ends with exit code 1 where a round differs.
"""

import argparse
import contextlib
import hashlib
import importlib
import json
import multiprocessing
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from ruamel.yaml import YAML

from stages._command import run
from stages._tensorflow import start_tensorflow
from tests.datasets.site import Site, folder_site, serve
from zpoints.analyses import discovery
from zpoints.config.data import Addresses, WebFile
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE
from zpoints.datasets.toy.write import write_toy_faces

ROOT = Path(__file__).resolve().parents[1]
MEASURED = "data/measurements/vae"
STAGES = {  # in the pipeline's order: its command, and its outs
    "download": ("data/raw",),
    "prepare": ("data/shards", "data/measurements/prepare.json"),
    "train vae": ("data/models/vae", f"{MEASURED}/training"),
    "encode vae": ("data/latents/vae",),
    "features": ("data/features",),
    "measure radius vae": (f"{MEASURED}/radius",),
    "measure attributes vae": (f"{MEASURED}/attributes",),
    "measure curvature vae": (f"{MEASURED}/curvature",),
    "measure samples vae": (f"{MEASURED}/samples",),
    "measure edits vae": (f"{MEASURED}/edits",),
    "measure similarity": ("data/measurements/_pairs/similarity",),
    "tidy": ("data/tidied",),
    "compare": ("data/comparison", "data/metrics"),
    "explore": ("data/explorer",),
    "report": ("data/figures", "data/report"),  # which links to the explorer where there is one
}
SECOND = "pca"  # a model of another program, for the questions about pairs; run before these stages, never killed
QUESTIONS = ("radius", "attributes", "curvature", "samples", "edits")
SECOND_RUNS = [f"train {SECOND}", f"encode {SECOND}", *(f"measure {question} {SECOND}" for question in QUESTIONS)]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
VARYING = "speed.csv"  # how long each epoch took
MOST = 4  # rounds for each that is asked for, since some end before they are killed
GRACE = 10.0  # seconds in which processes may end that were told to


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=8, help="go on until each stage was killed before its end so often")
    parser.add_argument("--repro", type=int, help="kill a whole `dvc repro` so many times instead")
    parser.add_argument("--seconds", type=float, default=86400, help="begin no round after this time")
    parser.add_argument("--only", nargs="+", choices=list(STAGES), help="these stages, and those before them once")
    parser.add_argument("--images", type=int, default=320)
    parser.add_argument("--seed", type=int, default=0, help="another seed kills at other moments")
    parser.add_argument("--folder", type=Path, help="where all is written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too, after each round")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` has what it starts ignore it
    rounds = run_repro if options.repro else run_stages
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = rounds(Path(folder), options)
    for name, counts in figures["by_stage"].items():
        print(f"{name:<24}" + ", ".join(f"{count} {what}" for what, count in counts.items()))
    print(", ".join(f"{figures[what]} {what}" for what in ("rounds", "killed", "begun", "different", "left_over")))
    if figures["different"] or figures["left_over"]:
        sys.exit(1)


def run_stages(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    rng = random.Random(options.seed)
    end = time.monotonic() + options.seconds
    stages = options.only or list(STAGES)
    source, work, whole = folder / "source", folder / "work", folder / "whole"
    source.mkdir()
    work.mkdir()
    write_toy_faces(source, options.images, seed=0)
    np.save(folder / f"{SECOND}.npy", np.random.default_rng(0).normal(size=(options.images, 4)).astype(np.float32))
    site = folder_site(source)
    site.piece = max(1, len(site.files[f"/{ARCHIVE_FILE}"]) // 50)
    site.pause = 0.02
    with served(site) as address:
        import_all()
        write_params(work / "params.yaml", address, source)
        prepare_dvc(work)
        names = list(STAGES)
        seconds = {}
        for name in names[: max(map(names.index, stages)) + 1]:
            if name == "measure similarity":
                for command in SECOND_RUNS:
                    finish(command, work)
            seconds[name] = finish(name, work)
        shutil.copytree(work, whole)
        expected = contents(whole)
        figures = new_figures()
        for number in range(MOST * options.each * len(stages)):
            left = [name for name in stages if figures["by_stage"].get(name, {}).get("killed", 0) < options.each]
            if not left or time.monotonic() > end:
                break
            name = left[number % len(left)]
            kind = SIGNALS[figures["by_stage"].get(name, {}).get("rounds", 0) % len(SIGNALS)]
            faults, seconds[name] = killed_round(name, kind, rng, work, seconds[name], expected, figures)
            note(figures, number, f"{name}, {kind.name}", faults, options)
            if faults:
                shutil.rmtree(work)
                shutil.copytree(whole, work)
    return figures


def killed_round(
    name: str, kind: signal.Signals, rng: random.Random, work: Path, seconds: float, expected: dict, figures: dict
) -> tuple[list[str], float]:
    """Kill a stage and run it again: what was not as it should be, a line each; and how long it worked."""
    if rng.random() < 0.5:  # as DVC does before a stage; a stage by hand replaces what is there
        for out in STAGES[name]:
            remove(work / out)
    if name == "tidy":
        leave_outs(work)
    before = listing(work)
    stage = Stage(name, work)
    select.select([stage.first_file], [], [], 600)
    time.sleep(rng.uniform(0, seconds))
    begun = listing(work) != before  # what a stage that is told to end removes again
    sent = stage.send_signal(kind)
    code, printed = stage.end()
    killed = sent and code != 0
    count(figures, name, kind.name, killed, begun)
    faults = []
    if kind is not signal.SIGKILL and ("Traceback" in printed or partials(work)):
        faults.append(f"a traceback or a partial out: {printed[-500:]}")
    left = processes_in(work)
    faults += [f"process {number} is left" for number in left]
    try:
        seconds = finish(name, work)
    except RuntimeError as error:
        faults.append(f"when it was run again, {error}")
    different, left_over = compared(contents(work), expected)
    figures["different"] += bool(different)
    figures["left_over"] += bool(left_over or left)
    return faults + different + left_over, seconds


def leave_outs(work: Path) -> None:
    """Outs of an entry that is gone, which DVC saved."""
    from dvc.repo import Repo

    with Repo(str(work)) as repo:
        for out in ("data/models/gone", "data/latents/gone"):
            for number in range(50):
                (work / out).mkdir(parents=True, exist_ok=True)
                (work / out / str(number)).write_text("saved")
            repo.state.save_link(str(work / out), repo.fs)


def run_repro(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Kill `dvc repro` in a copy of the project, each time from nothing, and let another one end what it began."""
    rng = random.Random(options.seed)
    end = time.monotonic() + options.seconds
    work = folder / "work"
    for name in ("src", "stages"):
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    write_params(work / "params.yaml", None)
    prepare_dvc(work)
    begin = time.monotonic()
    repro(work)
    seconds = time.monotonic() - begin
    expected = contents(work / "data")
    figures = new_figures() | {"seconds": seconds, "locks": 0}
    number = 0
    while figures["killed"] < options.repro and time.monotonic() < end:
        for out in (*work.glob("data/*"), work / "dvc.lock", work / ".dvc" / "cache", work / ".dvc" / "tmp"):
            remove(out)
        name, kind = rng.choice([(kind.name, kind) for kind in SIGNALS] + [("SIGKILL, DVC alone", signal.SIGKILL)])
        process = start_repro(work)
        time.sleep(rng.uniform(0.05, 1) * seconds)
        killed = process.poll() is None
        if killed and "alone" in name:
            process.kill()
        elif killed:
            os.killpg(process.pid, kind)
        printed = process.communicate()[0].decode(errors="replace")
        killed = killed and process.returncode != 0
        begun = [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage")]
        count(figures, begun[-1] if begun else "none yet", name, killed, bool(begun))
        left = processes_in(work, 300 if "alone" in name else GRACE)
        faults = [f"process {number} is left" for number in left]
        if kind is signal.SIGTERM and partials(work):
            faults.append("a partial out is left")
        try:
            figures["locks"] += repro(work)
        except RuntimeError as error:
            faults.append(f"when it was run again, {error}")
        different, left_over = compared(contents(work / "data"), expected)
        left_over += [f"left behind: {path}" for path in work.glob(".resume/*")]
        figures["different"] += bool(different)
        figures["left_over"] += bool(left_over or left)
        note(figures, number, f"{name} in {begun[-1:]}", faults + different + left_over, options)
        number += 1
    return figures


def prepare_dvc(work: Path) -> None:
    """Make the folder a project that DVC knows."""
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(ROOT / name, work)
    subprocess.run(["dvc", "init", "--no-scm", "-q"], cwd=work, env=environment(work), check=True)


def new_figures() -> dict[str, Any]:
    """Nothing counted yet. killed: before its end; begun: with something written by then."""
    return dict.fromkeys(("rounds", "killed", "begun", "different", "left_over"), 0) | {"by_stage": {}, "by_signal": {}}


def count(figures: dict[str, Any], name: str, kind: str, killed: bool, begun: bool) -> None:
    """Count one kill."""
    figures["rounds"] += 1
    for key, value in (("killed", killed), ("begun", begun and killed)):
        figures[key] += value
    row = figures["by_stage"].setdefault(name, Counter(rounds=0, killed=0, begun=0))
    row.update(rounds=1, killed=int(killed), begun=int(begun and killed))
    figures["by_signal"].setdefault(kind, Counter()).update(rounds=1, killed=int(killed))


def note(figures: dict[str, Any], number: int, what: str, faults: list[str], options: argparse.Namespace) -> None:
    """Say what a round came to."""
    for fault in faults or ["as it should be"]:
        print(f"round {number}: {what}: {fault}", file=sys.stderr, flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def compared(received: dict[str, str], expected: dict[str, str]) -> tuple[list[str], list[str]]:
    """A line for each file that differs or lacks, and one for each that should not be there."""
    different = sorted(path for path in expected if received.get(path) != expected[path])
    left_over = sorted(received.keys() - expected.keys())
    return [f"other bytes: {path}" for path in different], [f"left behind: {path}" for path in left_over]


def write_params(path: Path, address: str | None, source: Path | None = None) -> None:
    """The quick start's params, tiny: of one model and one question, with toy faces; or, with the address of a server
    that is the mirror, of two models and all kinds of questions.
    """
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["images"]["size"] = 16
    params["split"]["train"] = 0.65
    params["training"] |= {"epochs": 3, "batch_size": 32}
    params["models"] = {"vae": {"kind": "vae", "z_dim": 4, "filters": [4, 8], "fact": 0.01}}
    params["samplers"] |= {"uniform": [2], "nulls": [], "core": None, "mixture": 2, "jitter": None}
    asked: dict[str, dict[str, Any]] = {"analyses": {"radius": {"bootstrap": 100, "null_points": 2000}}}
    if address is None or source is None:
        params["data"]["toy"]["images"] = 100
        params["features"]["space"] = "none"
    else:

        def at(file: str) -> WebFile:
            return WebFile(address=f"{address}/{file}", md5=hashlib.md5((source / file).read_bytes()).hexdigest())

        addresses = Addresses(images=at(ARCHIVE_FILE), attributes=at(labels.ATTRIBUTE_FILE))
        params["data"] |= {"source": "celeba", "mirror": "url", "url": addresses.model_dump(mode="json")}
        params["models"][SECOND] = {
            "kind": "external",
            "latents": str(path.parent.parent / f"{SECOND}.npy"),
            "z_dim": 4,
        }
        params["features"] |= {"images": 100, "scaler_images": 100}
        asked["analyses"]["attributes"] = {}
        asked["image_analyses"] = {"curvature": {"images": 4, "n_draws": 2}}
        asked["sampler_analyses"] = {"samples": {"images": 4}}
        asked["direction_analyses"] = {"edits": {"images": 10}}
        asked["pair_analyses"] = {"similarity": {"n_neighbors": 5, "n_permutations": 19}}
    for group in [key for key in params if key.endswith("analyses")]:
        questions = asked.get(group, {})
        params[group] = {name: params[group][name] | changes for name, changes in questions.items()}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def environment(work: Path) -> dict[str, str]:
    """In which `python` and `dvc` are those of this process."""
    found = {"PYTHONPATH": "", "DVC_ROOT": str(work), "PYTHONDONTWRITEBYTECODE": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", **found}


class Stage:
    """A stage in a process of its own: a fork of this one, which has imported all that stages need.

    To start Python and TensorFlow takes ten times as long as what a stage of this size does.
    """

    def __init__(self, name: str, work: Path) -> None:
        self.first_file, told = os.pipe()
        self._printed, stderr = os.pipe()
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _run_forked(name, work, told, stderr)
        os.close(told)
        os.close(stderr)

    def send_signal(self, kind: signal.Signals) -> bool:
        """Send it, unless the stage has ended; whether it had not."""
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        if ended:
            self._code = os.waitstatus_to_exitcode(status)
            return False
        os.kill(self.pid, kind)
        return True

    def end(self) -> tuple[int, str]:
        """Exit code, and what was printed to stderr, once it and all it has started have closed that."""
        parts = []
        while part := os.read(self._printed, 1 << 16):
            parts.append(part)
        os.close(self._printed)
        os.close(self.first_file)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) if self._code is None else self._code
        return code, b"".join(parts).decode(errors="replace")


def _run_forked(name: str, work: Path, told: int, stderr: int) -> NoReturn:
    """Become a stage, and tell through a pipe when it opens the first file below data/, markers of outs not counted."""
    command, *arguments = name.split()
    code = 1
    try:
        os.setsid()
        os.chdir(work)
        os.environ["DVC_ROOT"] = str(work)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(stderr, 2)
        left = [told]

        def hook(event: str, values: tuple[Any, ...]) -> None:
            if event == "open" and left:
                name = str(values[0])
                if name.startswith("data/") and not name.endswith(".zpoints-out"):
                    os.write(left.pop(), b".")

        if command == "tidy":  # which opens nothing there, and removes
            os.write(left.pop(), b".")
        sys.addaudithook(hook)
        sys.argv = [f"stages/{command}.py", *arguments]
        run(getattr(importlib.import_module(f"stages.{command}"), command))
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # nothing that this process would do at its own end


def finish(name: str, work: Path) -> float:
    """Run a stage to its end; the seconds after its first file. Raises RuntimeError where it fails."""
    stage = Stage(name, work)
    select.select([stage.first_file], [], [], 600)
    begin = time.monotonic()
    code, printed = stage.end()
    if code:
        raise RuntimeError(f"{name} failed: {printed[-2000:]}")
    return time.monotonic() - begin


def import_all() -> None:
    """Import what any stage needs, so that none has to."""
    start_tensorflow()
    for module in (
        "onnx",
        "tf2onnx",
        "pandas",
        "matplotlib.pyplot",
        "sklearn.cluster",
        "scipy.stats",
        "jinja2",
        "dvc.repo",
    ):
        importlib.import_module(module)
    for name in discovery.presented():
        discovery.presentation(name)
    for name in discovery.names():
        discovery.measure_function(name)
    for name in {name.split()[0] for name in STAGES}:
        importlib.import_module(f"stages.{name}")
    for module in (
        "explorer.page",
        "report.page",
        "report.comparison",
        "shards.build",
        "training.fit",
        "latents.encode",
    ):
        importlib.import_module(f"zpoints.{module}")


@contextlib.contextmanager
def served(site: Site) -> Iterator[str]:
    """Serve in a process of its own, since a process with threads should not fork; yields the address."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        with serve(site):
            sender.send(site.address)
            signal.pause()

    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    try:
        yield receiver.recv()
    finally:
        process.kill()
        process.join()


def start_repro(work: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["dvc", "repro"],
        cwd=work,
        env=environment(work),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def repro(work: Path) -> bool:
    """Run `dvc repro` to its end; whether dvc.lock had to be deleted before. Raises RuntimeError where it fails."""
    broken = False
    while True:
        process = start_repro(work)
        printed = process.communicate()[0].decode(errors="replace")
        if process.returncode == 0:
            return broken
        if broken or "dvc.lock" not in printed:
            raise RuntimeError(f"dvc repro failed: {printed[-2000:]}")
        (work / "dvc.lock").unlink()  # DVC does not write it whole or not at all
        broken = True


def listing(work: Path) -> list[str]:
    """All files and folders, but DVC's own; a stage that was told to end may be removing some."""
    found = [Path(folder, name) for folder, *names in os.walk(work) for name in (*names[0], *names[1])]
    return sorted(name for path in found if not (name := str(path.relative_to(work))).startswith(".dvc"))


def partials(work: Path) -> bool:
    return any(".partial-" in path for path in listing(work))


def contents(work: Path) -> dict[str, str]:
    """Digest of every file below a folder; of one that varies, that it is there."""
    digests = {}
    for name in listing(work):
        path = work / name
        if path.is_file():
            data = b"" if path.name == VARYING else path.read_bytes()
            digests[name] = hashlib.sha256(data).hexdigest()
    return digests


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def processes_in(work: Path, seconds: float = GRACE) -> list[int]:
    """Processes that still run in `work` some seconds later (on Linux)."""
    end = time.monotonic() + seconds
    while True:
        numbers = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if Path(os.readlink(process / "cwd")) == work.resolve():
                    numbers.append(int(process.name))
            except OSError:
                continue
        if not numbers or time.monotonic() > end:
            return numbers
        time.sleep(0.05)


if __name__ == "__main__":
    main()
