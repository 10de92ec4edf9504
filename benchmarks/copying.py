"""What 20,000 small files cost beside the same images as one archive and as shards: copied, added to DVC, pushed.

    python benchmarks/copying.py ARCHIVE [--images 20000] [--size 96] [--rounds 3] [--folder DIR] [--json FILE]

The images of the archive are written in three forms below --folder: `files`, a folder with a JPEG each; `archive`, one
zip; `shards`, the .npy files that prepare makes of them (more bytes: pixels, not JPEGs). In each round every form is

cp, cold   copied by cp -r and flushed (sync -f), after all that the system had read was dropped from memory; only where
           this process may do that (root on Linux), and it makes the whole machine read anew
cp, warm   the same once more, from memory
add        taken up by `dvc add` in a new repository whose cache is on the same disk, linked as this project does
push       sent by `dvc push` to a new remote, a folder on the same disk, and flushed

Printed are medians of wall time, the CPU time of these processes in brackets, ratios to shards, and the number of
files: all are hashed by DVC, and those that differ are sent. All is removed at the end.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from zpoints.artifacts import write_json
from zpoints.config.images import Images
from zpoints.config.split import Split
from zpoints.datasets.archive import ARCHIVE_FILE, FaceArchive, open_archive, read_entry
from zpoints.datasets.celeba import collect_celeba
from zpoints.shards.build import build_shards

FORMS = ("files", "archive", "shards")
WAYS = ("cp, cold", "cp, warm", "add", "push")
DROP = Path("/proc/sys/vm/drop_caches")
DVC = (sys.executable, "-m", "dvc")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="img_align_celeba.zip with the label files beside it")
    parser.add_argument("--images", type=int, default=20000, help="use the first N images")
    parser.add_argument("--size", type=int, default=96, help="edge of the images in the shards, in pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        figures = measure(options.archive, Path(name), options.images, options.size, options.rounds)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(archive: Path, place: Path, images: int, size: int, rounds: int) -> dict[str, Any]:
    """Figures of every form: files, bytes, and for each way a list of {seconds, cpu_seconds}, an item a round."""
    sources = write_forms(archive, place / "sources", images, size)
    figures: dict[str, Any] = {
        form: {
            "files": sum(1 for _ in _files(folder)),
            "bytes": sum(path.stat().st_size for path in _files(folder)),
            **{way: [] for way in WAYS},
        }
        for form, folder in sources.items()
    }
    for number in range(rounds):
        for form in FORMS[number % 3 :] + FORMS[: number % 3]:
            run_round(sources[form], place / "work", figures[form])
            print(f"round {number + 1}: {form}", file=sys.stderr, flush=True)
    return figures


def write_forms(archive: Path, place: Path, images: int, size: int) -> dict[str, Path]:
    """The images in all forms, a folder each."""
    folders = {form: place / form for form in FORMS}
    for folder in folders.values():
        folder.mkdir(parents=True)
    with open_archive(archive) as source, zipfile.ZipFile(folders["archive"] / ARCHIVE_FILE, "w") as target:
        for entry in FaceArchive(archive).entries[:images]:
            data = read_entry(source, entry.name)
            target.writestr(entry.name, data)
            (folders["files"] / Path(entry.name).name).write_bytes(data)
    raw = place / "raw"
    raw.mkdir()
    write_json(raw / "source.json", collect_celeba(archive, raw))
    build_shards(raw, folders["shards"], Images(size=size, limit=images), Split())
    shutil.rmtree(raw)
    return folders


def run_round(source: Path, work: Path, figures: dict[str, Any]) -> None:
    """All ways once, each into a folder that is new."""
    work.mkdir()
    if droppable():
        subprocess.run(["sync"], check=True)
        DROP.write_text("3")
        figures["cp, cold"].append(timed(lambda: copy(source, work / "cold")))
    else:
        copy(source, work / "cold")  # so that the next one is warm
    figures["cp, warm"].append(timed(lambda: copy(source, work / "warm")))

    repository = work / "repository"
    repository.mkdir()
    dvc(repository, "init", "--no-scm", "--quiet")
    for key, value in {
        "core.analytics": "false",
        "core.site_cache_dir": str(work / "site"),
        "cache.type": "reflink,hardlink,symlink,copy",
    }.items():
        dvc(repository, "config", key, value)
    dvc(repository, "remote", "add", "--default", "disk", str(work / "remote"))
    copy(source, repository / "data")
    figures["add"].append(timed(lambda: dvc(repository, "add", "--quiet", "data")))

    def push() -> None:
        dvc(repository, "push", "--quiet", "data")
        subprocess.run(["sync", "-f", str(work)], check=True)

    figures["push"].append(timed(push))
    figures["sent"] = sum(1 for _ in _files(work / "remote")) - 1  # one of them lists the others
    shutil.rmtree(work)


def copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)
    subprocess.run(["sync", "-f", str(target)], check=True)


def dvc(repository: Path, *words: str) -> None:
    subprocess.run([*DVC, *words], cwd=repository, check=True, stdout=subprocess.DEVNULL)


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Wall and CPU time of the processes that `work` starts and waits for."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    }


def droppable() -> bool:
    """Whether this process may make the system forget what it has read."""
    try:
        with DROP.open("w"):
            return True
    except OSError:
        return False


def table(figures: dict[str, Any]) -> str:
    """Markdown: a row for each form; seconds, with CPU seconds in brackets, and the ratio to shards."""
    lines = [f"| | files | MB | {' | '.join(WAYS)} | DVC sent |", "|---" * (len(WAYS) + 4) + "|"]

    def median(form: str, way: str, key: str) -> float:
        return statistics.median(each[key] for each in figures[form][way])

    for form in FORMS:
        cells = []
        for way in WAYS:
            if not figures[form][way]:
                cells.append("")
                continue
            seconds, processor = median(form, way, "seconds"), median(form, way, "cpu_seconds")
            ratio = seconds / median("shards", way, "seconds")
            cells.append(f"{seconds:.2f} s ({processor:.2f}), x {ratio:.2f}")
        one = figures[form]
        lines.append(
            f"| {form} | {one['files']:,} | {one['bytes'] / 1e6:.0f} | {' | '.join(cells)} | {one['sent']:,} |"
        )
    return "\n".join(lines)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
