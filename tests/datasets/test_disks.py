"""Disks that are full or read-only, and runs that are killed: one clear line, nothing half done, and on it goes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.datasets.site import folder_site, serve
from tests.datasets_support import jpeg, write_labels, write_raw, write_zip
from zpoints.artifacts import whole_folder
from zpoints.config.data import Data, ToyFaces
from zpoints.datasets.archive import ARCHIVE_FILE
from zpoints.datasets.celeba import collect_celeba
from zpoints.datasets.sources import bring
from zpoints.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
BUILD = (
    "import shutil, sys; from pathlib import Path\n"
    "from tests.datasets_support import IMAGES\n"
    "from zpoints.errors import UserError; from zpoints.config.split import Split\n"
    "from zpoints.shards.build import build_shards\n"
    "from zpoints import progress; progress.SECONDS_BETWEEN_LINES = 1e9  # no line more on a slow machine\n"
    "shutil.disk_usage = lambda _: type('Usage', (), {'free': 1 << 40})  # as it was before others filled the disk\n"
    "images = IMAGES.model_copy(update={'size': 128})\n"
    "try: build_shards(Path(sys.argv[1]), Path(sys.argv[2]), images, Split(train=0.5), workers=int(sys.argv[3]))\n"
    "except UserError as error: print(error)\n"
)


@pytest.fixture
def disk(tmp_path):
    """A disk of its own with one megabyte; returns what makes it, with mount's options."""
    mounted = []

    def make(options: str = "size=1m") -> Path:
        place = tmp_path / "disk"
        place.mkdir()
        if os.name != "posix" or os.geteuid() != 0:
            pytest.skip("only root can mount a small disk")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], capture_output=True)
        if done.returncode:
            pytest.skip("this system does not let root mount a small disk")
        mounted.append(place)
        return place

    yield make
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


def build(raw: Path, out: Path, workers: int = 1, limit: int | None = None) -> str:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n{BUILD}" if limit else BUILD
    )
    command = [sys.executable, "-c", code, str(raw), str(out), str(workers)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_fills_up_during_prepare_is_one_clear_line(disk, tmp_path, workers):
    out = disk() / "shards"
    out.mkdir()
    told = build(write_raw(tmp_path / "raw", 30), out, workers)
    assert told == f"{out}: expected to read the archive and write the shards, received: No space left on device\n"


@pytest.mark.slow
def test_a_file_that_may_not_grow_during_prepare_is_one_clear_line(tmp_path):
    (tmp_path / "shards").mkdir()
    told = build(write_raw(tmp_path / "raw", 30), tmp_path / "shards", limit=300_000)
    assert told.count("\n") == 1 and "received: File too large" in told


@pytest.fixture
def celeba(tmp_path):
    folder = tmp_path / "celeba"
    folder.mkdir()
    write_labels(folder, 60)
    write_zip(folder / ARCHIVE_FILE, {f"img_align_celeba/{i:06d}.jpg": jpeg(i, 178, 218) * 8 for i in range(1, 61)})
    return folder


def test_a_copy_that_does_not_fit_is_told_before_it_is_begun_and_leaves_nothing(disk, celeba):
    place = disk()
    assert (celeba / ARCHIVE_FILE).stat().st_size > 1 << 20
    told = pytest.raises(UserError, match=r"expected room for 0\.00. GB, received 0\.001 GB free")
    with told, whole_folder(place / "raw", "download") as folder:
        collect_celeba(celeba, folder)
    assert not list(place.iterdir())


def test_a_disk_that_fills_up_while_toy_faces_are_drawn_is_one_clear_line(disk, tmp_path):
    place = disk("size=40k")
    told = pytest.raises(UserError, match=r"raw: expected room for more than .*, received: No space")
    with told, whole_folder(place / "raw", "download") as folder:
        bring(Data(toy=ToyFaces(images=10)), tmp_path, folder)
    assert not list(place.iterdir())


def processes_in(folder: Path) -> list[int]:
    """The processes that run in a folder (on Linux)."""
    numbers = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(process / "cwd")) == folder.resolve():
                numbers.append(int(process.name))
    return numbers


def stage(name: str, work: Path, *overrides: str, out: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"stages.{name}", "--params", str(ROOT / "params.yaml"), "--out", out]
    command += [part for override in overrides for part in ("-S", override)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "DVC_ROOT": str(work)}
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["download", "prepare"])
def test_a_read_only_disk_is_one_clear_line(disk, tmp_path, celeba, name):
    place = disk("ro")
    done = stage(name, tmp_path, "data.source=celeba", f"data.archive={celeba}", out=str(place / "out"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ") and "cannot be written to" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_stage_fetches_leaves_no_store_behind_and_says_where_it_all_came_from(tmp_path, celeba):
    with serve(folder_site(celeba)) as site:
        site.mishaps = [("none",), ("cut", 100)]
        files = {"images": ARCHIVE_FILE, "attributes": "list_attr_celeba.txt"}
        url = json.dumps({key: {"address": f"{site.address}/{file}"} for key, file in files.items()})
        overrides = ["data.source=celeba", "data.mirror=url", f"data.url={url}"]
        refused = stage("download", tmp_path, *overrides, out="raw")
        assert refused.returncode == 1 and "Traceback" not in refused.stderr and refused.stderr.count("error: ") == 1
        assert "expected a file with MD5 75e246fa4810816ffd6ee81facbd244c" in refused.stderr
        done = stage("download", tmp_path, *overrides, "data.verify=false", out="raw")
    assert done.returncode == 0, done.stderr
    source = json.loads((tmp_path / "raw" / "source.json").read_text())
    assert (source["source"], source["images"]) == ("celeba", 60)
    assert (tmp_path / "raw" / ARCHIVE_FILE).read_bytes() == (celeba / ARCHIVE_FILE).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"celeba", "raw"}


PREPARE = (
    "import sys; from pathlib import Path\n"
    "from zpoints.shards import build\n"
    "build.WORKER_BYTES = 1  # or so few images were not worth a process\n"
    "build.progress.workers = lambda: 2\n"
    "build.progress.SECONDS_BETWEEN_LINES = 1e9\n"
    "from stages._command import run; from stages.prepare import prepare\n"
    "run(prepare)\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_prepare_with_its_workers(tmp_path, number):
    write_raw(tmp_path / "raw", 2000)
    command = [sys.executable, "-c", PREPARE, "--params", str(ROOT / "params.yaml"), "--raw", "raw", "--out", "shards"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(processes_in(tmp_path)) < 3:
            time.sleep(0.01)
        process.send_signal(number)
        printed = process.communicate(timeout=600)[1]
    assert process.returncode == 128 + number, printed
    assert printed == {signal.SIGTERM: "error: ended by SIGTERM\n", signal.SIGINT: "error: interrupted\n"}[number]
    assert not processes_in(tmp_path) and [path.name for path in tmp_path.iterdir()] == ["raw"]


@pytest.mark.slow
def test_runs_that_are_killed_are_repeated_to_the_same_bytes_and_leave_nothing(tmp_path):
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "kills.py"),
        "--each",
        "2",
        "--images",
        "80",
        "--only",
        "download",
        "prepare",
    ]
    done = subprocess.run([*command, "--json", str(tmp_path / "kills.json")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((tmp_path / "kills.json").read_text())
    assert figures["rounds"] >= 4 and (figures["different"], figures["left_over"]) == (0, 0)
