"""How much `prepare` costs beyond the work on the images themselves, and beside the obvious way to do it.

    python benchmarks/prepare.py ARCHIVE [--images 20000] [--rounds 3] [--repeat 202599] [--ways bare] [--json FILE]

Three ways are timed in turn, each round beginning with another one, so that a busy machine slows all alike:
bare      as many processes as there are cores read, decode, crop and resize their part of the images, and keep nothing
obvious   multiprocessing.Pool; every task reads one image with zipfile, decodes, crops and resizes it with Pillow, and
          returns the array, which the parent puts into one .npy file; flushed to the disk
prepare   build_shards from its call to flushed shards on the disk: start of the workers, labels, split, writing, all

The clock of `bare` starts when all processes stand ready, with the archive's table of contents read; that of the
others includes it all. Printed are medians and their ratios; CPU time (user and system, of all processes); the
largest resident memory of all processes of prepare together (on Linux; pages that processes share are counted once
for each); how far what the whole machine has yet to write rose while prepare ran, and, since others write too, while
bare did, which writes nothing; and the bytes of the shards.

Where memory is new to a virtual machine, its host finds every page that is written to first, which may take longer than
writing it. --backed GB leaves that out: before each way so much memory is used, and given back bit by bit as the files
in memory grow.

--repeat N also measures an archive of N images, made of those at hand in --folder and removed at the end.
"""

import argparse
import io
import itertools
import json
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
from _memory import Backed, Watch
from PIL import Image, features

from zpoints import progress
from zpoints.artifacts import whole_folder
from zpoints.config.images import Images
from zpoints.config.split import Split
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, Entry, FaceArchive, open_archive, read_entry
from zpoints.datasets.picture import FILTERS, central_square, face
from zpoints.datasets.zip_writer import pack
from zpoints.shards.build import build_shards

WAYS = ("bare", "obvious", "prepare")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="img_align_celeba.zip; label files beside it are used")
    parser.add_argument("--images", type=int, default=20000, help="use the first N images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeat", type=int, help="then an archive of so many images")
    parser.add_argument("--backed", type=float, default=0.0, metavar="GB", help="memory to hold ready for each way")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="prepare and what it is held against")
    parser.add_argument("--workers", type=int, default=progress.workers(), help="processes, for all ways")
    parser.add_argument("--folder", type=Path, help="where everything is written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    print(f"Pillow {Image.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}; {options.workers} processes")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        place = Path(folder)
        images = Images(limit=options.images)
        figures = [measure(link_raw(place / "raw", options.archive), place, images, options.rounds, options)]
        if options.repeat:
            raw = repeat(place / "repeated", options.archive, options.images, options.repeat)
            figures.append(measure(raw, place, Images(), options.rounds, options))
            few, many = figures
            per_image = (many["seconds"]["prepare"] / many["images"]) / (few["seconds"]["prepare"] / few["images"])
            print(
                f"growth: {many['images'] / few['images']:.2f} times the images, {per_image:.3f} times the time of one"
            )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(raw: Path, place: Path, images: Images, rounds: int, options: argparse.Namespace) -> dict[str, Any]:
    """The ways in turn; prints and returns their figures."""
    names, workers = tuple(way for way in WAYS if way in {"prepare", *options.ways}), options.workers
    entries = FaceArchive(raw / ARCHIVE_FILE).entries[: images.limit]
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: divide(work_bare, raw / ARCHIVE_FILE, entries, images, workers),
        "obvious": lambda: obvious(raw / ARCHIVE_FILE, place / "obvious.npy", entries, images, workers),
        "prepare": lambda: prepare(raw, place / "shards", images, workers),
    }
    wall: dict[str, list[float]] = {way: [] for way in names}
    cpu: dict[str, list[float]] = {way: [] for way in names}
    memory = 0
    unwritten = dict.fromkeys(names, 0)
    for number in range(rounds):
        for way in names[number % len(names) :] + names[: number % len(names)]:
            os.sync()  # what the way before has left unwritten is not this one's
            with Backed(int(options.backed * 1e9)) as backed, Watch(backed) as watch:
                used = cpu_seconds()
                start = time.perf_counter()
                seconds = ways[way]()
                wall[way].append(seconds if isinstance(seconds, float) else time.perf_counter() - start)
                cpu[way].append(cpu_seconds() - used)
            unwritten[way] = max(unwritten[way], watch.unwritten)
            if way == "prepare":
                memory = max(memory, watch.memory)
            if (place / "shards").exists():
                written = sum(path.stat().st_size for path in (place / "shards").iterdir())
                shutil.rmtree(place / "shards")
    seconds = {way: statistics.median(wall[way]) for way in names}
    cpu_medians = {way: statistics.median(cpu[way]) for way in names}
    figures = {
        "images": len(entries),
        "workers": workers,
        "seconds": seconds,
        "cpu_seconds": cpu_medians,
        "rounds": wall,
        "ratios": {way: seconds["prepare"] / seconds[way] for way in names if way != "prepare"},
        "peak_resident_mb": memory / 1e6 or None,
        "peak_unwritten_mb": {way: count / 1e6 for way, count in unwritten.items()},
        "written_mb": written / 1e6,
    }
    report(figures)
    return figures


def report(figures: dict[str, Any]) -> None:
    print(f"{figures['images']} images, {len(figures['rounds']['prepare'])} rounds")
    for way, median in figures["seconds"].items():
        rounds = " ".join(f"{seconds:.2f}" for seconds in figures["rounds"][way])
        each = figures["cpu_seconds"][way] / figures["images"] * 1e6
        print(f"  {way:8}{median:9.2f} s   CPU {each:6.0f} us an image   ({rounds})")
    print("  prepare takes", ", ".join(f"{ratio:.3f} times {way}" for way, ratio in figures["ratios"].items()))
    memory = f"{figures['peak_resident_mb'] or 0:.0f} MB resident at most, {figures['written_mb']:.0f} MB written"
    print(f"  prepare: {memory}")
    rises = ", ".join(f"{way} {count:.0f}" for way, count in figures["peak_unwritten_mb"].items())
    print(f"  the machine's unwritten pages rose by so many MB at most: {rises}")


def link_raw(raw: Path, archive: Path) -> Path:
    """A folder as data/raw whose files stay where they are."""
    raw.mkdir()
    (raw / ARCHIVE_FILE).symlink_to(archive.resolve())
    for file in (labels.ATTRIBUTE_FILE, labels.PARTITION_FILE, labels.IDENTITY_FILE):
        if (archive.parent / file).exists():
            (raw / file).symlink_to((archive.parent / file).resolve())
    (raw / "source.json").write_text('{"source": "celeba"}')
    return raw


def repeat(raw: Path, archive: Path, images: int, count: int) -> Path:
    """A folder as data/raw with `count` images, the first ones at hand over and over, and made-up labels for them."""
    raw.mkdir()
    (raw / "source.json").write_text('{"source": "celeba"}')
    ids = [f"{number:06d}.jpg" for number in range(1, count + 1)]

    def copies() -> Iterator[tuple[str, bytes]]:
        entries = FaceArchive(archive).entries[:images]
        with open_archive(archive) as source:
            for image, entry in zip(ids, itertools.cycle(entries), strict=False):
                yield image, read_entry(source, entry.name)

    pack(copies(), raw / ARCHIVE_FILE, total=count)
    bits = np.random.default_rng(0).integers(0, 2, (count, len(labels.ATTRIBUTES)), dtype=np.int8)
    labels.write(raw / labels.ATTRIBUTE_FILE, labels.Table(ids, labels.ATTRIBUTES, bits))
    labels.write(raw / labels.PARTITION_FILE, labels.Table(ids, ("partition",), bits[:, :1]))
    labels.write(raw / labels.IDENTITY_FILE, labels.Table(ids, ("identity",), np.arange(count)[:, None] // 20))
    return raw


def cpu_seconds() -> float:
    """CPU time of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


def divide(work: Callable[..., None], archive: Path, entries: list[Entry], images: Images, workers: int) -> float:
    """Seconds for `work` on all entries, in parts of the same size, from the moment that all processes are ready."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    share = -(-len(entries) // workers)
    parts = [entries[part * share : (part + 1) * share] for part in range(workers)]
    running = [context.Process(target=work, args=(archive, part, images, ready)) for part in parts]
    for process in running:
        process.start()
    ready.wait()
    start = time.perf_counter()
    for process in running:
        process.join()
    seconds = time.perf_counter() - start
    if any(process.exitcode for process in running):
        sys.exit("a process failed")
    return seconds


def work_bare(archive: Path, entries: list[Entry], images: Images, ready: Any) -> None:
    with open_archive(archive) as opened:
        ready.wait()
        for entry in entries:
            face(read_entry(opened, entry.name), images.crop, images.size, images.filter)


def obvious(archive: Path, out: Path, entries: list[Entry], images: Images, workers: int) -> None:
    shape = (len(entries), images.size, images.size, 3)
    pixels = np.lib.format.open_memmap(out, mode="w+", dtype=np.uint8, shape=shape)
    with multiprocessing.get_context("spawn").Pool(workers, open_obvious, (archive, images)) as pool:
        for row, image in enumerate(pool.imap(obvious_one, [entry.name for entry in entries], chunksize=64)):
            pixels[row] = image
    pixels.flush()
    del pixels
    out.unlink()


def open_obvious(archive: Path, images: Images) -> None:
    global opened
    opened = zipfile.ZipFile(archive), images


def obvious_one(name: str) -> np.ndarray:
    archive, images = opened
    image = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
    box = images.crop or central_square(*image.size)
    return np.asarray(image.crop(box).resize((images.size, images.size), FILTERS[images.filter]))


def prepare(raw: Path, out: Path, images: Images, workers: int) -> None:
    with whole_folder(out, "prepare") as partial:
        build_shards(raw, partial, images, Split(), workers)


if __name__ == "__main__":
    main()
