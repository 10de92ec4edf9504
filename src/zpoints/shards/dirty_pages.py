"""How much Linux lets wait unwritten for a disk, when a slow disk stalls on it, and what mends that.

A system lets a part of the memory, often a fifth, fill with pages that a disk has yet to take. On a slow one they are
then written for minutes, in which whatever else wants that disk waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MUCH = 1e9  # unwritten bytes
SETTINGS = {"vm.dirty_background_bytes": 16 << 20, "vm.dirty_bytes": 48 << 20}
MENDS = " && ".join(f"sudo sysctl {name}={value}" for name, value in SETTINGS.items())


@dataclass(frozen=True)
class Unwritten:
    """What may wait: from `background` bytes on the system writes, from `limit` bytes on writers wait for it.

    settings: as they are, such as {"vm.dirty_background_ratio": 10, "vm.dirty_ratio": 20}; setting one in bytes zeroes
        its ratio, and the reverse, so only those that hold are here.
    """

    limit: float
    background: float
    settings: dict[str, int]

    @property
    def stalls(self) -> bool:
        """Whether a slow disk would have so much to write that others wait long for it."""
        return self.limit >= MUCH

    @property
    def undo(self) -> str:
        """The command that takes back what MENDS did."""
        return "sudo sysctl " + " ".join(f"{name}={value}" for name, value in self.settings.items())


def unwritten(proc: Path | None = None) -> Unwritten | None:
    """The settings in bytes of this machine's memory; None where there is no /proc that tells."""
    proc = proc or PROC
    try:
        # A ratio is one of available memory, by and large.
        lines = dict(line.split(":", 1) for line in (proc / "meminfo").read_text().splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024
        counts, settings = [], {}
        for name in ("dirty_background", "dirty"):
            for unit, each in (("bytes", 1.0), ("ratio", available / 100)):
                value = int((proc / "sys" / "vm" / f"{name}_{unit}").read_text())
                if value or unit == "ratio":
                    counts.append(value * each)
                    settings[f"vm.{name}_{unit}"] = value
                    break
    except (OSError, ValueError, KeyError, IndexError):
        return None
    background, limit = counts
    # As the kernel does where the lower bound is not below the upper one.
    return Unwritten(limit, background if background < limit else limit / 2, settings)
