"""Outs appear whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zpoints.outs import whole_file, whole_folder, write_json


def listing(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_appears_at_the_end_alone(tmp_path):
    out = tmp_path / "deep" / "out"
    with whole_folder(out) as partial:
        (partial / "a.txt").write_text("1")
        assert not out.exists()
    assert listing(tmp_path) == {"deep/out/a.txt": "1"}


def test_a_newer_folder_takes_the_place_of_an_older_one_whole(tmp_path):
    out = tmp_path / "out"
    for name in ("old.txt", "new.txt"):
        with whole_folder(out) as partial:
            (partial / name).write_text(name)
    assert listing(tmp_path) == {"out/new.txt": "new.txt"}


@pytest.mark.parametrize("whole", [whole_folder, whole_file])
def test_an_exception_keeps_the_older_out_and_leaves_nothing_else(tmp_path, whole):
    out = tmp_path / "out"

    def write(content: str, fail: bool) -> None:
        with whole(out) as partial:
            (partial / "a" if whole is whole_folder else partial).write_text(content)
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


def test_numbers_that_json_lacks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_killed_process_leaves_no_out_and_the_next_run_removes_its_leftover(tmp_path):
    out = tmp_path / "out"
    script = (
        "import sys, time; from pathlib import Path; from zpoints.outs import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as partial:\n"
        "    (partial / 'a').write_text('half'); print('ready', flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(out)], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)
    assert not out.exists() and len(list(tmp_path.iterdir())) == 1
    time.sleep(0.01)
    with whole_folder(out) as partial:
        (partial / "a").write_text("whole")
    assert listing(tmp_path) == {"out/a": "whole"}
