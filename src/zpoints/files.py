"""Files that are not trusted: regular ones alone, of bounded size, text in UTF-8."""

import os
import stat
from pathlib import Path

from zpoints.errors import UserError


def read_text(path: Path, expected: str, max_bytes: int) -> str:
    """The text of a file. Raises UserError, saying that `expected` was, where it cannot be read or is larger."""
    try:
        return read_bytes(path, expected, max_bytes).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: expected {expected} in UTF-8, received: {error}") from None


def read_bytes(path: Path, expected: str, max_bytes: int) -> bytes:
    """The content of a file. Raises UserError, saying that `expected` was, where it cannot be read or is larger."""
    refuse_irregular(path, expected)
    try:
        with open(path, "rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise UserError(f"{path}: expected {expected}, received: {error.strerror or error}") from None
    if len(content) > max_bytes:
        raise UserError(f"{path}: expected {expected} of at most {max_bytes} bytes, received {os.path.getsize(path)}")
    return content


def refuse_irregular(path: Path, expected: str) -> None:
    """Raise UserError unless there is a regular file: opening a pipe would wait for ever, and a device never ends."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise UserError(f"{path}: expected {expected}, received no such file") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: expected {expected}, received: {getattr(error, 'strerror', error)}") from None
    if not stat.S_ISREG(mode):
        received = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise UserError(f"{path}: expected {expected}, received {received}")


def clipped(text: object) -> str:
    """`text` with single spaces in one line of at most 200 letters."""
    line = " ".join(str(text).split())
    return line if len(line) <= 200 else line[:197] + "..."
