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


def write_mounts(root: Path, *mounts: tuple[str, str, str, str]) -> None:
    """Mounts of (device number, place, file system, source) in order; blanks as the kernel writes them."""
    folder = root / "proc" / "self"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, (device, place, kind, source) in enumerate(mounts):
        escaped = place.replace(" ", r"\040")
        lines.append(f"{20 + number} 1 {device} / {escaped} rw,relatime shared:1 - {kind} {source} rw\n")
    (folder / "mountinfo").write_text("".join(lines))


def write_disk(root: Path, number: str, device: str, partition: bool = False, **flags: int) -> None:
    """A disk of sysfs: `device` is its place below /sys/devices; flags are rotational and removable."""
    disk = root / "sys" / "devices" / device
    (disk / "queue").mkdir(parents=True)
    for name, value in flags.items():
        (disk / ("queue/rotational" if name == "rotational" else name)).write_text(f"{value}\n")
    block = disk
    if partition:
        block = disk / f"{disk.name}1"
        block.mkdir()
        (block / "partition").write_text("1\n")
    for folder, name in (("dev/block", number), ("class/block", block.name)):
        link = root / "sys" / folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(block)
