"""How much `prepare` costs beyond the work on the images themselves.

    python benchmarks/prepare.py ARCHIVE --images 20000 [--rounds 3] [--json FILE]

Two ways to the same pixels are timed in turn, several rounds in one run, so that a busy machine slows both alike:
bare      as many processes as there are cores read, decode, crop and resize their part, and keep nothing; the clock
          starts when all of them stand ready, with the archive's table of contents read
prepare   build_shards from its call to flushed shards on the disk: start of the workers, labels, split, writing, all

Printed are the medians and their ratio; the same for CPU time (user and system, of all processes, starts included; it
depends less on what else the machine does); and the largest resident memory of all processes of prepare together (on
Linux; pages that processes share are counted once for each).
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from zpoints import progress
from zpoints.faces import labels
from zpoints.faces.archive import ARCHIVE_FILE, FaceArchive
from zpoints.faces.picture import face
from zpoints.outs import whole_folder
from zpoints.params.images import Images
from zpoints.params.split import Split
from zpoints.shards.build import build_shards


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="img_align_celeba.zip; label files beside it are used")
    parser.add_argument("--images", type=int, default=20000, help="use the first N images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=progress.workers(), help="processes, for both ways")
    parser.add_argument("--folder", type=Path, help="where the shards are written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    images = Images(limit=options.images)
    names = [entry.name for entry in FaceArchive(options.archive).entries[: options.images]]
    bare, whole, memory = [], [], []  # pairs of wall and CPU seconds for the first two
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        raw = link_raw(Path(folder) / "raw", options.archive)
        for _ in range(options.rounds):
            bare.append(time_bare(options.archive, names, images, options.workers))
            *seconds, peak = time_prepare(raw, Path(folder) / "shards", images, options.workers)
            whole.append(seconds)
            memory.append(peak)
    bare_wall, bare_cpu = (statistics.median(column) for column in zip(*bare, strict=True))
    wall, cpu = (statistics.median(column) for column in zip(*whole, strict=True))
    figures = {
        "images": len(names),
        "workers": options.workers,
        "bare_seconds": bare_wall,
        "prepare_seconds": wall,
        "ratio": wall / bare_wall,
        "bare_cpu_seconds": bare_cpu,
        "prepare_cpu_seconds": cpu,
        "cpu_ratio": cpu / bare_cpu,
        "prepare_images_per_second": len(names) / wall,
        "peak_resident_mb": max(memory) / 1e6 if max(memory) else None,
        "rounds": [[one[0], other[0]] for one, other in zip(bare, whole, strict=True)],
    }
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def report(figures: dict[str, Any]) -> None:
    print(f"{figures['images']} images, {figures['workers']} processes, {len(figures['rounds'])} rounds")
    for bare, prepare in figures["rounds"]:
        print(f"  bare {bare:7.2f} s   prepare {prepare:7.2f} s   ratio {prepare / bare:.3f}")
    medians = f"bare {figures['bare_seconds']:.2f} s, prepare {figures['prepare_seconds']:.2f} s"
    print(f"medians: {medians}, ratio {figures['ratio']:.3f}; {figures['prepare_images_per_second']:.0f} images/s")
    cpu = f"bare {figures['bare_cpu_seconds']:.2f} s, prepare {figures['prepare_cpu_seconds']:.2f} s"
    print(f"CPU time: {cpu}, ratio {figures['cpu_ratio']:.3f}")
    if figures["peak_resident_mb"]:
        print(f"peak resident memory of all processes: {figures['peak_resident_mb']:.0f} MB")


def link_raw(raw: Path, archive: Path) -> Path:
    """A folder as data/raw whose files stay where they are."""
    raw.mkdir()
    (raw / ARCHIVE_FILE).symlink_to(archive.resolve())
    for file in (labels.ATTRIBUTE_FILE, labels.PARTITION_FILE, labels.IDENTITY_FILE):
        if (archive.parent / file).exists():
            (raw / file).symlink_to((archive.parent / file).resolve())
    (raw / "source.json").write_text('{"source": "celeba"}')
    return raw


def cpu_seconds() -> float:
    """CPU time of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


def time_bare(archive: Path, names: list[str], images: Images, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds for the work on the images alone, in parts of the same size."""
    cpu = cpu_seconds()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    share = -(-len(names) // workers)
    parts = [names[part * share : (part + 1) * share] for part in range(workers)]
    running = [context.Process(target=work_bare, args=(archive, part, images, ready)) for part in parts]
    for process in running:
        process.start()
    ready.wait()
    start = time.perf_counter()
    for process in running:
        process.join()
    seconds = time.perf_counter() - start
    if any(process.exitcode for process in running):
        sys.exit("a process of the bare way failed")
    return seconds, cpu_seconds() - cpu


def work_bare(archive: Path, names: list[str], images: Images, ready: Any) -> None:
    with zipfile.ZipFile(archive) as file:
        ready.wait()
        for name in names:
            face(file.read(name), images.crop, images.size, images.filter)


def time_prepare(raw: Path, out: Path, images: Images, workers: int) -> tuple[float, float, int]:
    """Wall and CPU seconds until the shards are on the disk, and the peak of resident bytes."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], resident_bytes(multiprocessing.current_process().pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        start, cpu = time.perf_counter(), cpu_seconds()
        with whole_folder(out) as partial:
            build_shards(raw, partial, images, Split(), workers)
        return time.perf_counter() - start, cpu_seconds() - cpu, peak[0]
    finally:
        done.set()
        watcher.join()


def resident_bytes(pid: int | None) -> int:
    """Resident memory of a process and its descendants; 0 where /proc does not tell."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in task_children(task)]
    except (OSError, IndexError):
        return 0
    return own + sum(resident_bytes(child) for child in children)


def task_children(task: Path) -> list[int]:
    return [int(child) for child in (task / "children").read_text().split()]


if __name__ == "__main__":
    main()
