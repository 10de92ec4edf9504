"""How DVC can put an out of its cache into data/: tried with a file of four bytes, which is removed again."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from zpoints.doctor.report import Finding
from zpoints.doctor.room import existing

TYPES = ("reflink", "hardlink", "symlink")


@dataclass(frozen=True)
class Repository:
    """What DVC's own configuration says: where its cache is, and which links it tries, in this order."""

    cache: Path
    wanted: tuple[str, ...]


def repository(project: Path) -> tuple[Repository | None, Finding]:
    """The repository at `project` and a line on DVC; None where there is none, or its configuration is broken."""
    from dvc.config import Config
    from dvc.exceptions import DvcException

    version = metadata.version("dvc")
    numbers = {"version": version}
    if not (project / ".dvc").is_dir():
        text = f"expected the project's folder with .dvc in it, received {project.absolute()}"
        return None, Finding("DVC", "problem", text, numbers)
    try:
        cache = Config(str((project / ".dvc").absolute()))["cache"]
    except DvcException as error:
        return None, Finding("DVC", "problem", f"expected a configuration that can be read, received: {error}", numbers)
    found = Repository(Path(cache.get("dir") or project / ".dvc" / "cache"), tuple(cache.get("type") or ()))
    return found, Finding("DVC", "OK", f"{version}, cache in {found.cache}", numbers)


def working(cache: Path, place: Path) -> list[str]:
    """The link types that work from `cache` to `place`, folders which may not exist yet. Raises OSError."""
    from dvc_objects.fs.generic import test_links
    from dvc_objects.fs.local import LocalFileSystem

    system = LocalFileSystem()
    # The target's name is not used, its folder is.
    return test_links(list(TYPES), system, str(existing(cache)), system, str(existing(place) / "link"))


def chosen(repository: Repository, works: list[str]) -> str:
    """The first type of cache.type that works; DVC's own choice is reflink, else copy."""
    wanted = repository.wanted or ("reflink", "copy")
    return next((link for link in wanted if link in works or link == "copy"), "copy")


def cache_links(repository: Repository, works: list[str]) -> Finding:
    """Which links work between cache and data/, and what the outs will be."""
    link = chosen(repository, works)
    numbers = {"works": works, "wanted": list(repository.wanted), "chosen": link, "reflinks": "reflink" in works}
    known = f"{_listed(works)} work between cache and data/, reflinks {'do' if 'reflink' in works else 'do not'}"
    if link == "copy":
        text = f"{known}: outs are copied, and take their room twice"
        if works:
            text += "; better: dvc config cache.type reflink,hardlink,symlink,copy"
        return Finding("links", "note", text, numbers)
    return Finding("links", "OK", f"{known}: an out is a {link} of the cache", numbers)


def own_links(subject: str, works: list[str]) -> Finding:
    """Which links work within a disk, for who puts the project there."""
    numbers = {"works": works, "reflinks": "reflink" in works}
    text = f"{_listed(works)} work here, reflinks {'do' if 'reflink' in works else 'do not'}"
    return Finding(subject, "OK" if works else "note", text, numbers)


def _listed(works: list[str]) -> str:
    return ", ".join(works) if works else "no links"
