"""Outs appear whole or not at all: written beside their place, flushed to disk, then renamed.

A stage that is killed leaves at most a hidden sibling `.NAME.partial-PID`, which DVC ignores (.dvcignore) and which
the next run of the same stage removes.
"""

import contextlib
import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its place when the block ends without an exception."""
    partial = _partial(path)
    partial.mkdir()
    try:
        yield partial
        for folder, _, names in os.walk(partial):
            for name in names:
                _flush(Path(folder, name))
            _flush(Path(folder))
        if path.exists() or path.is_symlink():
            old = path.with_name(f"{partial.name}-old")
            os.rename(path, old)
            os.rename(partial, path)
            _remove(old)
        else:
            os.rename(partial, path)
        _flush(path.parent)
    finally:
        _remove(partial)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a file name beside `path`; what the block writes there takes the place of `path` at its end."""
    partial = _partial(path)
    try:
        yield partial
        _flush(partial)
        os.replace(partial, path)
        _flush(path.parent)
    finally:
        _remove(partial)


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


def _partial(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name}.partial-"
    for leftover in path.parent.glob(f"{prefix}*"):
        if not _alive(leftover.name.removeprefix(prefix).removesuffix("-old")):
            _remove(leftover)
    return path.with_name(f"{prefix}{os.getpid()}")


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


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
