"""Single lines: room, settings, links, TensorFlow."""

import json
import os
import shutil
import sys

import pytest

from tests.machine import write_settings
from zpoints.doctor import computing
from zpoints.doctor import links
from zpoints.doctor import room
from zpoints.doctor import settings
from zpoints.doctor.disks import Disk
from zpoints.doctor.report import Finding, as_json, size

USB = Disk("/mnt", "ext4", "/dev/sdb1", "USB", True)
NVME = Disk("/", "ext4", "/dev/nvme0n1", "NVMe")
ANSWER = {
    "tensorflow": "2.21.0", "keras": "3.15.1", "cuda": None, "onednn": True, "features": ["avx512_bf16"], "gpus": [],
    "auto": "bfloat16", "bfloat16_units": True, "absent": ["AVX2", "FMA"],
}  # fmt: skip


def test_a_line_says_state_subject_and_text_and_stays_one_line():
    assert Finding("data", "OK", "here").line() == "OK       data: here"
    assert Finding("a\nb", "problem", "c\x1b[31m").line() == "problem  a\\nb: c\\x1b[31m"


def test_json_has_the_text_of_the_line_and_its_numbers():
    assert json.loads(as_json([Finding("data", "note", "slow", {"free": 3})])) == [
        {"subject": "data", "state": "note", "text": "slow", "free": 3}
    ]


def test_sizes_are_words():
    assert [size(n) for n in (5.62e9, 48 << 20, 5.3e6, 300)] == ["5.6 GB", "48 MiB", "5 MB", "300 bytes"]


@pytest.mark.parametrize(("needed", "state"), [(1000, "problem"), (999, "note"), (900, "OK"), (None, "OK")])
def test_room_is_held_against_what_is_needed(tmp_path, monkeypatch, needed, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 999}))
    found = room.free_room("data", tmp_path, needed, "shards")
    assert (found.state, found.numbers) == (state, {"free_bytes": 999, "needed_bytes": needed})


@pytest.mark.parametrize(("free", "total", "state"), [(999, 5000, "problem"), (1000, 5000, "OK"), (0, 0, "OK")])
def test_files_are_counted_where_the_file_system_does(tmp_path, monkeypatch, free, total, state):
    monkeypatch.setattr(os, "statvfs", lambda _: type("Found", (), {"f_favail": free, "f_files": total}))
    assert room.free_files("data", tmp_path, 1000).state == state
    monkeypatch.delattr(os, "statvfs")  # Windows
    assert room.free_files("data", tmp_path, 1000).numbers["free_files"] is None


def test_a_disk_that_may_not_be_written_is_a_problem(tmp_path, monkeypatch):
    assert room.disk_line("data", tmp_path, NVME).state == "OK"
    assert room.disk_line("data", tmp_path, Disk("/", "tmpfs", "none", "memory")).state == "note"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert room.disk_line("data", tmp_path, NVME).text == (
        f"expected to write to {tmp_path}, received a read-only NVMe (ext4 on /dev/nvme0n1)"
    )


def test_a_slow_disk_with_much_unwritten_gets_both_commands_and_the_way_back(tmp_path):
    write_settings(tmp_path / "proc")
    found = settings.unwritten({"data": NVME, "/mnt": USB}, tmp_path)
    assert found.state == "note" and "copying to /mnt (USB) will stall, for 3 minutes" in found.text
    assert found.numbers["limit_bytes"] == 4096000000 and found.numbers["slow"] == ["/mnt (USB)"]
    assert found.numbers["mends"] == [
        "sudo sysctl vm.dirty_background_bytes=16777216",
        "sudo sysctl vm.dirty_bytes=50331648",
    ]
    assert all(command in found.text for command in found.numbers["mends"])
    assert found.text.endswith("back again: sudo sysctl vm.dirty_background_ratio=10 vm.dirty_ratio=20")


def test_a_slow_disk_with_bounded_pages_is_fine(tmp_path):
    write_settings(tmp_path / "proc", dirty_bytes=50331648, dirty_background_bytes=16777216)
    found = settings.unwritten({"/mnt": USB}, tmp_path)
    assert found.state == "OK" and "48 MiB may wait, from 16 MiB" in found.text


def test_a_fast_disk_is_fine_with_any_settings(tmp_path):
    write_settings(tmp_path / "proc")
    assert settings.unwritten({"data": NVME}, tmp_path).state == "OK"


def test_a_system_without_such_settings_has_no_line(tmp_path):
    assert settings.unwritten({"data": USB}, tmp_path) is None


def repository(tmp_path, text=""):
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text(text)
    return links.repository(tmp_path)


def test_dvc_s_own_configuration_says_where_the_cache_is(tmp_path):
    found, line = repository(tmp_path, f"[cache]\n    type = hardlink,copy\n    dir = {tmp_path / 'elsewhere'}\n")
    assert (found.cache, found.wanted, line.state) == (tmp_path / "elsewhere", ("hardlink", "copy"), "OK")


def test_without_a_cache_dir_it_is_below_dvc(tmp_path):
    found, _ = repository(tmp_path)
    assert (found.cache, found.wanted) == (tmp_path / ".dvc" / "cache", ())


def test_no_repository_and_a_broken_one_are_problems(tmp_path):
    assert links.repository(tmp_path)[1].state == "problem"
    assert repository(tmp_path, "[cache]\n    type = softlink\n")[1].state == "problem"


def test_links_are_really_tried_and_nothing_is_left(tmp_path):
    (tmp_path / "data").mkdir()
    works = links.working(tmp_path / ".dvc" / "cache", tmp_path / "data")
    os.symlink("a", tmp_path / "probe")
    assert "symlink" in works and "hardlink" in works
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["data", "probe"]


@pytest.mark.parametrize(
    ("wanted", "works", "link", "state"),
    [
        (("reflink", "hardlink", "symlink", "copy"), ["hardlink", "symlink"], "hardlink", "OK"),
        (("reflink", "hardlink", "symlink", "copy"), ["reflink", "hardlink"], "reflink", "OK"),
        (("reflink", "hardlink", "symlink", "copy"), ["symlink"], "symlink", "OK"),
        (("reflink", "hardlink"), [], "copy", "note"),
        ((), ["hardlink", "symlink"], "copy", "note"),
        ((), ["reflink"], "reflink", "OK"),
        (("copy", "hardlink"), ["hardlink"], "copy", "note"),
    ],
)
def test_the_first_wanted_link_that_works_is_taken(tmp_path, wanted, works, link, state):
    found = links.cache_links(links.Repository(tmp_path, wanted), works)
    assert (found.numbers["chosen"], found.state) == (link, state)
    assert ("reflinks do not" in found.text) == ("reflink" not in works)


def states(answer, asked=(), root=None):
    return {line.subject: line for line in computing.computing(answer, set(asked), root)}


def test_tensorflow_tells_its_build_and_what_auto_is(tmp_path):
    found = states(ANSWER, ["float32"], tmp_path)
    assert {line.state for line in found.values()} == {"OK"}
    assert "built for CPU; compiled without AVX2 FMA" in found["TensorFlow"].text
    assert found["precision"].text == ("AVX512_BF16 yes, AMX no; auto would choose bfloat16, params.yaml says float32")


def test_bfloat16_without_hardware_for_it_is_told(tmp_path):
    slow = ANSWER | {"features": [], "bfloat16_units": False, "auto": "float32"}
    assert states(slow, ["bfloat16"], tmp_path)["precision"].state == "note"
    assert states(slow, ["auto"], tmp_path)["precision"].state == "OK"


def test_kernels_that_are_switched_off_are_told(tmp_path):
    assert states(ANSWER | {"onednn": False}, (), tmp_path)["TensorFlow"].state == "note"


def test_a_driver_without_a_gpu_that_tensorflow_sees_is_told(tmp_path):
    assert states(ANSWER, (), tmp_path)["GPUs"].state == "OK"
    (tmp_path / "proc/driver/nvidia").mkdir(parents=True)
    (tmp_path / "proc/driver/nvidia/version").touch()
    assert "[gpu]" in states(ANSWER, (), tmp_path)["GPUs"].text
    assert states(ANSWER | {"gpus": ["A100"]}, (), tmp_path)["GPUs"].text == "A100"


def test_what_the_build_lacks_is_read_from_what_it_prints():
    printed = "To enable the following instructions: AVX2 AVX512_BF16 FMA, in other operations, rebuild"
    code = f"import sys; print({printed!r}, file=sys.stderr); print('noise'); print('{{\"tensorflow\": \"1\"}}')"
    assert computing.ask((sys.executable, "-c", code)) == {"tensorflow": "1", "absent": ["AVX2", "AVX512_BF16", "FMA"]}


def test_a_build_that_ends_its_process_is_one_line(tmp_path):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
    answer = computing.ask((sys.executable, "-c", code))
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("model name : old\nflags\t\t: fpu sse2 pseudo_avx\n")
    (line,) = computing.computing(answer, set(), tmp_path)
    assert line.state == "problem" and "ended by SIGILL; TensorFlow's wheels need" in line.text
    (tmp_path / "proc/cpuinfo").write_text("flags\t\t: fpu avx\n")
    assert "wheels" not in computing.computing(answer, set(), tmp_path)[0].text


@pytest.mark.parametrize("code", ["raise ImportError('no such library')", "pass", "import time; time.sleep(60)"])
def test_a_probe_that_fails_is_an_error_and_no_traceback(code):
    assert computing.ask((sys.executable, "-c", code), seconds=2)["error"]


def test_a_command_that_is_not_there_is_an_error():
    assert computing.ask(("/no/such/python",))["error"]
