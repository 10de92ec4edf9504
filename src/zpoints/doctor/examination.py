"""The whole examination, in the order in which a run would meet what it finds."""

from collections.abc import Sequence
from pathlib import Path

from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models
from zpoints.config.reader import Params, read
from zpoints.config.split import Split
from zpoints.doctor.disks import check_dirty_pages, check_disk
from zpoints.doctor.finding import Finding, size
from zpoints.doctor.links import check_links, read_cache
from zpoints.doctor.machine import check_memory, check_tensorflow
from zpoints.doctor.needs import all_outs, image_count, missing_outs
from zpoints.errors import UserError


def examine(params: Path, project: Path, data: Path, paths: Sequence[Path] = ()) -> list[Finding]:
    """All findings. params: the file; project: has .dvc in it; data: holds all outs; paths: folders on other disks."""
    loaded, count, findings = _check_params(params, data / "raw")
    outs, missing = (all_outs(loaded, count), missing_outs(loaded, count, data)) if loaded and count else ({}, {})
    kinds: dict[str, str] = {}

    def look(name: str, folder: Path, needed: int, what: str) -> None:
        kinds[name], finding = check_disk(name, folder, needed if outs else None, what)
        findings.append(finding)

    total, what = sum(missing.values()), ", ".join(f"{name} {size(count)}" for name, count in missing.items())
    here = _existing(data)
    try:
        cache, types = read_cache(project)
        cache = _existing(cache)
        same_disk = cache.stat().st_dev == here.stat().st_dev
        link, links = check_links(types, cache, here)
    except (UserError, OSError) as error:
        same_disk, link, links = True, "copy", Finding("DVC links", "problem", str(error))
    if same_disk:
        look("data", here, total * (2 if link == "copy" else 1), what)
    else:
        # An out that becomes a symlink is moved to the cache once it is written.
        look("data", here, max(missing.values(), default=0) if link == "symlink" else total, what)
        look("cache", cache, total, what)
    findings.append(links)
    for path in paths:
        if path.is_dir():
            look(str(path), path, sum(outs.values()), "a copy of all outs")
        else:
            received = "a file" if path.exists() else "no such folder"
            findings.append(Finding(str(path), "problem", f"expected a folder, received {received}"))
    return [*findings, *check_dirty_pages(kinds), check_memory(), *check_tensorflow()]


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
    images, train = params[Images], params[Split].train
    used = min(count, images.limit or count)
    if isinstance(train, int) and train >= used:
        text = f"split.train: expected fewer than the {used:,} images, received {train:,}"
        advice = "a fraction such as 0.9 fits any number of images"
        return params, count, [Finding(str(path), "problem", text, advice)]
    text = f"{used:,} images of {images.size} x {images.size} pixels, models {', '.join(params[Models])}"
    return params, count, [Finding(str(path), "OK", text)]


def _existing(path: Path) -> Path:
    """The nearest existing folder, from `path` up: `path` will be made there."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
