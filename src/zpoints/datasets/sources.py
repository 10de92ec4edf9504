"""Where images come from, by data.source; and the place where a download waits until it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path
from typing import Any

from zpoints.config.data import Data
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, FaceArchive
from zpoints.errors import UserError, printable


class Store:
    """A folder of its own for each way to the data: what has come by one is never taken for what another brings."""

    def __init__(self, root: Path, data: Data) -> None:
        self._root = root
        wanted = data.model_dump_json(exclude={"toy", "archive", "folder"})
        self.folder = root / hashlib.md5(wanted.encode(), usedforsecurity=False).hexdigest()[:12]

    def remove(self) -> None:
        """Remove what waits here, and what other ways have left half done: after success nobody needs it."""
        if self._root.exists():
            shutil.rmtree(self._root)
            with contextlib.suppress(OSError):  # others keep something beside it
                self._root.parent.rmdir()


def bring(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    """Bring images and labels into `folder`, which exists and is empty; returns what source.json is to say.

    store: where a download waits; what is here stays for the next call when this one fails. Raises UserError.
    """
    try:
        facts = _collect(data, store, folder)
    except OSError as error:
        what = f"{error.filename or folder}: expected to bring the images to {folder}"
        raise UserError(f"{what}, received: {error.strerror or error}") from error
    ids = {f"{entry.id}.jpg" for entry in FaceArchive(folder / ARCHIVE_FILE).entries}
    return {"source": data.source, **labels.counts(labels.read_tables(folder), ids), **facts}


def describe(facts: dict[str, Any]) -> str:
    """One line on what was understood: the numbers of source.json."""
    text = f"{facts['images']} images ({facts['source']}); {labels.in_words(facts)}"
    if "ignored_files" in facts:
        names = ", ".join(facts["ignored"][:3]) + (", ..." if facts["ignored_files"] > 3 else "")
        text += f"; {facts['ignored_files']} files ignored{f' ({names})' if names else ''}"
    if table := facts.get("labels"):
        text += f"; {table['file']}: separated by {table['separated_by']}, images named by {table['name_column']!r}"
        for kind in ("attributes", "factors"):
            text += f", {kind} {', '.join(table[kind])}" if table[kind] else ""
        text += ", a partition" if table["partition"] else ""
    return printable(text)


def _collect(data: Data, store: Path, folder: Path) -> dict[str, Any]:
    if data.source == "toy":
        from zpoints.datasets.toy.write import write_toy_faces

        write_toy_faces(folder, data.toy.images, data.toy.seed)
        return data.toy.model_dump()
    if data.source == "folder":
        from zpoints.datasets.folder import collect_own

        return collect_own(Path(data.folder.path), Path(data.folder.labels) if data.folder.labels else None, folder)
    if data.source == "lfw":
        from zpoints.datasets.lfw import collect_lfw

        return collect_lfw(store, folder, data.verify)
    from zpoints.datasets.mirrors import bring_celeba

    return bring_celeba(data, store, folder)
