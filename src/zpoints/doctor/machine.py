"""Memory and cores that this process may really use: the machine's, its control group's, its affinity's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from zpoints import progress
from zpoints.doctor.report import Finding, size

# Resident: what training takes at 96 x 96 pixels, batch 128; and the most that any stage does at full scale.
TRAINING_BYTES, MOST_BYTES = int(1.5e9), int(3e9)
NO_LIMIT = 1 << 60  # version 1 writes a huge number for none


@dataclass(frozen=True)
class Group:
    """Limits of the control groups this process is in, None for none; memory and available in bytes."""

    memory: int | None = None
    available: int | None = None
    cores: float | None = None


def control_group(root: Path = Path("/")) -> Group:
    """The narrowest limits, of version 1 or 2, from this process's group up to the top."""
    memory: list[tuple[int, int]] = []
    cores = []
    for place in _groups(root, "memory"):
        limit = _number(place / "memory.max") or _number(place / "memory.limit_in_bytes")
        used = _number(place / "memory.current") or _number(place / "memory.usage_in_bytes") or 0
        if limit and limit < NO_LIMIT:
            memory.append((limit, max(0, limit - used + _cached(place / "memory.stat"))))
    for place in _groups(root, "cpu"):
        words = _text(place / "cpu.max").split() or [
            _text(place / "cpu.cfs_quota_us").strip(),
            _text(place / "cpu.cfs_period_us").strip(),
        ]
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]):
            cores.append(int(words[0]) / int(words[1]))
    return Group(
        min((limit for limit, _ in memory), default=None),
        min((available for _, available in memory), default=None),
        min(cores, default=None),
    )


def memory(root: Path = Path("/")) -> Finding:
    """What is available against what the stages take."""
    found, group = psutil.virtual_memory(), control_group(root)
    total, available = found.total, found.available
    where = f"of {size(total)}"
    if group.memory is not None and group.memory < total:
        total, available = group.memory, min(available, group.available or 0)
        where = f"of the {size(total)} that this control group may use"
    numbers = {"total_bytes": total, "available_bytes": available, "training_bytes": TRAINING_BYTES}
    if available < TRAINING_BYTES:
        text = f"expected {size(TRAINING_BYTES)} for training at 96 x 96, received {size(available)} available {where}"
        return Finding("memory", "problem", text, numbers)
    if available < MOST_BYTES:
        most = f"expected {size(MOST_BYTES)}, the most that a stage takes at full scale"
        text = f"{most}, received {size(available)} available {where}"
        return Finding("memory", "note", text, numbers)
    return Finding(
        "memory", "OK", f"{size(available)} available {where}; no stage takes more than {size(MOST_BYTES)}", numbers
    )


def cores(root: Path = Path("/")) -> Finding:
    """The cores that stages start processes for, and a quota that makes them wait."""
    usable, all_of, quota = progress.workers(), os.cpu_count() or 1, control_group(root).cores
    numbers = {"cores": usable, "machine_cores": all_of, "quota_cores": quota}
    if quota is not None and quota < usable:
        text = (
            f"{usable} are started for, but the control group's quota is the time of {quota:g}: they will wait in turn"
        )
        return Finding("cores", "note", text, numbers)
    return Finding("cores", "OK", f"{usable} of {all_of}" if usable < all_of else f"{usable}", numbers)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of the groups this process is in for a controller, up to the top, version 2 and version 1."""
    top = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        base = top / controller if controllers else top
        own = base / path.lstrip("/")
        if own.is_dir() and own.is_relative_to(base):
            yield from (place for place in (own, *own.parents) if place.is_relative_to(base))
        else:  # a container sees its own group as the top
            yield base


def _cached(path: Path) -> int:
    """Bytes of files in memory that the system gives up when asked: total_ in version 1, groups below included."""
    words = dict(line.split()[:2] for line in _text(path).splitlines() if len(line.split()) == 2)
    value = words.get("total_inactive_file", words.get("inactive_file", "0"))
    return int(value) if value.isdigit() else 0


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""
