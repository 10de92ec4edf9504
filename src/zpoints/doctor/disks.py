"""What kind of disk a path lies on, from /proc/self/mountinfo and /sys below a root; elsewhere what psutil knows.

The format of mountinfo: Linux, Documentation/filesystems/proc.rst, 3.5. A kind says what is known to be slow at taking
many pages; what cannot be told is `unknown`, and nothing is claimed of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psutil

MEMORY = ("tmpfs", "ramfs", "devtmpfs")
NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "drvfs",
    "afs",
    "afpfs",
    "ceph",
    "glusterfs",
    "lustre",
    "webdav",
)
NETWORK_FUSE = ("fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs")


@dataclass(frozen=True)
class Disk:
    """The disk of a path. kind: USB, rotational, network, memory ..., `unknown`; slow: that it is known to be."""

    mount: str
    filesystem: str
    device: str
    kind: str
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.kind} ({self.filesystem} on {self.device})"


@dataclass(frozen=True)
class Mount:
    """A line of mountinfo."""

    number: str  # of the device, major:minor
    place: str
    filesystem: str
    source: str


UNKNOWN = Disk("unknown", "unknown", "unknown", "unknown")


def disk_of(path: Path, root: Path = Path("/")) -> Disk:
    """The disk that `path`, which may not exist yet, lies on; `root` holds proc, sys and dev."""
    place = path.resolve()
    try:
        lines = (root / "proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return _by_psutil(place)
    # Of mounts on one place the last covers the others.
    over = [mount for mount in map(_parse, lines) if mount and place.is_relative_to(mount.place)]
    if not over:
        return UNKNOWN
    mount = max(reversed(over), key=lambda mount: len(Path(mount.place).parts))
    kind, slow = _by_filesystem(mount.filesystem) or _by_device(mount, root)
    return Disk(mount.place, mount.filesystem, mount.source, kind, slow)


def _parse(line: str) -> Mount | None:
    before, dash, after = line.partition(" - ")
    fields, behind = before.split(), after.split()
    if not dash or len(fields) < 6 or len(behind) < 2:
        return None
    place, source = (
        re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text) for text in (fields[4], behind[1])
    )
    return Mount(fields[2], place, behind[0], source)


def _by_filesystem(name: str) -> tuple[str, bool] | None:
    """Kind and slowness where the file system alone tells."""
    if name in MEMORY:
        return "memory", False
    if name in NETWORK or name in NETWORK_FUSE:
        return "network", True
    return ("container layer", False) if name == "overlay" else None


def _by_device(mount: Mount, root: Path) -> tuple[str, bool]:
    """Kind and slowness of the block device, by its number, or by its name where btrfs made a number up."""
    name = (root / mount.source.lstrip("/")).resolve().name
    for block in (root / "sys/dev/block" / mount.number, root / "sys/class/block" / name):
        if block.exists():
            return _by_block(block.resolve())
    return "unknown", False


def _by_block(block: Path) -> tuple[str, bool]:
    slaves = block / "slaves"
    below = sorted(slaves.iterdir()) if slaves.is_dir() else []
    if below:  # encrypted, LVM or RAID: as slow as the slowest disk below
        kinds = [_by_block(each.resolve()) for each in below]
        return next((kind for kind in kinds if kind[1]), kinds[0])
    disk = block.parent if (block / "partition").exists() else block
    name, parts = disk.name, disk.parts
    if any(re.fullmatch(r"usb\d+", part) for part in parts):
        return "USB", True
    if name.startswith("mmcblk"):
        return "SD card or eMMC", True
    if name.startswith("nvme"):
        return "NVMe", False
    if name.startswith("loop"):
        return "file as a disk", False
    if name.startswith("zram"):
        return "memory", False
    if _flag(disk / "removable"):
        return "removable", True
    if any(part.startswith("virtio") for part in parts) or name.startswith("xvd"):
        return "virtual", False  # they call themselves rotational, whatever they are
    rotational = _flag(disk / "queue/rotational")
    return "unknown" if rotational is None else "rotational" if rotational else "solid state", bool(rotational)


def _flag(path: Path) -> bool | None:
    try:
        return path.read_text().strip() == "1"
    except OSError:
        return None


def _by_psutil(place: Path) -> Disk:
    """macOS and Windows: the file system's name, and whether it is a network's or removable."""
    try:
        parts = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    except (OSError, RuntimeError):
        parts = []
    if not parts:
        return UNKNOWN
    part = max(parts, key=lambda part: len(Path(part.mountpoint).parts))
    filesystem, options = part.fstype.lower(), part.opts.split(",")
    kind, slow = _by_filesystem(filesystem) or ("unknown", False)
    for option, name in (("remote", "network"), ("removable", "removable")):  # Windows
        if option in options:
            kind, slow = name, True
    return Disk(part.mountpoint, filesystem or "unknown", part.device, kind, slow)
