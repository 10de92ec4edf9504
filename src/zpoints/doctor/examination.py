"""The whole examination: params.yaml, DVC, the disks of data/, the cache and other paths, the machine, TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zpoints.doctor import computing
from zpoints.doctor import links
from zpoints.doctor import machine
from zpoints.doctor import origin
from zpoints.doctor import room
from zpoints.doctor import settings
from zpoints.doctor.disks import Disk, disk_of
from zpoints.doctor.needs import Needs, needs
from zpoints.doctor.needs import room as room_for
from zpoints.doctor.report import Finding, size
from zpoints.errors import UserError
from zpoints.config.data import Data
from zpoints.config.images import Images
from zpoints.config.models import Models
from zpoints.config.reader import Params, read
from zpoints.config.training import Training

Ask = Callable[[], dict[str, Any]]


def examine(
    params: Path,
    paths: Sequence[Path] = (),
    project: Path = Path("."),
    root: Path = Path("/"),
    ask: Ask = computing.ask,
) -> list[Finding]:
    """All findings, in the order in which a run would meet them.

    params: the file; paths: other disks to look at, named by a folder on each; project: the folder with .dvc and data;
    root: where proc, sys and dev are; ask: what tells about TensorFlow.
    """
    loaded, findings = _params(params)
    source = None
    if loaded:
        source, line = origin.origin(loaded[Data], project / "data" / "raw")
        findings += [line, *filter(None, [origin.extra(loaded[Data], project)])]
    findings += _fast(project)
    needed = None
    if loaded and source:
        needed = needs(source, loaded[Images], loaded[Models], loaded[Training], project / "data")

    repository, dvc = links.repository(project)
    disks, lines = _project_disks(project, repository, source, needed, root)
    findings += [dvc, *lines]
    for path in paths:
        findings += _other_disk(path, needed, disks, root)
    findings += filter(None, [settings.unwritten(disks, root)])
    findings += [machine.memory(root), machine.cores(root)]
    asked = computing.precisions(loaded[Training], loaded[Models]) if loaded else set()
    return findings + computing.computing(ask(), asked, root)


def _params(path: Path) -> tuple[Params | None, list[Finding]]:
    try:
        loaded = read(path)
    except UserError as error:
        lines = str(error).splitlines()
        return None, [Finding(str(path), "problem", line.removeprefix(f"{path}: ")) for line in lines]
    edge, models = loaded[Images].size, list(loaded[Models])
    text = f"{edge} x {edge} pixels, models {', '.join(models)}"
    return loaded, [Finding(str(path), "OK", text, {"size": edge, "models": models})]


def _fast(project: Path) -> list[Finding]:
    missing = origin.missing_libraries(project, "fast")
    if not missing:
        return []
    text = f"{' and '.join(missing)} is not installed: prepare takes some 150 us an image longer (the extra fast)"
    return [Finding("prepare", "note", text, {"missing": missing})]


def _project_disks(
    project: Path, repository: links.Repository | None, source: origin.Origin | None, needed: Needs | None, root: Path
) -> tuple[dict[str, Disk], list[Finding]]:
    """The disks under data/ and, if it is another, the cache: kind, room, files, and the links between them."""
    data = project / "data"
    place = room.existing(data)
    disks = {"data": disk_of(place, root)}
    findings = [room.disk_line("data", place, disks["data"])]
    cache = room.existing(repository.cache if repository else data)
    together = place.stat().st_dev == cache.stat().st_dev
    if not together:
        disks["cache"] = disk_of(cache, root)
        findings.append(room.disk_line("cache", cache, disks["cache"]))
    link = None
    if repository and all(finding.state != "problem" for finding in findings):
        try:
            works = links.working(cache, place)
        except OSError as error:
            text = f"expected to write to {error.filename or cache}, received: {error.strerror or error}"
            findings.append(Finding("links", "problem", text))
        else:
            link = links.chosen(repository, works)
            findings.append(links.cache_links(repository, works))
    findings += _rooms(place, cache, together, needed, link)
    if source and source.elsewhere:
        findings += _unpacked(source)
    return disks, findings


def _rooms(place: Path, cache: Path, together: bool, needed: Needs | None, link: str | None) -> list[Finding]:
    if needed is None:
        return [room.free_room("data: room", place, None, "")]
    parts = ", ".join(f"{name} {size(count)}" for name, count in needed.missing.items() if count)
    there = [name for name, count in needed.missing.items() if not count]
    what = f"{parts}, for a while {size(needed.passing)}"
    if there:
        what += f"; there already: {', '.join(there)}"
    if needed.assumed:
        what += f"; assumed: {needed.assumed}"
    wanted = room_for(needed, link, together)
    copies = f"; {size(wanted.cache)} more for copies in the cache" if together and wanted.cache else ""
    total = wanted.data + (wanted.cache if together else 0)
    findings = [room.free_room("data: room", place, total, what + copies)]
    findings.append(room.free_files("data: files", place, needed.files))
    if not together:
        findings.append(room.free_room("cache: room", cache, wanted.cache, "all outs that are still to be written"))
        findings.append(room.free_files("cache: files", cache, needed.files))
    return findings


def _unpacked(source: origin.Origin) -> list[Finding]:
    """The folder outside the project that a mirror's library unpacks into."""
    assert source.elsewhere
    place, subject = room.existing(source.elsewhere), str(source.elsewhere)
    return [
        room.free_room(f"{subject}: room", place, source.elsewhere_bytes, "the archive, and its images unpacked"),
        room.free_files(f"{subject}: files", place, source.elsewhere_files),
    ]


def _other_disk(path: Path, needed: Needs | None, disks: dict[str, Disk], root: Path) -> list[Finding]:
    """A disk that is to hold a remote or the project: kind, room for all outs, files, links within it."""
    subject = str(path)
    if not path.is_dir():
        received = "a file" if path.exists() else "no such folder"
        return [Finding(subject, "problem", f"expected a folder on the disk to look at, received {received}")]
    disks[subject] = disk_of(path, root)
    findings = [room.disk_line(subject, path, disks[subject])]
    findings.append(room.free_room(f"{subject}: room", path, needed.total if needed else None, "a copy of all outs"))
    findings.append(room.free_files(f"{subject}: files", path, needed.files if needed else 0))
    if findings[0].state != "problem":
        try:
            findings.append(links.own_links(f"{subject}: links", links.working(path, path)))
        except OSError as error:
            text = f"expected to write to {path}, received: {error.strerror or error}"
            findings.append(Finding(f"{subject}: links", "problem", text))
    return findings
