"""CSV files of labels: a header, the image's name in the first column or one called so, a row for each image.

Nothing is guessed: a row that is too short or too long, a name that occurs twice and a value that is no number are
errors that name file, line and column. Accepted are a byte order mark, CRLF, blanks around values, quotes, ; and tabs.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zpoints.datasets import labels
from zpoints.errors import UserError

IMAGE_COLUMNS = ("image_id", "image", "file", "filename", "file_name", "name", "id", "path")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MAX_BYTES = 256 << 20  # of a file; in memory it takes ten times as much
SIGNS = {"1": 1, "1.0": 1, "true": 1, "yes": 1, "0": 0, "0.0": 0, "-1": 0, "-1.0": 0, "false": 0, "no": 0}


@dataclass(frozen=True)
class Rows:
    """A CSV file in memory: names of images, names of the other columns, and their words, a list for each column.

    delimiter: what separates the columns, in a word.  name_column: the one that names the images.
    """

    path: Path
    delimiter: str
    name_column: str
    images: list[str]
    columns: dict[str, list[str]]

    def numbers(self, column: str) -> np.ndarray:
        """A column as finite numbers: float64 (n,). Raises UserError, naming line and column."""
        values = np.empty(len(self.images))
        for row, word in enumerate(self.columns[column]):
            try:
                values[row] = float(word)
            except ValueError:
                values[row] = math.nan
            if not abs(values[row]) < labels.FLOAT32_END:
                raise self.fault(row, column, "a finite number")
        return values

    def binary(self, column: str) -> np.ndarray | None:
        """A column of 0/1, -1/1, true/false or yes/no as int8 0/1 (n,), or None where it holds anything else.

        One with -1 as well as 0 has three levels: it is a number, not a pair of signs.
        """
        words = [word.lower() for word in self.columns[column]]
        values = [SIGNS.get(word, -1) for word in words]
        levels = {word.removesuffix(".0") for word in words}
        return None if -1 in values or {"-1", "0"} <= levels else np.array(values, dtype=np.int8)

    def whole(self, column: str, high: int) -> np.ndarray:
        """A column of whole numbers from 0 to `high`: int64 (n,). Raises UserError, naming line and column."""
        values = np.empty(len(self.images), dtype=np.int64)
        for row, word in enumerate(self.columns[column]):
            if not (word.isascii() and word.isdigit()) or len(word) > 12 or int(word) > high:
                raise self.fault(row, column, f"a whole number from 0 to {high}")
            values[row] = int(word)
        return values

    def fault(self, row: int, column: str, expected: str) -> UserError:
        """The error for a word; the header is line 1."""
        word = self.columns[column][row]
        return UserError(
            f"{self.path}, line {row + 2}, column {column[:60]}: expected {expected}, received {word[:60]!r}"
        )


def read_rows(path: Path) -> Rows:
    """Read a CSV file of labels of at most MAX_BYTES in UTF-8. Raises UserError."""
    text = labels.text_of(path, MAX_BYTES)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = [
            [word.strip() for word in line] for line in csv.reader(text.splitlines(), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise UserError(f"{path}: expected a CSV file, received one that can't be read ({error})") from error
    while lines and not any(lines[-1]):
        lines.pop()
    header = lines[0] if lines else []
    key = next((at for at, name in enumerate(header) if name.lower() in IMAGE_COLUMNS), 0)
    if len(header) < 2 or "" in header[:key] + header[key + 1 :] or len(set(header)) != len(header):
        received = repr(first.strip()[:60])
        raise UserError(f"{path}, line 1: expected a header, the image's name and distinct labels, received {received}")
    if len(lines) == 1:
        raise UserError(f"{path}, line 2: expected rows of labels, received none")
    seen: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            raise UserError(f"{path}, line {number}: expected {len(header)} columns, received {len(line)}")
        if not line[key]:
            raise UserError(f"{path}, line {number}: expected the name of an image, received none")
        if seen.setdefault(line[key], number) != number:
            received = f"{line[key][:60]!r} again (see line {seen[line[key]]})"
            raise UserError(f"{path}, line {number}: expected each image once, received {received}")
    columns = {name: [line[at] for line in lines[1:]] for at, name in enumerate(header) if at != key}
    return Rows(path, DELIMITERS[delimiter], header[key], list(seen), columns)
