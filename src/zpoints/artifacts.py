"""Outs appear whole or not at all, and take the place of nothing but an earlier out of the same stage.

A folder is written beside its place, flushed to disk, then renamed. It holds a marker, `.zpoints-out`, that names the
stage that wrote it: only an absent or empty folder, or one with this stage's marker, is ever replaced. A stage that is
killed leaves at most a hidden sibling `.NAME.partial-*`, which DVC ignores (.dvcignore) and which the next run removes:
a writer holds a lock on its own, so one that can be locked belongs to nobody.
"""

import contextlib
import csv
import errno
import fcntl
import glob
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from zpoints.errors import UserError

if TYPE_CHECKING:
    import numpy as np

MARKER = ".zpoints-out"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
NO_RESERVATION = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
# What libraries say that keep no number of the error: HDF5's and TensorFlow's texts, and numpy's own.
NO_ROOM_TEXT = re.compile(
    "|".join([*(re.escape(os.strerror(number)) for number in NO_ROOM), r"\d+ requested and \d+ written"])
)


@contextlib.contextmanager
def whole_folder(path: Path, stage: str) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its place when the block ends without an exception.

    Raises UserError where `path` is anything but absent, an empty folder, or an earlier out of this stage, and where
    its disk is full or cannot be written to.
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
            old = partial.with_name(f"{partial.name}-old")
            os.rename(path, old)
            os.rename(partial, path)
            _remove(old)
        else:
            os.rename(partial, path)
        _flush(path.parent)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a file name beside `path`; what the block writes there takes the place of `path` at its end.

    Raises UserError where `path` is a folder, and where its disk is full or cannot be written to.
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
    if Path.cwd().resolve().is_relative_to(place.resolve()):
        raise UserError(f"{path}: {what}, received the working directory or a folder above it")
    above = next(folder for folder in place.parents if folder.exists())
    if not above.is_dir():
        raise UserError(f"{path}: {what}, received a place below the file {above}")
    if not os.access(above, os.W_OK | os.X_OK):
        raise UserError(f"{path}: {what}, received a place in {above}, which cannot be written to")
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        received = "a link that leads to no folder" if path.is_symlink() else "a file"
        raise UserError(f"{path}: {what}, received {received}")
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


def write_array(path: Path, array: "np.typing.ArrayLike") -> None:
    """Write a .npy file, the bytes of np.save. Raises OSError on a full disk, where np.save says nothing of what was
    left in its buffer: its last kilobytes, or all of a small array.
    """
    import numpy as np

    with open(path, "wb") as file:
        through = SimpleNamespace(write=file.write)  # which numpy does not take for a file that it can write past
        np.lib.format.write_array(through, np.asanyarray(array), allow_pickle=False)


def create_array(path: Path, shape: tuple[int, ...], dtype: "np.typing.DTypeLike") -> "np.memmap":
    """A new .npy file of zeros, mapped for writing. Its space is reserved: a mapping that meets a full disk ends the
    process by SIGBUS, without a word. Raises OSError where there is too little.
    """
    import numpy as np

    dtype = np.dtype(dtype)
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": tuple(shape)}
    with open(path, "wb", buffering=0) as file:
        np.lib.format.write_array_header_1_0(file, header)
        begin = file.tell()
        end = begin + dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        try:
            _reserve(file.fileno(), begin, end)
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror}, {path.name} takes {_size(end)}", str(path)) from None
    return np.lib.format.open_memmap(path, mode="r+")


def _reserve(descriptor: int, begin: int, end: int) -> None:
    """Let a file take the bytes from `begin` to `end`; where the system knows no reservation, zeros are written."""
    try:
        os.posix_fallocate(descriptor, 0, end)
        return
    except AttributeError:  # macOS
        pass
    except OSError as error:
        if error.errno not in NO_RESERVATION:
            raise
    zeros = bytes(1 << 20)
    while begin < end:
        begin += os.pwrite(descriptor, zeros[: end - begin], begin)


class _NoRoom(UserError):
    """The disk has no place for what was being written to `path`, or what quota and limits leave of it."""

    def __init__(self, path: Path, written: int, room: int, reason: str) -> None:
        super().__init__(
            f"{path}: expected room for more than {_size(written)}, received: {reason} ({_size(room)} free)"
        )
        self.written, self.reason = written, reason


@contextlib.contextmanager
def _partial(path: Path, folder: bool) -> Iterator[Path]:
    """A hidden sibling of `path`, locked while it is in use and removed at the end."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _create(path, folder)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise _NoRoom(path, 0, _free(path), str(error.strerror)) from None
        raise UserError(f"{path}: expected a place to write, received: {error.strerror or error}") from None
    held = _lock(partial)
    try:
        yield partial
    except Exception as error:
        if reason := _disk_fault(error, partial):
            written = _bytes_below(partial)  # and about to be removed
            within = error.written if isinstance(error, _NoRoom) else 0  # removed already
            raise _NoRoom(path, written + within, written + _free(path), reason) from error
        if isinstance(error, UserError) and str(partial) in str(error):  # which is about to go: its place is meant
            raise UserError(*(line.replace(str(partial), str(path)) for line in error.args)) from error
        raise
    finally:
        _remove(partial)
        if held:
            os.close(held)


def _create(path: Path, folder: bool) -> Path:
    prefix = f".{path.name}.partial-"
    for leftover in path.parent.glob(f"{glob.escape(prefix)}*"):
        if lock := _lock(leftover):
            _remove(leftover)
            os.close(lock)
    partial = path.with_name(prefix + secrets.token_hex(8))
    if folder:
        partial.mkdir()
    else:
        partial.touch(exist_ok=False)
    return partial


def _disk_fault(error: Exception, partial: Path) -> str | None:
    """Why `partial` could not be written; None where the error is about something else."""
    if isinstance(error, _NoRoom):
        return error.reason
    if isinstance(error, UserError):  # of a reader that names its own files, hidden ones among them
        cause = error.__cause__
        return _disk_fault(cause, partial) if isinstance(cause, OSError) and str(partial) in str(error) else None
    if isinstance(error, OSError) and error.errno is not None:
        names = [name for name in (error.filename, error.filename2) if name is not None]  # two of a copy
        within = any(Path(os.fsdecode(name)).is_relative_to(partial) for name in names)
        numbers = (*NO_ROOM, *READ_ONLY) if within else NO_ROOM if error.filename is None else ()
        return error.strerror if error.errno in numbers else None
    text = NO_ROOM_TEXT.search(str(error))
    return f"a write that ended early, {text.group()}" if text else None


def _free(path: Path) -> int:
    return shutil.disk_usage(path.parent).free


def _bytes_below(partial: Path) -> int:
    paths = [partial, *partial.rglob("*")]
    return sum(path.lstat().st_blocks * 512 for path in paths if path.is_file())


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3f} GB"


def _lock(path: Path) -> int | None:
    """A descriptor that holds a lock on a file or folder; None where another process has it, or locks do not work."""
    try:
        # Neither wait for a writer nor leave the folder, whatever bears the name of a leftover.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    try:
        _delete(path)
    except (KeyboardInterrupt, SystemExit):  # a signal came meanwhile: what is half removed goes first
        _delete(path)
        raise


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
