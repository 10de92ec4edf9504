"""Disks: what kind, whether they can be written, how much is free, and whether unwritten pages will stall them."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from zpoints.doctor.finding import Finding, size
from zpoints.shards import dirty_pages

SYS = Path("/sys")
MARGIN = 1.1  # less than a tenth to spare is worth a note
USB_RATE = 25e6  # bytes a second that USB disks take of many small files, at best
SLOW = ("USB", "SD card or eMMC", "rotational", "network")
NETWORK = r"nfs4?|cifs|smb3|smbfs|9p|afpfs|ceph|glusterfs|lustre|fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs)"


@dataclass(frozen=True)
class Disk:
    """Where a path is mounted. kind: one of SLOW, solid state, virtual, or unknown."""

    device: str
    filesystem: str
    kind: str

    @property
    def slow(self) -> bool:
        """Whether this kind is known to be slow; nothing is claimed of virtual and unknown disks."""
        return self.kind in SLOW


def disk_of(path: Path) -> Disk:
    """The disk that `path`, which need not exist yet, lies on."""
    path = path.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if path.is_relative_to(part.mountpoint)]
    if not mounts:
        return Disk("unknown", "unknown", "unknown")
    # Of several mounts at one path the last hides the others.
    mount = max(reversed(mounts), key=lambda part: len(Path(part.mountpoint).parts))
    network = re.fullmatch(NETWORK, mount.fstype)
    kind = "network" if network else _kind(SYS / "class/block" / Path(mount.device).resolve().name)
    return Disk(mount.device, mount.fstype, kind)


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


def check_disk(subject: str, folder: Path, disk: Disk, needed: int | None, what: str) -> Finding:
    """Whether an existing folder can be written, and free bytes against `needed` (None: unknown) for `what`."""
    free = shutil.disk_usage(folder).free
    text = f"{disk.kind} ({disk.filesystem} on {disk.device}), {size(free)} free"
    numbers = asdict(disk) | {"slow": disk.slow, "free_bytes": free, "needed_bytes": needed}
    if not os.access(folder, os.W_OK):
        return Finding(subject, "problem", f"{text}, read-only", f"make {folder} writable", numbers)
    if needed is None:
        return Finding(subject, "OK", text, "", numbers)
    text += f", about {size(needed)} needed: {what}"
    if free < needed:
        return Finding(subject, "problem", text, f"free {size(needed - free)} or use another disk", numbers)
    return Finding(subject, "note" if free < MARGIN * needed else "OK", text, "", numbers)


def check_dirty_pages(disks: Mapping[str, Disk]) -> list[Finding]:
    """Whether the kernel lets so many pages wait that a slow one of `disks` stalls; no line where it does not tell."""
    pages = dirty_pages.unwritten()
    if pages is None:
        return []
    settings = ", ".join(f"{name}={value}" for name, value in pages.settings.items())
    text = f"up to {size(pages.limit)} may wait, written from {size(pages.background)} on ({settings})"
    slow = [f"{name} ({disk.kind})" for name, disk in disks.items() if disk.slow]
    numbers = {"limit_bytes": round(pages.limit), "background_bytes": round(pages.background), "slow": slow}
    if not (pages.stalls and slow):
        return [Finding("unwritten pages", "OK", text, "", numbers)]
    text += f"; copying to {' and '.join(slow)} will stall for {pages.limit / USB_RATE / 60:.0f} minutes at 25 MB/s"
    advice = f"until the next boot: {dirty_pages.MENDS}; to undo: {pages.undo}"
    return [Finding("unwritten pages", "note", text, advice, numbers)]
