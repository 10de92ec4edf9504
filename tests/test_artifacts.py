"""Outs appear whole or not at all."""

import contextlib
import csv
import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from zpoints.artifacts import (
    MARKER,
    create_array,
    refuse_foreign,
    whole_file,
    whole_folder,
    write_array,
    write_csv,
    write_json,
)
from zpoints.errors import UserError


def listing(folder: Path) -> dict[str, str]:
    """All files below a folder with their content, but for the marker of an out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def stage_folder(path: Path):
    return whole_folder(path, "stage")


def test_a_folder_appears_at_the_end_alone(tmp_path):
    out = tmp_path / "deep" / "out"
    with whole_folder(out, "stage") as partial:
        (partial / "a.txt").write_text("1")
        assert not out.exists()
    assert listing(tmp_path) == {"deep/out/a.txt": "1"}


def test_a_newer_folder_takes_the_place_of_an_older_one_whole(tmp_path):
    out = tmp_path / "out"
    for name in ("old.txt", "new.txt"):
        with whole_folder(out, "stage") as partial:
            (partial / name).write_text(name)
    assert listing(tmp_path) == {"out/new.txt": "new.txt"}


@pytest.mark.parametrize("whole", [stage_folder, whole_file])
def test_an_exception_keeps_the_older_out_and_leaves_nothing_else(tmp_path, whole):
    out = tmp_path / "out"

    def write(content: str, fail: bool) -> None:
        with whole(out) as partial:
            (partial / "a" if whole is stage_folder else partial).write_text(content)
            if fail:
                raise RuntimeError

    write("old", fail=False)
    with pytest.raises(RuntimeError):
        write("new", fail=True)
    assert list(listing(tmp_path).values()) == ["old"]


def test_a_linked_out_of_dvcs_cache_is_replaced_not_written_through(tmp_path):
    cached, out = tmp_path / "cached.json", tmp_path / "out.json"
    cached.write_text("{}")
    out.symlink_to(cached)
    write_json(out, {"a": 1})
    assert cached.read_text() == "{}" and not out.is_symlink()
    folder = tmp_path / "folder"
    with whole_folder(folder, "stage") as partial:
        (partial / "a").symlink_to(cached)
    with whole_folder(folder, "stage") as partial:
        (partial / "a").write_text("new")
    assert cached.read_text() == "{}" and (folder / "a").read_text() == "new"


def test_numbers_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_killed_process_leaves_no_out_and_the_next_run_removes_its_leftover(tmp_path):
    out = tmp_path / "out"
    script = (
        "import sys, time; from pathlib import Path; from zpoints.artifacts import whole_folder\n"
        "with whole_folder(Path(sys.argv[1]), 'stage') as partial:\n"
        "    (partial / 'a').write_text('half'); print('ready', flush=True); time.sleep(600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(out)], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)
    assert not out.exists() and len(list(tmp_path.iterdir())) == 1
    time.sleep(0.01)
    with whole_folder(out, "stage") as partial:
        (partial / "a").write_text("whole")
    assert listing(tmp_path) == {"out/a": "whole"}


def user_folder(tmp_path: Path) -> Path:
    """A folder of a user's, with a file in it."""
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("years of work")
    return folder


def refused(path: Path) -> None:
    """A write to `path` fails before its block begins, and names the path."""
    with pytest.raises(UserError, match=re.escape(f"{path}: expected")), whole_folder(path, "stage"):
        pytest.fail("the block was entered")


def test_a_users_folder_is_refused_and_kept(tmp_path):
    folder = user_folder(tmp_path)
    refused(folder)
    assert listing(tmp_path) == {"thesis/chapter.tex": "years of work"}


def test_a_users_file_and_a_path_below_it_are_refused_and_kept(tmp_path):
    file = user_folder(tmp_path) / "chapter.tex"
    refused(file)
    refused(file / "out")
    assert listing(tmp_path) == {"thesis/chapter.tex": "years of work"}


@pytest.mark.parametrize("name", [".", "..", "", "/", "../thesis", "sub/.."])
def test_the_working_directory_and_what_lies_above_it_are_refused(tmp_path, monkeypatch, name):
    folder = user_folder(tmp_path)
    (folder / "chapter.tex").unlink()
    (folder / "sub").mkdir()
    (folder / "sub").rmdir()  # an empty working directory is no place for an out either
    monkeypatch.chdir(folder)
    refused(Path(name))
    assert folder.is_dir()


def test_a_link_to_the_working_directory_is_refused(tmp_path, monkeypatch):
    folder = user_folder(tmp_path)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    refused(tmp_path / "link")


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match="received a link that leads to no folder"):
        refuse_foreign(tmp_path / "link", "stage")


def test_a_link_to_an_empty_folder_is_a_place(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    refuse_foreign(tmp_path / "link", "stage")


def test_a_place_that_cannot_be_written_to_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(UserError, match=f"received a place in {tmp_path}, which cannot be written to"):
        refuse_foreign(tmp_path / "deep" / "out", "stage")


def test_an_out_of_another_stage_is_refused_and_kept(tmp_path):
    with whole_folder(tmp_path / "out", "other") as partial:
        (partial / "a").write_text("hours of training")
    refused(tmp_path / "out")
    assert listing(tmp_path) == {"out/a": "hours of training"}


def test_a_folder_that_is_filled_meanwhile_is_kept(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(UserError), whole_folder(folder, "stage"):
        (folder / "mine").write_text("put here while the stage ran")
    assert listing(tmp_path) == {"out/mine": "put here while the stage ran"}


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out", "stage") as partial:
        (partial / "a").write_text("1")
    assert listing(tmp_path) == {"out/a": "1"}


def test_a_signal_while_the_older_out_is_removed_leaves_nothing(tmp_path, monkeypatch):
    out, remove, calls = tmp_path / "out", shutil.rmtree, []

    def interrupted(path):
        calls.append(path)
        if len(calls) == 1:
            raise SystemExit(143)
        remove(path)

    for content in ("old", "new"):
        monkeypatch.setattr("zpoints.artifacts.shutil.rmtree", remove if content == "old" else interrupted)
        ends = pytest.raises(SystemExit) if content == "new" else contextlib.nullcontext()
        with ends, whole_folder(out, "stage") as partial:
            (partial / "a").write_text(content)
    assert calls and listing(tmp_path) == {"out/a": "new"} and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("number", ["own", 1, 10**20, "x"])
@pytest.mark.parametrize("name", ["out", "ou[t]"])
def test_leftovers_of_any_name_are_removed(tmp_path, number, name):
    number = os.getpid() if number == "own" else number  # process ids come again in a restarted container
    (tmp_path / f".{name}.partial-{number}").mkdir()
    (tmp_path / f".{name}.partial-{number}" / "half").write_text("")
    with whole_folder(tmp_path / name, "stage") as partial:
        (partial / "a").write_text("1")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_outs_have_the_modes_of_plain_folders_and_files(tmp_path):
    with whole_folder(tmp_path / "out", "stage") as partial:
        write_json(partial / "a.json", {})
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain.json").touch()
    modes = [(tmp_path / name).stat().st_mode for name in ("out", "plain", "out/a.json", "plain.json")]
    assert modes[0] == modes[1] and modes[2] == modes[3]


def test_a_folder_that_is_being_written_is_left_alone_by_another_writer(tmp_path):
    with whole_folder(tmp_path / "out", "stage") as first:
        (first / "a").write_text("first")
        with whole_folder(tmp_path / "out", "stage") as second:
            (second / "a").write_text("second")
        assert first.is_dir() and listing(tmp_path / "out") == {"a": "second"}
    assert listing(tmp_path) == {"out/a": "first"}


def test_a_file_is_not_written_where_a_folder_stands(tmp_path):
    folder = user_folder(tmp_path)
    with pytest.raises(UserError, match="expected a file to write"):
        write_json(folder, {})
    assert listing(tmp_path) == {"thesis/chapter.tex": "years of work"}


# Full disks. Each writer writes 4 MB in its way, where 1 MB is free.

VALUES = np.random.default_rng(0).random(500_000)


def write_mapped(folder: Path) -> None:
    create_array(folder / "mapped.npy", (250_000, 2), np.float64)[:] = 1


def write_weights(folder: Path) -> None:
    with h5py.File(folder / "weights.h5", "w") as file:
        file["weights"] = VALUES


def write_text(folder: Path) -> None:
    with (folder / "a.csv").open("w") as file:
        csv.writer(file).writerows(VALUES.reshape(-1, 4))


WRITERS = {
    "array": lambda folder: write_array(folder / "a.npy", VALUES),
    "mapped": write_mapped,
    "copy": lambda folder: shutil.copy(np._core._multiarray_umath.__file__, folder / "a"),
    "bytes": lambda folder: (folder / "a").write_bytes(VALUES.tobytes()),
    "text": write_text,
    "weights": write_weights,
    "json": lambda folder: write_json(folder / "a.json", VALUES.tolist()),
    "csv": lambda folder: write_csv(folder / "a.csv", [{"a": value} for value in VALUES]),
}


@pytest.fixture(params=["disk", "limit"])
def full(request, tmp_path: Path) -> Iterator[Path]:
    """A folder where 1 MB is free; mounting it takes rights that not everyone has, a limit does not."""
    place = tmp_path / "place"
    place.mkdir()
    if request.param == "disk":
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
        if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("no disk can be mounted here")
        yield place
        subprocess.run(["umount", str(place)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield place
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_line_that_names_the_out(full, name):
    out = full / "deep" / "out"
    with pytest.raises(UserError) as caught, whole_folder(out, "stage") as partial:
        (partial / "first").write_bytes(bytes(100_000))
        WRITERS[name](partial)
    line = str(caught.value)
    reasons = f"{os.strerror(errno.ENOSPC)}|{os.strerror(errno.EFBIG)}|requested and"
    assert re.fullmatch(rf"{out}: expected room for more than [0-9.]+ [kM]B, received: .*({reasons}).* free\)", line)
    assert [path.name for path in full.rglob("*")] == ["deep"]
    number, unit = re.search(r"\(([0-9.]+) (\w+) free\)", line).groups()
    assert float(number) * {"MB": 1e6, "GB": 1e9}[unit] == pytest.approx(shutil.disk_usage(full).free, rel=0.1)


@pytest.mark.slow
def test_a_file_on_a_full_disk_is_one_line_that_names_it(full):
    with pytest.raises(UserError, match=rf"{full / 'a.json'}: expected room for more than .* received: "):
        write_json(full / "a.json", VALUES.tolist())
    assert not list(full.iterdir())


def test_a_disk_without_a_byte_left_is_one_line(full):
    with pytest.raises(UserError, match=rf"{full / 'out'}: expected "), whole_folder(full / "out", "stage") as partial:
        for number in range(100_000):
            (partial / f"{number}.json").write_bytes(bytes(2000))
            if number > 600:
                WRITERS["array"](partial)
    assert not list(full.iterdir())


def test_what_an_array_takes_is_told(full):
    with pytest.raises(OSError, match=r"mapped\.npy takes 4 MB"):
        write_mapped(full)


def test_errors_name_the_out_and_not_what_is_hidden(tmp_path):
    with pytest.raises(UserError) as caught, whole_folder(tmp_path / "out", "stage") as partial:
        raise UserError(f"{partial / 'a.npy'}: expected 1, received 2", "and more")
    assert caught.value.args == (f"{tmp_path / 'out' / 'a.npy'}: expected 1, received 2", "and more")


def test_errors_about_other_files_are_left_as_they_are(tmp_path):
    for error in (
        OSError(errno.ENOSPC, "No space left on device", "/tmp/cache"),
        PermissionError(13, "no", "labels.csv"),
    ):
        with pytest.raises(OSError) as caught, whole_folder(tmp_path / "out", "stage"):
            raise error
        assert caught.value is error


@pytest.mark.parametrize("shape", [(5, 2), (0, 3), (7,), ()])
@pytest.mark.parametrize("reserve", [True, False])
def test_a_created_array_is_that_of_the_library(tmp_path, monkeypatch, shape, reserve):
    if not reserve:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    array = create_array(tmp_path / "a.npy", shape, np.float32)
    assert isinstance(array, np.memmap) and array.flags.writeable and not array.any()
    array[...] = values = np.arange(array.size, dtype=np.float32).reshape(shape)
    array.flush()
    np.save(tmp_path / "b.npy", values)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@pytest.mark.parametrize(
    "array", [np.arange(600.0), np.asfortranarray(np.ones((30, 40), np.float32)), np.array(["a"] * 600)]
)
def test_small_array_on_a_full_disk_is_an_error(tmp_path, array):
    """np.save leaves the end of such a file in a buffer, and says nothing where that is lost."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            write_array(tmp_path / "a.npy", array)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    write_array(tmp_path / "a.npy", array)
    np.save(tmp_path / "b.npy", array)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_space_of_a_created_array_is_taken_at_once(tmp_path):
    create_array(tmp_path / "a.npy", (1 << 20,), np.uint8)
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= 1 << 20


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_without_reservations_is_filled_with_zeros(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    assert not create_array(tmp_path / "a.npy", (3 << 20,), np.uint8).any()
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= 3 << 20


def test_a_folder_that_may_not_be_written_to_is_one_line(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "deep")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(UserError, match="out: expected a place to write, received: Permission denied"):
        whole_folder(tmp_path / "out", "stage").__enter__()


def test_a_fifo_named_like_a_leftover_stops_nothing(tmp_path):
    os.mkfifo(tmp_path / ".out.partial-fifo")
    with whole_folder(tmp_path / "out", "train") as folder:
        (folder / "file").touch()
    assert (tmp_path / "out" / "file").exists()
