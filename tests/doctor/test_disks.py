"""What kind of disk a path lies on, by what a Linux kernel writes into /proc and /sys."""

import os
import subprocess

import psutil
import pytest

from tests.machine import write_disk, write_mounts
from zpoints.doctor.disks import disk_of

ATA, USB, NVME = "pci0/ata1/host0/block/sda", "pci0/usb2/2-1/2-1:1.0/host6/block/sdb", "pci0/nvme/nvme0/nvme0n1"


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "my disk" / "data"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def root(tmp_path, place):
    """A machine whose disk 8:1 is mounted over this test's folder; other disks are added by the test."""
    root = tmp_path / "root"
    write_mounts(root, ("8:0", "/", "ext4", "/dev/sdz"), ("8:1", str(place.parent), "ext4", "/dev/sda1"))
    return root


@pytest.mark.parametrize(
    ("device", "flags", "kind", "slow"),
    [
        (ATA, {"rotational": 1, "removable": 0}, "rotational", True),
        (ATA, {"rotational": 0, "removable": 0}, "solid state", False),
        (USB, {"rotational": 0, "removable": 0}, "USB", True),
        (USB, {"rotational": 1, "removable": 1}, "USB", True),
        (NVME, {"rotational": 0, "removable": 0}, "NVMe", False),
        (ATA, {"rotational": 0, "removable": 1}, "removable", True),
        ("pci0/mmc_host/mmc0/mmcblk0", {"rotational": 0}, "SD card or eMMC", True),
        ("pci0/virtio1/block/vda", {"rotational": 1}, "virtual", False),
        ("virtual/block/loop3", {"rotational": 1}, "file as a disk", False),
        ("virtual/block/zram0", {"rotational": 0}, "memory", False),
        (ATA, {}, "unknown", False),
    ],
)
@pytest.mark.parametrize("partition", [True, False])
def test_a_block_device_is_what_the_kernel_says(root, place, device, flags, kind, slow, partition):
    write_disk(root, "8:1", device, partition, **flags)
    found = disk_of(place, root)
    assert (found.kind, found.slow) == (kind, slow)
    assert (found.mount, found.filesystem, found.device) == (str(place.parent), "ext4", "/dev/sda1")


@pytest.mark.parametrize(
    ("filesystem", "kind", "slow"),
    [
        ("tmpfs", "memory", False),
        ("nfs4", "network", True),
        ("cifs", "network", True),
        ("fuse.sshfs", "network", True),
        ("overlay", "container layer", False),
        ("fuse.mergerfs", "unknown", False),
    ],
)
def test_a_file_system_without_a_device_speaks_for_itself(root, place, filesystem, kind, slow):
    write_mounts(root, ("0:44", str(place), filesystem, "server:/share"))
    found = disk_of(place, root)
    assert (found.kind, found.slow) == (kind, slow)


def test_the_innermost_mount_counts_and_of_two_on_one_place_the_last(root, place):
    write_mounts(
        root,
        ("0:44", str(place), "nfs4", "server:/first"),
        ("0:45", str(place), "tmpfs", "second"),
        ("0:46", "/", "nfs4", "server:/"),
        ("0:47", str(place)[:-2], "nfs4", "server:/other"),
    )
    assert disk_of(place, root).device == "second"
    assert disk_of(place / "not" / "yet" / "there", root).device == "second"


def test_a_link_is_followed_to_the_disk_it_leads_to(root, place, tmp_path):
    write_disk(root, "8:1", USB, True, rotational=0)
    (tmp_path / "link").symlink_to(place)
    assert disk_of(tmp_path / "link", root).kind == "USB"


def test_an_encrypted_disk_is_as_slow_as_what_is_below_it(root, place):
    write_disk(root, "8:2", USB, True, rotational=1)
    write_disk(root, "8:3", NVME, rotational=0)
    write_disk(root, "8:1", "virtual/block/dm-0", rotational=0)
    slaves = root / "sys/devices/virtual/block/dm-0/slaves"
    slaves.mkdir()
    (slaves / "nvme0n1").symlink_to(root / "sys/devices" / NVME)
    assert disk_of(place, root).kind == "NVMe"
    (slaves / "sdb1").symlink_to(root / "sys/devices" / USB / "sdb1")
    assert disk_of(place, root).kind == "USB"


def test_a_device_number_that_btrfs_made_up_is_found_by_name(root, place):
    write_mounts(root, ("0:39", str(place), "btrfs", "/dev/nvme0n1"))
    write_disk(root, "259:0", NVME, rotational=0)
    assert disk_of(place, root).kind == "NVMe"


def test_what_cannot_be_told_is_unknown(root, place):
    (root / "proc/self/mountinfo").write_text("nonsense\n\n1 2 3 - \n")
    assert disk_of(place, root).kind == "unknown"


def test_elsewhere_the_partitions_tell(tmp_path, monkeypatch):
    part = type("Part", (), {"mountpoint": str(tmp_path), "fstype": "NTFS", "device": "D:", "opts": "rw,removable"})
    shared = type("Part", (), {"mountpoint": "/", "fstype": "smbfs", "device": "//server/share", "opts": "rw"})
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [part, shared])
    assert disk_of(tmp_path / "data", tmp_path).kind == "removable"
    assert disk_of(tmp_path.parent, tmp_path).kind == "network"
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [])
    assert disk_of(tmp_path, tmp_path).kind == "unknown"


def test_a_real_disk_in_memory_is_told(tmp_path):
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "small", str(tmp_path)], capture_output=True
    ).returncode:
        pytest.skip("this system does not let root mount a small disk")
    try:
        found = disk_of(tmp_path / "data")
        assert (found.kind, found.mount, found.device) == ("memory", str(tmp_path), "small")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
