"""Kill download and prepare at random moments, run them again, and compare every byte with an undisturbed run.

    python benchmarks/kills.py [--rounds 100] [--images 3000] [--seed 0] [--folder PLACE] [--json FILE]

A web server on this machine hands out images and labels slowly; `stages.download` (mirror url) fetches them, or
`stages.prepare` makes shards of them. Each round starts one of the two in turn, sends SIGKILL to it, not to what it has
started, after a random part of the time it takes, then runs it again to its end. Held against the undisturbed
run are the bytes of all outs; nothing else may be left: no partial out, no download that waits, no process. Ends with
exit code 1 where a round differs.
"""

import argparse
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from tests.datasets.site import Site, folder_site, serve
from zpoints.config.data import Addresses, WebFile
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, IMAGE_FOLDER

ROOT = Path(__file__).resolve().parents[1]
OUTS = {"download": "raw", "prepare": "shards"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0, help="another seed kills at other moments")
    parser.add_argument("--folder", type=Path, help="where all is written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = run(Path(folder), options.rounds, options.images, options.seed)
    print(
        f"{figures['rounds']} rounds, {figures['killed']} killed before their end "
        f"({figures['begun']} with something written by then): {figures['different']} different, "
        f"{figures['left_over']} with something left behind"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if figures["different"] or figures["left_over"]:
        sys.exit(1)


def run(folder: Path, rounds: int, images: int, seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    source, work = folder / "source", folder / "work"
    source.mkdir()
    work.mkdir()
    write_celeba(source, images)
    site = folder_site(source)
    site.piece = max(1, len(site.files[f"/{ARCHIVE_FILE}"]) // 50)
    site.pause = 0.02
    with serve(site):
        seconds = {stage: timed(stage, work, source, site) for stage in OUTS}
        whole = {stage: contents(work / out) for stage, out in OUTS.items()}
        listing = sorted(path.name for path in work.iterdir())
        figures = {"rounds": rounds, "killed": 0, "begun": 0, "different": 0, "left_over": 0, "seconds": seconds}
        for number in range(rounds):
            stage = list(OUTS)[number % 2]
            process = start(stage, work, source, site)
            time.sleep(rng.uniform(0, seconds[stage]))
            figures["killed"] += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            figures["begun"] += sorted(path.name for path in work.iterdir()) != listing
            process = start(stage, work, source, site)
            if process.wait():
                sys.exit(f"round {number}: {stage} failed when it was run again")
            if contents(work / OUTS[stage]) != whole[stage]:
                figures["different"] += 1
                print(f"round {number}: {stage}: other bytes", file=sys.stderr)
            left = sorted(path.name for path in work.iterdir())
            if left != listing or workers_of(work):
                figures["left_over"] += 1
                print(f"round {number}: {stage}: left behind: {set(left) - set(listing)}", file=sys.stderr)
    return figures


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
    labels.write_attributes(folder / labels.ATTRIBUTE_FILE, labels.Table(ids, labels.ATTRIBUTES, bits))


def start(stage: str, work: Path, source: Path, site: Site) -> subprocess.Popen[bytes]:
    def at(file: str) -> WebFile:
        return WebFile(address=f"{site.address}/{file}", md5=hashlib.md5((source / file).read_bytes()).hexdigest())

    addresses = Addresses(images=at(ARCHIVE_FILE), attributes=at(labels.ATTRIBUTE_FILE))
    overrides = ["data.source=celeba", "data.mirror=url", f"data.url={addresses.model_dump_json()}", "images.size=32"]
    command = [sys.executable, "-m", f"stages.{stage}", "--params", str(ROOT / "params.yaml"), "--out", OUTS[stage]]
    command += [part for override in overrides for part in ("-S", override)]
    command += ["--raw", "raw"] if stage == "prepare" else []
    paths = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    environment = {**os.environ, "PYTHONPATH": paths, "DVC_ROOT": str(work)}
    return subprocess.Popen(command, cwd=work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timed(stage: str, work: Path, source: Path, site: Site) -> float:
    begin = time.perf_counter()
    if start(stage, work, source, site).wait():
        sys.exit(f"{stage} failed undisturbed: run it by hand to see why")
    return time.perf_counter() - begin


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def workers_of(work: Path) -> list[int]:
    """Processes that still run in `work` a second later (on Linux)."""
    for _ in range(20):
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if Path(os.readlink(process / "cwd")) == work.resolve():
                    found.append(int(process.name))
            except OSError:
                continue
        if not found:
            return []
        time.sleep(0.05)
    return found


if __name__ == "__main__":
    main()
