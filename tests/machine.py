"""Machines that are not there: trees of /proc and /sys below a folder of the test."""

from pathlib import Path

PROC = {"dirty_bytes": 0, "dirty_ratio": 20, "dirty_background_bytes": 0, "dirty_background_ratio": 10}


def write_settings(proc: Path, available_kb: int = 20_000_000, **settings: int) -> Path:
    """Memory and the settings for unwritten pages, Linux's own unless given; returns the folder of the settings."""
    vm = proc / "sys" / "vm"
    vm.mkdir(parents=True, exist_ok=True)
    (proc / "meminfo").write_text(f"MemTotal:  24000000 kB\nMemAvailable:   {available_kb} kB\n")
    for name, value in (PROC | settings).items():
        (vm / name).write_text(f"{value}\n")
    return vm


def write_disk(sys: Path, device: str, rotational: int | None = None, partition: bool = False) -> Path:
    """A disk of sysfs; `device` is its path below /sys/devices. Returns its folder."""
    disk = sys / "devices" / device
    (disk / "queue").mkdir(parents=True)
    if rotational is not None:
        (disk / "queue/rotational").write_text(f"{rotational}\n")
    block = disk
    if partition:
        block = disk / f"{disk.name}1"
        block.mkdir()
        (block / "partition").write_text("1\n")
    link = sys / "class/block" / block.name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(block)
    return disk
