"""DVC's cache, and how DVC can link its files into data/: tried with a tiny file, which is removed again."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from zpoints.doctor.finding import Finding
from zpoints.errors import UserError

TYPES = ["reflink", "hardlink", "symlink"]


@dataclass(frozen=True)
class Cache:
    """DVC's configuration: where the cache is, and the types of links to try, in this order."""

    folder: Path
    types: tuple[str, ...]


def read_cache(project: Path) -> Cache:
    """The configuration of the repository at `project`. Raises UserError where it is missing or broken."""
    from dvc.config import Config
    from dvc.exceptions import DvcException

    if not (project / ".dvc").is_dir():
        raise UserError(f"expected the project's folder, with .dvc in it, received {project.absolute()}")
    try:
        cache = Config(str((project / ".dvc").absolute()))["cache"]
    except DvcException as error:
        raise UserError(f"expected a readable configuration, received: {error}") from None
    # DVC's own choice is a reflink, else a copy.
    return Cache(Path(cache.get("dir") or project / ".dvc/cache"), tuple(cache.get("type") or ("reflink", "copy")))


def check_links(cache: Cache, source: Path, target: Path) -> tuple[str, Finding]:
    """The first type of `cache.types` that works from one existing folder to another, and a line on it.

    Raises OSError where the folders cannot be written.
    """
    from dvc_objects.fs.generic import test_links
    from dvc_objects.fs.local import LocalFileSystem

    system = LocalFileSystem()
    working = test_links(TYPES, system, str(source), system, str(target / "link"))  # the target's folder is what counts
    link = next((link for link in cache.types if link in working or link == "copy"), "copy")
    text = f"DVC {metadata.version('dvc')}, cache in {cache.folder}: {', '.join(working) or 'no links'} work"
    numbers = {"cache": str(cache.folder), "working": working, "link": link}
    if link != "copy":
        return link, Finding("DVC links", "OK", f"{text}, outs are linked by {link}", "", numbers)
    advice = "run `dvc config cache.type reflink,hardlink,symlink,copy`" if working else ""
    return link, Finding("DVC links", "note", f"{text}, outs are copied and take twice their size", advice, numbers)
