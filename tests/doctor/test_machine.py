"""Memory and cores, as the machine and the control group leave them to this process."""

import psutil
import pytest

from zpoints import progress
from zpoints.doctor import machine
from zpoints.doctor.machine import control_group


@pytest.fixture
def available(monkeypatch):
    """Sets what the machine has available, of 24 GB."""

    def set_to(count: float) -> None:
        found = type("Memory", (), {"total": int(24e9), "available": int(count)})
        monkeypatch.setattr(psutil, "virtual_memory", lambda: found)

    return set_to


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def version_2(root, **files):
    """A group a/b of version 2; files of it by name, `top_` for those of a."""
    write(root / "proc/self/cgroup", "0::/a/b")
    (root / "sys/fs/cgroup/a/b").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        folder = "a" if name.startswith("top_") else "a/b"
        write(root / "sys/fs/cgroup" / folder / name.removeprefix("top_").replace("__", "."), text)
    return root


def test_the_narrowest_limit_of_all_groups_above_counts(tmp_path):
    version_2(tmp_path, memory__max="max", top_memory__max=4_000_000_000, top_memory__current=3_000_000_000)
    write(tmp_path / "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 500000000\nactive_file 7")
    version_2(tmp_path, cpu__max="150000 100000", top_cpu__max="max 100000")
    assert control_group(tmp_path) == machine.Group(4_000_000_000, 1_500_000_000, 1.5)


def test_version_1_is_read_as_well(tmp_path):
    write(tmp_path / "proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/other\n1:name=systemd:/box")
    box = tmp_path / "sys/fs/cgroup/memory/box"
    write(box / "memory.limit_in_bytes", 2_000_000_000)
    write(box / "memory.usage_in_bytes", 1_900_000_000)
    write(box / "memory.stat", "inactive_file 1\ntotal_inactive_file 300000000")
    write(tmp_path / "sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    write(tmp_path / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", -1)
    assert control_group(tmp_path) == machine.Group(2_000_000_000, 400_000_000, None)


def test_a_container_that_does_not_see_its_own_group_takes_the_top(tmp_path):
    write(tmp_path / "proc/self/cgroup", "0::/../../host/path")
    write(tmp_path / "sys/fs/cgroup/memory.max", 3_000_000_000)
    assert control_group(tmp_path).memory == 3_000_000_000


def test_the_huge_number_of_version_1_is_no_limit(tmp_path):
    write(tmp_path / "proc/self/cgroup", "4:memory:/")
    write(tmp_path / "sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    assert control_group(tmp_path) == machine.Group()


def test_without_groups_there_is_no_limit(tmp_path):
    assert control_group(tmp_path) == machine.Group()


@pytest.mark.parametrize(("count", "state"), [(8e9, "OK"), (2.9e9, "note"), (1.4e9, "problem")])
def test_memory_is_held_against_what_the_stages_take(tmp_path, available, count, state):
    available(count)
    found = machine.memory(tmp_path)
    assert found.state == state and found.numbers["available_bytes"] == count


def test_a_group_may_leave_less_than_the_machine_has(tmp_path, available):
    available(20e9)
    found = machine.memory(version_2(tmp_path, memory__max=2_000_000_000, memory__current=1_000_000_000))
    assert found.state == "problem" and "this control group" in found.text
    assert (found.numbers["total_bytes"], found.numbers["available_bytes"]) == (2_000_000_000, 1_000_000_000)


def test_a_quota_below_the_cores_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "workers", lambda: 4)
    assert machine.cores(version_2(tmp_path, cpu__max="400000 100000")).state == "OK"
    found = machine.cores(version_2(tmp_path, cpu__max="250000 100000"))
    assert found.state == "note" and "the time of 2.5" in found.text
