"""Will the system's settings for unwritten pages stall a slow disk?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zpoints.shards import dirty_pages as writeback
from zpoints.doctor.disks import Disk
from zpoints.doctor.report import Finding, size

RATE = 25e6  # bytes a second: what USB disks have been seen to take of many small files, at best


def unwritten(disks: Mapping[str, Disk], root: Path = Path("/")) -> Finding | None:
    """A line on what may wait unwritten, for the disks by name; None where the system does not tell."""
    found = writeback.unwritten(root / "proc")
    if found is None:
        return None
    subject = "unwritten pages"
    numbers = {
        "limit_bytes": round(found.limit),
        "background_bytes": round(found.background),
        "settings": found.settings,
    }
    set_by = ", ".join(f"{name} {value}" for name, value in found.settings.items())
    bounds = f"{size(found.limit)} may wait, from {size(found.background)} on they are written ({set_by})"
    if not found.stalls:
        return Finding(subject, "OK", bounds, numbers)
    slow = [f"{name} ({disk.kind})" for name, disk in disks.items() if disk.slow]
    if not slow:
        return Finding(subject, "OK", f"{bounds}; none of these disks is known to be slow", numbers)
    stall = f"copying to {' and '.join(slow)} will stall, for {found.limit / RATE / 60:.0f} minutes at 25 MB/s"
    mends = f"until the next start of the machine this mends it: {writeback.MENDS}"
    back = f"in the place of {set_by}; back again: {found.undo}"
    numbers |= {"slow": slow, "mends": writeback.MENDS.split(" && "), "undo": found.undo}
    return Finding(subject, "note", f"{bounds}; {stall}; {mends}; {back}", numbers)
