"""Machines that are not there: trees of /proc and /sys below a folder of the test."""

from pathlib import Path


def write_settings(vm: Path, dirty_bytes: int = 0, dirty_ratio: int = 20) -> None:
    """The settings for unwritten pages, Linux's own unless given."""
    vm.mkdir(parents=True, exist_ok=True)
    (vm / "dirty_bytes").write_text(f"{dirty_bytes}\n")
    (vm / "dirty_ratio").write_text(f"{dirty_ratio}\n")


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
