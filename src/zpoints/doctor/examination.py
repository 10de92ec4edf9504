"""The whole examination, in the order in which a run would meet what it finds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models
from zpoints.config.reader import Params, read
from zpoints.config.split import Split
from zpoints.doctor import links, machine
from zpoints.doctor.disks import Disk, check_dirty_pages, check_disk, disk_of
from zpoints.doctor.finding import Finding
from zpoints.doctor.needs import Needs, estimate, image_count
from zpoints.errors import UserError

Probe = Callable[[Path | None], dict[str, Any]]


def examine(
    params: Path, project: Path, data: Path, paths: Sequence[Path] = (), probe: Probe = machine.probe
) -> list[Finding]:
    """All findings. params: the file; project: has .dvc in it; data: holds all outs; paths: folders on other disks."""
    loaded, count, findings = _check_params(params, data / "raw")
    answer = probe(params if loaded else None)
    needs = estimate(loaded, count, answer.get("weights", {}), data) if loaded and count else None
    disks: dict[str, Disk] = {}
    findings += _check_project(project, data, needs, disks)
    for path in paths:
        findings += _check_path(path, needs, disks)
    return [*findings, *check_dirty_pages(disks), machine.check_memory(), *machine.check_tensorflow(answer)]


def _check_params(path: Path, raw: Path) -> tuple[Params | None, int | None, list[Finding]]:
    """The parameters, the number of images of the source, and a line for each fault."""
    try:
        params = read(path)
    except UserError as error:
        faults = [line.removeprefix(f"{path}: ") for line in str(error).splitlines()]
        return None, None, [Finding(str(path), "problem", fault) for fault in faults]
    try:
        count = image_count(params[Data], raw)
    except (UserError, OSError) as error:
        return params, None, [Finding(str(path), "problem", str(error).replace("\n", "; "))]
    images, models, train = params[Images], list(params[Models]), params[Split].train
    used = min(count, images.limit or count)
    text = f"{used:,} images of {images.size} x {images.size} pixels, models {', '.join(models)}"
    numbers = {"images": used, "size": images.size, "models": models}
    if isinstance(train, int) and train >= used:
        text = f"split.train: expected fewer than the {used:,} images, received {train:,}"
        advice = "a fraction such as 0.9 fits any number of images"
        return params, count, [Finding(str(path), "problem", text, advice, numbers)]
    return params, count, [Finding(str(path), "OK", text, "", numbers)]


def _check_project(project: Path, data: Path, needs: Needs | None, disks: dict[str, Disk]) -> list[Finding]:
    """The disks of `data` and of DVC's cache, the links between them, and room for what is to be written."""
    folders = {"data": _existing(data)}
    findings, link = [], "copy"
    try:
        cache = links.read_cache(project)
        folder = _existing(cache.folder)
        if folder.stat().st_dev != folders["data"].stat().st_dev:
            folders["cache"] = folder
        link, finding = links.check_links(cache, folder, folders["data"])
    except (UserError, OSError) as error:
        finding = Finding("DVC links", "problem", str(error))
    space = needs.space(link, "cache" not in folders) if needs else {}
    for name, folder in folders.items():
        disks[name] = disk_of(folder)
        findings.append(check_disk(name, folder, disks[name], space.get(name), needs.text() if needs else ""))
    return [*findings, finding]


def _check_path(path: Path, needs: Needs | None, disks: dict[str, Disk]) -> list[Finding]:
    """A disk for a remote or another copy of the project: its kind, and room for all outs."""
    name = str(path)
    if not path.is_dir():
        received = "a file" if path.exists() else "no such folder"
        return [Finding(name, "problem", f"expected a folder on the disk to look at, received {received}")]
    disks[name] = disk_of(path)
    total = sum(needs.outs.values()) if needs else None
    return [check_disk(name, path, disks[name], total, "a copy of all outs")]


def _existing(path: Path) -> Path:
    """The nearest existing folder, from `path` up: `path` will be made there."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
