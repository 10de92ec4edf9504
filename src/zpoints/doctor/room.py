"""May a disk be written, and is there room: bytes and files that are free, against what is to be written there?"""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from pathlib import Path

from zpoints.doctor.disks import Disk
from zpoints.doctor.report import Finding, size

TIGHT = 1.1  # with less than a tenth to spare it is no problem yet, and soon one


def free_room(subject: str, place: Path, needed: int | None, what: str) -> Finding:
    """Free bytes of the disk of `place`, which exists, against `needed` (None: not known) for `what`."""
    free = shutil.disk_usage(place).free
    numbers = {"free_bytes": free, "needed_bytes": needed}
    if needed is None:
        return Finding(subject, "OK", f"{size(free)} free", numbers)
    if free < needed:
        return Finding(
            subject, "problem", f"expected room for {size(needed)}, received {size(free)} free: {what}", numbers
        )
    text = f"{size(free)} free; needed: {size(needed)}: {what}"
    return Finding(subject, "note" if free < TIGHT * needed else "OK", text, numbers)


def free_files(subject: str, place: Path, needed: int) -> Finding:
    """Files that the file system of `place` can still hold; some, as btrfs and those of Windows, do not count them."""
    free = None
    if hasattr(os, "statvfs"):
        found = os.statvfs(place)
        free = found.f_favail if found.f_files else None
    numbers = {"free_files": free, "needed_files": needed}
    if free is None:
        return Finding(subject, "OK", "this file system sets the number of files no limit", numbers)
    if free < needed:
        text = f"expected room for {needed:,} files, received {free:,} inodes free"
        return Finding(subject, "problem", text, numbers)
    return Finding(subject, "OK", f"{free:,} inodes free; needed: at most {needed:,}", numbers)


def disk_line(subject: str, place: Path, disk: Disk) -> Finding:
    """The kind of disk, and whether it may be written."""
    numbers = asdict(disk)
    if not os.access(place, os.W_OK):
        return Finding(subject, "problem", f"expected to write to {place}, received a read-only {disk}", numbers)
    if disk.kind in ("memory", "container layer"):
        end = "the machine" if disk.kind == "memory" else "the container"
        return Finding(subject, "note", f"{disk}: what is written here goes when {end} ends", numbers)
    if disk.kind in ("unknown", "virtual"):
        return Finding(subject, "OK", f"{disk}: whether it is slow cannot be told", numbers)
    return Finding(subject, "OK", str(disk), numbers)


def existing(path: Path) -> Path:
    """The nearest folder that exists, from `path` up: there it will be made."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.is_dir())
