"""Disks: their kind by what psutil and sysfs say, room, and unwritten pages."""

import os
import shutil
from types import SimpleNamespace

import psutil
import pytest

from tests.machine import write_disk, write_settings
from zpoints.doctor import disks
from zpoints.doctor.disks import Disk, check_dirty_pages, check_disk, disk_of
from zpoints.shards import dirty_pages

ATA, USB, NVME = "pci0/ata1/host0/block/sda", "pci0/usb2/2-1/host6/block/sdb", "pci0/nvme/nvme0/nvme0n1"
SLOW, FAST = Disk("/dev/sdb1", "ext4", "USB"), Disk("/dev/nvme0n1", "ext4", "solid state")


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
    ("device", "rotational", "kind", "slow"),
    [
        (ATA, 1, "rotational", True),
        (ATA, 0, "solid state", False),
        (ATA, None, "unknown", False),
        (USB, 0, "USB", True),
        (NVME, 0, "solid state", False),
        ("pci0/mmc_host/mmc0/mmcblk0", 0, "SD card or eMMC", True),
        ("pci0/virtio1/block/vda", 1, "virtual", False),
        ("virtual/block/loop3", 1, "virtual", False),
    ],
)
def test_kind_of_block_device(tmp_path, mount, device, rotational, kind, slow, partition):
    name = write_disk(tmp_path / "sys", device, rotational, partition).name + ("1" if partition else "")
    mount("/", f"/dev/{name}")
    disk = disk_of(tmp_path)
    assert (disk.kind, disk.slow, disk.device) == (kind, slow, f"/dev/{name}")


@pytest.mark.parametrize(
    ("filesystem", "kind"), [("nfs4", "network"), ("fuse.sshfs", "network"), ("tmpfs", "unknown"), ("nfsx", "unknown")]
)
def test_network_file_systems_are_slow(tmp_path, mount, filesystem, kind):
    mount("/", "server:/share", filesystem)
    assert (disk_of(tmp_path).kind, disk_of(tmp_path).slow) == (kind, kind == "network")


def test_innermost_and_latest_mount_counts(tmp_path, mount):
    for path, device in (("/", "root"), (tmp_path, "first"), (tmp_path, "second"), (str(tmp_path)[:-1], "other")):
        mount(path, device)
    (tmp_path / "link").symlink_to(tmp_path / "not/yet/there")
    assert disk_of(tmp_path / "link").device == "second"
    assert disk_of(tmp_path.parent).device == "root"


def test_encrypted_disk_is_as_slow_as_the_one_below(tmp_path, mount):
    sys = tmp_path / "sys"
    slaves = write_disk(sys, "virtual/block/dm-0", 0) / "slaves"
    slaves.mkdir()
    mount("/", "/dev/dm-0")
    (slaves / "nvme0n1").symlink_to(write_disk(sys, NVME, 0))
    assert disk_of(tmp_path).kind == "solid state"
    (slaves / "sdb").symlink_to(write_disk(sys, USB, 1))
    assert disk_of(tmp_path).kind == "USB"


def test_disk_without_mount_is_unknown(tmp_path, mount):
    assert disk_of(tmp_path).kind == "unknown"


@pytest.mark.parametrize(("needed", "state"), [(1000, "problem"), (999, "note"), (900, "OK"), (None, "OK")])
def test_free_space_against_need(tmp_path, monkeypatch, needed, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999))
    finding = check_disk("data", tmp_path, FAST, needed, "shards")
    assert (finding.state, finding.numbers["free_bytes"], finding.numbers["needed_bytes"]) == (state, 999, needed)
    assert bool(finding.advice) == (state == "problem")


def test_read_only_disk_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    finding = check_disk("data", tmp_path, FAST, 1, "shards")
    assert finding.state == "problem" and "solid state (ext4 on /dev/nvme0n1)" in finding.text


def test_slow_disk_gets_sysctl_commands_and_undo(tmp_path, monkeypatch):
    monkeypatch.setattr(dirty_pages, "PROC", tmp_path)
    write_settings(tmp_path)
    (finding,) = check_dirty_pages({"data": FAST, "/mnt": SLOW})
    assert finding.state == "note" and "copying to /mnt (USB) will stall for 3 minutes" in finding.text
    assert (finding.numbers["limit_bytes"], finding.numbers["slow"]) == (4096000000, ["/mnt (USB)"])
    assert "sudo sysctl vm.dirty_background_bytes=16777216 && sudo sysctl vm.dirty_bytes=50331648" in finding.advice
    assert finding.advice.endswith("to undo: sudo sysctl vm.dirty_background_ratio=10 vm.dirty_ratio=20")


def test_bounded_pages_or_fast_disks_are_fine(tmp_path, monkeypatch):
    monkeypatch.setattr(dirty_pages, "PROC", tmp_path)
    assert check_dirty_pages({"data": SLOW}) == []  # a system that does not tell
    write_settings(tmp_path)
    assert [finding.state for finding in check_dirty_pages({"data": FAST})] == ["OK"]
    write_settings(tmp_path, dirty_bytes=50331648, dirty_background_bytes=16777216)
    (finding,) = check_dirty_pages({"data": SLOW})
    assert finding.state == "OK" and "up to 48 MiB may wait, written from 16 MiB on" in finding.text
