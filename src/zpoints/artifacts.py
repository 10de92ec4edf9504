"""Outs appear whole or not at all, and take the place of nothing but an earlier out of the same stage.

A folder is written beside its place, flushed to disk, then renamed. It holds a marker, `.zpoints-out`, that names the
stage that wrote it: only an absent or empty folder, or one with this stage's marker, is ever replaced. A stage that is
killed leaves at most a hidden sibling `.NAME.partial-*`, which DVC ignores (.dvcignore) and which the next run removes:
a writer holds a lock on its own, so one that can be locked belongs to nobody.
"""

import contextlib
import csv
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zpoints.errors import UserError

MARKER = ".zpoints-out"


@contextlib.contextmanager
def whole_folder(path: Path, stage: str) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its place when the block ends without an exception.

    Raises UserError where `path` is anything but absent, an empty folder, or an earlier out of this stage.
    """
    refuse_foreign(path, stage)
    with _partial(path, folder=True) as partial:
        (partial / MARKER).write_text(f"{stage}\n", encoding="utf-8")
        yield partial
        for folder, _, names in os.walk(partial):
            for name in names:
                _flush(Path(folder, name))
            _flush(Path(folder))
        if path.exists() or path.is_symlink():
            refuse_foreign(path, stage)  # it may have been filled meanwhile
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.partial-", dir=path.parent), "old")
            os.rename(path, old)
            os.rename(partial, path)
            _remove(old.parent)
        else:
            os.rename(partial, path)
        _flush(path.parent)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a file name beside `path`; what the block writes there takes the place of `path` at its end.

    Raises UserError where `path` is a folder.
    """
    if path.is_dir():
        raise UserError(f"{path}: expected a file to write, received a folder")
    with _partial(path, folder=False) as partial:
        yield partial
        _flush(partial)
        os.replace(partial, path)
        _flush(path.parent)


def refuse_foreign(path: Path, stage: str) -> None:
    """Raise UserError unless `path` is absent, an empty folder, or an earlier out of `stage`.

    The working directory and what lies above it are never outs, whatever they hold.
    """
    what = "expected a new or empty folder, or an earlier out of this stage"
    place = Path(os.path.abspath(path))
    if str(path) in ("", ".") or Path.cwd().resolve().is_relative_to(place.resolve()):
        raise UserError(f"{path}: {what}, received the working directory or a folder above it")
    for above in place.parents:
        if above.exists() and not above.is_dir():
            raise UserError(f"{path}: {what}, received a place below the file {above}")
    if not os.path.lexists(path):
        return
    if path.is_symlink() and not path.is_dir():
        raise UserError(f"{path}: {what}, received a link that leads to no folder")
    if not path.is_dir():
        raise UserError(f"{path}: {what}, received a file")
    if not any(path.iterdir()):
        return
    try:
        owner = (path / MARKER).read_text(encoding="utf-8")[:100].strip()
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path}: {what}, received a folder with other content; choose another, or remove it") from None
    if owner != stage:
        raise UserError(f"{path}: {what}, received an out of the stage {owner!r}")


def write_json(path: Path, content: Any) -> None:
    """Write `content` as JSON, whole or not at all; NaN and infinity, which JSON lacks, are refused."""
    with whole_file(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """Write rows as CSV with a header, whole or not at all; `columns` are the first row's keys unless given."""
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(columns or rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@contextlib.contextmanager
def _partial(path: Path, folder: bool) -> Iterator[Path]:
    """A hidden sibling of `path`, locked while it is in use and removed at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}.partial-"
    for leftover in path.parent.glob(f"{_escaped(prefix)}*"):
        if lock := _lock(leftover):
            _remove(leftover)
            os.close(lock)
    if folder:
        partial = Path(tempfile.mkdtemp(prefix=prefix, dir=path.parent))
        partial.chmod(0o777 & ~_umask())
    else:
        handle, name = tempfile.mkstemp(prefix=prefix, dir=path.parent)
        os.fchmod(handle, 0o666 & ~_umask())
        os.close(handle)
        partial = Path(name)
    held = _lock(partial)
    try:
        yield partial
    finally:
        _remove(partial)
        if held:
            os.close(held)


def _escaped(prefix: str) -> str:
    """A file name as a pattern that matches itself alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix)


def _lock(path: Path) -> int | None:
    """A descriptor that holds a lock on a file or folder; None where another process has it, or locks do not work."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
