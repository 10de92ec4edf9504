"""Kill every stage at random moments, run it again, and compare every byte with an undisturbed run.

    python benchmarks/kills.py [--rounds 100] [--only encode] [--images 600] [--seed 0] [--folder PLACE] [--json FILE]

A web server on this machine hands out images and labels slowly; `download` (mirror url) fetches them, and the other
stages make shards, a tiny model and all the rest of them. Each round takes a stage in turn and one of SIGKILL, SIGTERM
and SIGINT, sends that to the stage, not to what it has started, after a random part of the time it takes, then runs it
again to its end. Held against the undisturbed run are the bytes of all files: nothing may differ, and nothing else may
be left: no partial out, no download or training that waits, no process. Where the signal could be caught, no partial
out and no traceback may be left before the second run either. Ends with exit code 1 where a round differs.
"""

import argparse
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from tests.datasets.site import Site, folder_site, serve
from zpoints.config.data import Addresses, WebFile
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, IMAGE_FOLDER

ROOT = Path(__file__).resolve().parents[1]
STAGES = {
    "download": ("download", "data/raw"),
    "prepare": ("prepare", "data/shards", "data/measurements/prepare.json"),
    "train": ("train vae", "data/models/vae", "data/measurements/vae/training"),
    "encode": ("encode vae", "data/latents/vae"),
    "features": ("features", "data/features"),
    "measure": ("measure radius vae", "data/measurements/vae/radius"),
    "measure_images": ("measure curvature vae", "data/measurements/vae/curvature"),
    "compare": ("compare", "data/comparison", "data/metrics"),
    "report": ("report", "data/figures", "data/report"),
}
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
VARYING = "speed.csv"  # how long each epoch took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=86400, help="begin no round after this time")
    parser.add_argument("--only", nargs="+", choices=list(STAGES), help="these stages, and those before them once")
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0, help="another seed kills at other moments")
    parser.add_argument("--folder", type=Path, help="where all is written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = run(Path(folder), options.only or list(STAGES), options)
    print(
        f"{figures['rounds']} rounds, {figures['killed']} killed before their end "
        f"({figures['begun']} with something written by then): {figures['different']} different, "
        f"{figures['left_over']} with something left behind"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if figures["different"] or figures["left_over"]:
        sys.exit(1)


def run(folder: Path, stages: list[str], options: argparse.Namespace) -> dict[str, Any]:
    rng = random.Random(options.seed)
    end = time.monotonic() + options.seconds
    source, work, whole = folder / "source", folder / "work", folder / "whole"
    source.mkdir()
    work.mkdir()
    write_celeba(source, options.images)
    site = folder_site(source)
    site.piece = max(1, len(site.files[f"/{ARCHIVE_FILE}"]) // 50)
    site.pause = 0.02
    with serve(site):
        write_params(work / "params.yaml", source, site)
        names = list(STAGES)
        seconds = {name: timed(name, work) for name in names[: max(map(names.index, stages)) + 1]}
        shutil.copytree(work, whole)
        expected = contents(whole)
        figures: dict[str, Any] = {"rounds": 0, "seconds": seconds, "by_stage": Counter(), "by_signal": Counter()}
        figures |= dict.fromkeys(("killed", "begun", "different", "left_over"), 0)
        for number in range(options.rounds):
            if time.monotonic() > end:
                break
            name, kind = stages[number % len(stages)], rng.choice(SIGNALS)
            faults = killed_round(name, kind, rng, work, seconds[name], expected, figures)
            for fault in faults:
                print(f"round {number}: {name}, {kind.name}: {fault}", file=sys.stderr)
            figures["rounds"] += 1
            if faults:
                shutil.rmtree(work)
                shutil.copytree(whole, work)
    return figures


def killed_round(
    name: str, kind: signal.Signals, rng: random.Random, work: Path, seconds: float, expected: dict, figures: dict
) -> list[str]:
    """Kill a stage and run it again; what was not as it should be, a line each."""
    if rng.random() < 0.5:  # as DVC does before a stage; a stage by hand replaces what is there
        for out in STAGES[name][1:]:
            remove(work / out)
    before = listing(work)
    process = start(name, work)
    time.sleep(rng.uniform(0, seconds))
    killed = process.poll() is None
    process.send_signal(kind)
    _, printed = process.communicate()
    figures["killed"] += killed
    figures["begun"] += listing(work) != before
    figures["by_stage"][name] += killed
    figures["by_signal"][kind.name] += killed
    faults = []
    if kind is not signal.SIGKILL and (b"Traceback" in printed or any(".partial-" in path for path in listing(work))):
        faults.append(f"a traceback or a partial out: {printed.decode(errors='replace')[-500:]}")
    process = start(name, work)
    _, printed = process.communicate()
    if process.returncode:
        faults.append(f"failed when it was run again: {printed.decode(errors='replace')[-500:]}")
    received = contents(work)
    other = sorted(path for path in expected if received.get(path) != expected[path])
    left = sorted(received.keys() - expected.keys()) + [f"process {number}" for number in processes_in(work)]
    figures["different"] += bool(other or process.returncode)
    figures["left_over"] += bool(left)
    return faults + [f"other bytes: {path}" for path in other] + [f"left behind: {path}" for path in left]


def write_celeba(folder: Path, images: int) -> None:
    """CelebA's files with soft random pictures."""
    rng = np.random.default_rng(0)
    ids = [f"{number:06d}.jpg" for number in range(1, images + 1)]
    with zipfile.ZipFile(folder / ARCHIVE_FILE, "w") as archive:
        for name in ids:
            buffer = io.BytesIO()
            small = Image.fromarray(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8))
            small.resize((178, 218)).save(buffer, "JPEG", quality=80)
            archive.writestr(f"{IMAGE_FOLDER}/{name}", buffer.getvalue())
    bits = rng.integers(0, 2, (images, 40), dtype=np.int8)
    labels.write(folder / labels.ATTRIBUTE_FILE, labels.Table(ids, labels.ATTRIBUTES, bits))


def write_params(path: Path, source: Path, site: Site) -> None:
    """The quick start's params, with the server as mirror, one tiny model and two questions."""

    def at(file: str) -> WebFile:
        return WebFile(address=f"{site.address}/{file}", md5=hashlib.md5((source / file).read_bytes()).hexdigest())

    yaml = YAML(typ="safe", pure=True)
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    addresses = Addresses(images=at(ARCHIVE_FILE), attributes=at(labels.ATTRIBUTE_FILE))
    params["data"] |= {"source": "celeba", "mirror": "url", "url": addresses.model_dump(mode="json")}
    params["images"]["size"] = 32
    params["split"]["train"] = 0.6
    params["training"] |= {"epochs": 3, "batch_size": 16}
    params["models"] = {"vae": {"kind": "vae", "z_dim": 4, "filters": [4, 8], "fact": 0.01}}
    params["features"] |= {"images": 100, "scaler_images": 100}
    params["analyses"] = {"radius": params["analyses"]["radius"] | {"bootstrap": 100, "null_points": 2000}}
    params["image_analyses"] = {"curvature": params["image_analyses"]["curvature"] | {"images": 4, "n_draws": 2}}
    params |= {"sampler_analyses": None, "direction_analyses": None, "pair_analyses": None}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def start(name: str, work: Path) -> subprocess.Popen[bytes]:
    command, *arguments = STAGES[name][0].split()
    paths = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    environment = {**os.environ, "PYTHONPATH": paths, "DVC_ROOT": str(work), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", f"stages.{command}", *arguments],
        cwd=work,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def timed(name: str, work: Path) -> float:
    begin = time.perf_counter()
    process = start(name, work)
    _, printed = process.communicate()
    if process.returncode:
        sys.exit(f"{name} failed undisturbed: {printed.decode(errors='replace')}")
    return time.perf_counter() - begin


def listing(work: Path) -> list[str]:
    return sorted(str(path.relative_to(work)) for path in work.rglob("*"))


def contents(work: Path) -> dict[str, str]:
    """Digest of every file below a folder; of one that varies, that it is there."""
    digests = {}
    for path in work.rglob("*"):
        if path.is_file():
            data = b"" if path.name == VARYING else path.read_bytes()
            digests[str(path.relative_to(work))] = hashlib.sha256(data).hexdigest()
    return digests


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def processes_in(work: Path) -> list[int]:
    """Processes that still run in `work` a second later (on Linux)."""
    for _ in range(20):
        numbers = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if Path(os.readlink(process / "cwd")) == work.resolve():
                    numbers.append(int(process.name))
            except OSError:
                continue
        if not numbers:
            return []
        time.sleep(0.05)
    return numbers


if __name__ == "__main__":
    main()
