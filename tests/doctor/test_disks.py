"""Disks: their kind by what psutil and sysfs say, room, and unwritten pages."""

import os
import shutil
from types import SimpleNamespace

import psutil
import pytest

from tests.machine import write_disk, write_settings
from zpoints.doctor import disks
from zpoints.doctor.disks import check_dirty_pages, check_disk, disk_of

ATA, USB, NVME = "pci0/ata1/host0/block/sda", "pci0/usb2/2-1/host6/block/sdb", "pci0/nvme/nvme0/nvme0n1"


@pytest.fixture
def mount(tmp_path, monkeypatch):
    """Mounts devices on paths; sysfs is tmp_path / "sys"."""
    mounts = []
    monkeypatch.setattr(disks, "SYS", tmp_path / "sys")
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)

    def add(path, device, filesystem="ext4"):
        mounts.append(SimpleNamespace(mountpoint=str(path), device=device, fstype=filesystem))

    return add


@pytest.mark.parametrize("partition", [True, False])
@pytest.mark.parametrize(
    ("device", "rotational", "kind"),
    [
        (ATA, 1, "rotational"),
        (ATA, 0, "solid state"),
        (ATA, None, "unknown"),
        (USB, 0, "USB"),
        (NVME, 0, "solid state"),
        ("pci0/mmc_host/mmc0/mmcblk0", 0, "SD card or eMMC"),
        ("pci0/virtio1/block/vda", 1, "virtual"),
        ("virtual/block/loop3", 1, "virtual"),
    ],
)
def test_kind_of_block_device(tmp_path, mount, device, rotational, kind, partition):
    name = write_disk(tmp_path / "sys", device, rotational, partition).name + ("1" if partition else "")
    mount("/", f"/dev/{name}")
    assert disk_of(tmp_path) == (kind, f"ext4 on /dev/{name}")


@pytest.mark.parametrize(
    ("filesystem", "kind"), [("nfs4", "network"), ("fuse.sshfs", "network"), ("tmpfs", "unknown"), ("nfsx", "unknown")]
)
def test_network_file_systems_are_told(tmp_path, mount, filesystem, kind):
    mount("/", "server:/share", filesystem)
    assert disk_of(tmp_path)[0] == kind


def test_innermost_and_latest_mount_counts(tmp_path, mount):
    for path, device in (("/", "root"), (tmp_path, "first"), (tmp_path, "second"), (str(tmp_path)[:-1], "other")):
        mount(path, device)
    (tmp_path / "link").symlink_to(tmp_path / "not/yet/there")
    assert disk_of(tmp_path / "link")[1] == "ext4 on second"
    assert disk_of(tmp_path.parent)[1] == "ext4 on root"


def test_encrypted_disk_is_as_slow_as_the_one_below(tmp_path, mount):
    sys = tmp_path / "sys"
    slaves = write_disk(sys, "virtual/block/dm-0", 0) / "slaves"
    slaves.mkdir()
    mount("/", "/dev/dm-0")
    (slaves / "nvme0n1").symlink_to(write_disk(sys, NVME, 0))
    assert disk_of(tmp_path)[0] == "solid state"
    (slaves / "sdb").symlink_to(write_disk(sys, USB, 1))
    assert disk_of(tmp_path)[0] == "USB"


def test_disk_without_mount_is_unknown(tmp_path, mount):
    assert disk_of(tmp_path)[0] == "unknown"


@pytest.mark.parametrize(("needed", "state"), [(1000, "problem"), (999, "OK"), (None, "OK")])
def test_free_space_against_need(tmp_path, monkeypatch, needed, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999))
    finding = check_disk("data", tmp_path, needed, "shards")[1]
    assert (finding.state, finding.numbers["free_bytes"], finding.numbers["needed_bytes"]) == (state, 999, needed)
    assert bool(finding.advice) == (state == "problem")


def test_read_only_disk_is_a_problem(tmp_path, mount, monkeypatch):
    mount("/", f"/dev/{write_disk(tmp_path / 'sys', NVME, 0).name}")
    monkeypatch.setattr(os, "access", lambda *_: False)
    finding = check_disk("data", tmp_path, 1, "shards")[1]
    assert finding.state == "problem" and "solid state (ext4 on /dev/nvme0n1)" in finding.text


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Linux's own, with 20 GB available: a fifth may wait unwritten."""
    monkeypatch.setattr(disks, "VM", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=20e9))
    write_settings(tmp_path)


def test_slow_disk_gets_sysctl_command(settings):
    (finding,) = check_dirty_pages({"data": "solid state", "/mnt": "USB"})
    assert finding.state == "note" and "up to 4.0 GB may wait" in finding.text
    assert "copying to /mnt (USB) will stall for 3 minutes" in finding.text
    assert finding.advice.endswith("sudo sysctl vm.dirty_background_bytes=16777216 vm.dirty_bytes=50331648")


def test_fast_disk_or_bounded_pages_are_fine(settings, tmp_path):
    assert [finding.state for finding in check_dirty_pages({"data": "solid state"})] == ["OK"]
    write_settings(tmp_path, dirty_bytes=50331648)
    (finding,) = check_dirty_pages({"data": "USB"})
    assert finding.state == "OK" and finding.text == "up to 50 MB may wait"


def test_system_that_does_not_tell_has_no_line(settings, tmp_path):
    (tmp_path / "dirty_ratio").unlink()
    assert check_dirty_pages({"data": "USB"}) == []
