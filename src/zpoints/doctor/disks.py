"""Disks: what kind, whether they can be written, how much is free, and whether unwritten pages will stall them."""

import os
import re
import shutil
from pathlib import Path

import psutil

from zpoints.doctor.finding import Finding, size

SYS, VM = Path("/sys"), Path("/proc/sys/vm")
MUCH = 1e9  # unwritten bytes that block a slow disk for long
USB_RATE = 25e6  # bytes a second that USB disks take of many small files, at best
SLOW = ("USB", "SD card or eMMC", "rotational", "network")
NETWORK = r"nfs4?|cifs|smb3|smbfs|9p|afpfs|ceph|glusterfs|lustre|fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs)"
BOUNDS = "sudo sysctl vm.dirty_background_bytes=16777216 vm.dirty_bytes=50331648"


def check_disk(subject: str, folder: Path, needed: int | None, what: str) -> tuple[str, Finding]:
    """The kind of disk an existing folder lies on; whether it can be written, and has `needed` bytes for `what`."""
    kind, mount = disk_of(folder)
    free = shutil.disk_usage(folder).free
    text = f"{kind} ({mount}), {size(free)} free"
    numbers = {"kind": kind, "free_bytes": free, "needed_bytes": needed}
    if not os.access(folder, os.W_OK):
        return kind, Finding(subject, "problem", f"{text}, read-only", f"make {folder} writable", numbers)
    if needed is not None:
        text += f", about {size(needed)} needed: {what}"
        if free < needed:
            advice = f"free {size(needed - free)} or use another disk"
            return kind, Finding(subject, "problem", text, advice, numbers)
    return kind, Finding(subject, "OK", text, "", numbers)


def disk_of(path: Path) -> tuple[str, str]:
    """The kind of disk an existing path lies on, one of SLOW, solid state, virtual, unknown; and how it is mounted."""
    path = path.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if path.is_relative_to(part.mountpoint)]
    if not mounts:
        return "unknown", "no mount"
    # Of several mounts at one path the last hides the others.
    mount = max(reversed(mounts), key=lambda part: len(Path(part.mountpoint).parts))
    network = re.fullmatch(NETWORK, mount.fstype)
    kind = "network" if network else _kind(SYS / "class/block" / Path(mount.device).resolve().name)
    return kind, f"{mount.fstype} on {mount.device}"


def _kind(block: Path) -> str:
    """The kind of a block device, by its folder in sysfs."""
    block = block.resolve()
    if slaves := sorted(block.glob("slaves/*")):  # encryption, LVM, RAID: as slow as the slowest disk below
        kinds = [_kind(slave) for slave in slaves]
        return next((kind for kind in kinds if kind in SLOW), kinds[0])
    disk = block.parent if (block / "partition").exists() else block
    if any(re.fullmatch(r"usb\d+", part) for part in disk.parts):
        return "USB"
    if disk.name.startswith("mmcblk"):
        return "SD card or eMMC"
    if disk.name.startswith("xvd") or any(part.startswith("virt") for part in disk.parts):
        return "virtual"  # its rotational flag means nothing
    flag = disk / "queue/rotational"
    return {"1\n": "rotational", "0\n": "solid state"}.get(flag.read_text() if flag.is_file() else "", "unknown")


def check_dirty_pages(kinds: dict[str, str]) -> list[Finding]:
    """Whether Linux lets so many pages wait that one of the disks, name and kind, stalls; none where it tells nothing.

    By default a fifth of the memory may fill with unwritten pages. A slow disk then writes for minutes, in which all
    else that needs it waits.
    """
    try:
        limit = float((VM / "dirty_bytes").read_text())
        ratio = float((VM / "dirty_ratio").read_text())
    except (OSError, ValueError):
        return []
    if not limit:  # one of the two is in force
        limit = psutil.virtual_memory().available * ratio / 100
    text = f"up to {size(limit)} may wait"
    slow = [f"{name} ({kind})" for name, kind in kinds.items() if kind in SLOW]
    if limit < MUCH or not slow:
        return [Finding("unwritten pages", "OK", text)]
    text += f"; copying to {' and '.join(slow)} will stall for {limit / USB_RATE / 60:.0f} minutes at 25 MB/s"
    return [Finding("unwritten pages", "note", text, f"until the next boot: {BOUNDS}")]
