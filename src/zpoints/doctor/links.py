"""DVC's cache, and how DVC can link its files into data/: tried with a tiny file, which is removed again."""

from pathlib import Path

from zpoints.doctor.finding import Finding
from zpoints.errors import UserError


def read_cache(project: Path) -> tuple[Path, list[str]]:
    """The folder of DVC's cache, and the types of links to try. Raises UserError where DVC has no configuration."""
    from dvc.config import Config
    from dvc.exceptions import DvcException

    if not (project / ".dvc").is_dir():
        raise UserError(f"expected the project's folder, with .dvc in it, received {project.absolute()}")
    try:
        cache = Config(str((project / ".dvc").absolute()))["cache"]
    except DvcException as error:
        raise UserError(f"expected a readable configuration, received: {error}") from None
    # DVC's own choice is a reflink, else a copy.
    return Path(cache.get("dir") or project / ".dvc/cache"), cache.get("type") or ["reflink", "copy"]


def check_links(types: list[str], source: Path, target: Path) -> tuple[str, Finding]:
    """The first type of link that works from one existing folder to another, and a line on it. Raises OSError."""
    from dvc_objects.fs.generic import test_links
    from dvc_objects.fs.local import LocalFileSystem

    system = LocalFileSystem()
    known = ["reflink", "hardlink", "symlink"]
    working = test_links(known, system, str(source), system, str(target / "link"))  # the target's folder is what counts
    link = next((link for link in types if link in working or link == "copy"), "copy")
    text = f"{', '.join(working) or 'no links'} work"
    if link != "copy":
        return link, Finding("DVC links", "OK", f"{text}, outs are linked by {link}")
    advice = "run `dvc config cache.type reflink,hardlink,symlink,copy`" if working else ""
    return link, Finding("DVC links", "note", f"{text}, outs are copied and take twice their size", advice)
