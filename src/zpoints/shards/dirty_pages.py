"""How many dirty pages Linux lets wait for a disk, whether a slow disk will stall on them, and the commands against it.

By default a fifth of the memory may fill with unwritten pages. A slow disk then writes for minutes, in which all else
that needs it waits.
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
    """From `background` bytes on the kernel writes in the background, at `limit` bytes writers are blocked.

    settings: those in force, such as {"vm.dirty_background_ratio": 10, "vm.dirty_ratio": 20}; setting one in bytes
        zeroes its ratio, and the reverse.
    """

    limit: float
    background: float
    settings: dict[str, int]

    @property
    def stalls(self) -> bool:
        """Whether so much may wait that a slow disk blocks other programs for long."""
        return self.limit >= MUCH

    @property
    def undo(self) -> str:
        """The command that restores these settings after MENDS."""
        return "sudo sysctl " + " ".join(f"{name}={value}" for name, value in self.settings.items())


def unwritten(proc: Path | None = None) -> Unwritten | None:
    """The settings, in bytes of this machine's memory; None where /proc does not tell."""
    proc = proc or PROC
    try:
        # A ratio refers to the available memory, roughly.
        lines = dict(line.split(":", 1) for line in (proc / "meminfo").read_text().splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024
        counts, settings = [], {}
        for name in ("dirty_background", "dirty"):
            for unit, scale in (("bytes", 1.0), ("ratio", available / 100)):
                value = int((proc / "sys" / "vm" / f"{name}_{unit}").read_text())
                if value or unit == "ratio":
                    counts.append(value * scale)
                    settings[f"vm.{name}_{unit}"] = value
                    break
    except (OSError, ValueError, KeyError, IndexError):
        return None
    background, limit = counts
    # As the kernel does where background is not below the limit.
    return Unwritten(limit, background if background < limit else limit / 2, settings)
