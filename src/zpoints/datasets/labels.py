"""Read and write the label files of CelebA: attributes, partition, identities; and attributes and factors as CSV.

The readers accept what the published files contain (CRLF, trailing and varying blanks, a byte order mark) and
nothing else: whatever could shift a label to another image is an error that names the file and the line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.errors import UserError
from zpoints.files import read_bytes, read_text

ATTRIBUTES = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips",
    "Big_Nose", "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby",
    "Double_Chin", "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male",
    "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin",
    "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks", "Sideburns", "Smiling", "Straight_Hair",
    "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace",
    "Wearing_Necktie", "Young",
)  # fmt: skip

# Names of the files in data/raw.
ATTRIBUTE_FILE = "list_attr_celeba.txt"
PARTITION_FILE = "list_eval_partition.txt"
IDENTITY_FILE = "identity_CelebA.txt"
FACTOR_FILE = "factors.csv"
OWN_FILE = "attributes.csv"

MAX_BYTES = 1 << 30  # the largest official label file has 27 MB
FLOAT32_END = float(2**128 - 2**103)  # from here on a number rounds to an infinite float32
MAX_IDENTITY = 999_999_999
MAX_ID = 64  # characters of an image id, as "000001.jpg"
SIGNS = {b"1", b"-1"}


@dataclass(frozen=True)
class Table:
    """Labels of images: ids ("000001.jpg"), names of columns, and values of shape (len(ids), len(names))."""

    ids: list[str]
    names: tuple[str, ...]
    values: np.ndarray


def read_tables(folder: Path) -> dict[str, Table]:
    """The label files that are in a folder such as data/raw, by file name. Raises UserError."""
    return {file: read(folder / file) for file, read in READERS.items() if (folder / file).exists()}


def counts(tables: Mapping[str, Table], images: Collection[str]) -> dict[str, int]:
    """Numbers of attributes, factors, persons, and of rows whose image is not one of `images` ("000001.jpg")."""
    attributes, factors, identities = (
        tables.get(ATTRIBUTE_FILE) or tables.get(OWN_FILE),
        tables.get(FACTOR_FILE),
        tables.get(IDENTITY_FILE),
    )
    return {
        "attributes": len(attributes.names) if attributes else 0,
        "factors": len(factors.names) if factors else 0,
        "identities": len(np.unique(identities.values)) if identities else 0,
        "rows_without_image": max((len(set(table.ids) - set(images)) for table in tables.values()), default=0),
    }


def in_words(facts: Mapping[str, Any]) -> str:
    """What `counts` found, as part of a sentence."""
    labelled = ", ".join(f"{facts[key]} {key}" for key in ("attributes", "factors", "identities"))
    return f"{labelled}; {facts['rows_without_image']} label rows without an image"


def read_attributes(path: Path) -> Table:
    """Read list_attr_celeba.txt: int8 values, 1 where the attribute is present and 0 where it is not.

    The columns come in the order of ATTRIBUTES, whatever their order in the file.
    """
    count_line, names_line, body = _head(_content(path), 2)
    if not re.fullmatch(rb"[0-9]{1,9}", count_line.strip()):
        raise UserError(f"{path}, line 1: expected the number of images, received {_shown(count_line)}")
    names = names_line.decode("ascii", "replace").split()
    check_names(path, 2, names)
    lines = _lines(path, body, first_line=3)
    if len(lines) != int(count_line):
        expected = f"expected the number of rows that follow, {len(lines)}"
        raise UserError(f"{path}, line 1: {expected}, received {_shown(count_line)}")
    ids, values = [], np.empty((len(lines), len(names)), dtype=np.int8)
    for row, line in enumerate(lines):
        words = line.split()
        if len(words) != len(names) + 1:
            expected = f"expected an id and {len(names)} values"
            raise UserError(f"{path}, line {row + 3}: {expected}, received {len(words)} words")
        if not SIGNS.issuperset(words[1:]):
            column, wrong = next((at, word) for at, word in enumerate(words[1:], 2) if word not in SIGNS)
            raise UserError(f"{path}, line {row + 3}, column {column}: expected -1 or 1, received {_shown(wrong)}")
        ids.append(words[0])
        values[row] = [word == b"1" for word in words[1:]]
    order = [names.index(name) for name in ATTRIBUTES]
    return Table(checked_ids(path, ids, first_line=3), ATTRIBUTES, values[:, order])


def write(path: Path, table: Table) -> None:
    """Write a table as the label file that `path` names: in the very layout in which CelebA's are published, or CSV."""
    values, end = np.asarray(table.values), "\r\n"
    if path.name in (OWN_FILE, FACTOR_FILE):
        # Nine significant digits restore every float32 exactly.
        rows = ([f"{value:.9g}" for value in row] for row in values.astype(np.float32).tolist())
        lines = [",".join([image, *row]) for image, row in zip(table.ids, rows, strict=True)]
        lines, end = [",".join(["image_id", *table.names]), *lines], "\n"
    elif path.name == ATTRIBUTE_FILE:
        if set(np.unique(values)) - {0, 1}:
            raise ValueError(f"attributes are 0 or 1, received {np.unique(values)[:5]}")
        # The first value alone is not padded to two places.
        words = np.array(["-1", " 1"])[values.astype(np.intp)].tolist()
        lines = [f"{image} {' '.join(row).lstrip()}" for image, row in zip(table.ids, words, strict=True)]
        lines = [str(len(table.ids)), " ".join(table.names) + " ", *lines]
    else:
        lines = [f"{image} {value}" for image, value in zip(table.ids, values.ravel().tolist(), strict=True)]
    path.write_bytes("".join(line + end for line in lines).encode("utf-8"))


def read_partition(path: Path) -> Table:
    """Read list_eval_partition.txt: int8 values 0 (train), 1 (validation) or 2 (test), of shape (n, 1)."""
    return _read_whole_numbers(path, "partition", np.int8, low=0, high=2)


def read_identities(path: Path) -> Table:
    """Read identity_CelebA.txt: int32 values, the number of the person shown, of shape (n, 1)."""
    return _read_whole_numbers(path, "identity", np.int32, low=0, high=MAX_IDENTITY)


def read_factors(path: Path) -> Table:
    """Read factors.csv, which toy faces have: header image_id,<names>, then float32 values."""
    return _read_csv(path, _factor)


def read_own(path: Path) -> Table:
    """Read attributes.csv, which your own faces have: header image_id,<names>, then 0 or 1, as int8."""
    table = _read_csv(path, _bit)
    return Table(table.ids, table.names, table.values.astype(np.int8))


def _read_csv(path: Path, number: Callable[[Path, int, str], float]) -> Table:
    lines = [line.rstrip() for line in text_of(path).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    header = lines[0].split(",") if lines else []
    if len(header) < 2 or header[0] != "image_id" or len(set(header)) != len(header):
        received = _shown(",".join(header))
        raise UserError(f"{path}, line 1: expected image_id,<names>, received {received}")
    ids, values = [], np.empty((len(lines) - 1, len(header) - 1), dtype=np.float32)
    for row, line in enumerate(lines[1:]):
        image, *words = line.split(",")
        if len(words) != len(header) - 1:
            received = f"received {len(words) + 1}"
            raise UserError(f"{path}, line {row + 2}: expected {len(header)} columns, {received}")
        ids.append(image.encode())
        values[row] = [number(path, row + 2, word) for word in words]
    return Table(checked_ids(path, ids, first_line=2), tuple(header[1:]), values)


def _bit(path: Path, line: int, word: str) -> float:
    if word not in ("0", "1"):
        raise UserError(f"{path}, line {line}: expected 0 or 1, received {_shown(word)}")
    return float(word)


def _factor(path: Path, line: int, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not abs(value) < FLOAT32_END:
        raise UserError(f"{path}, line {line}: expected a finite number, received {_shown(word)}")
    return value


def _read_whole_numbers(path: Path, name: str, dtype: type, low: int, high: int) -> Table:
    """Rows of an id and one number in low ... high."""
    ids, numbers = [], []
    for row, line in enumerate(_lines(path, _content(path), first_line=1), 1):
        words = line.split()
        if len(words) != 2:
            raise UserError(f"{path}, line {row}: expected an id and a number, received {_shown(line)}")
        number = int(words[1]) if words[1].isdigit() and len(words[1]) <= len(str(high)) else -1
        if not low <= number <= high:
            expected = f"expected a whole number from {low} to {high}"
            raise UserError(f"{path}, line {row}: {expected}, received {_shown(words[1])}")
        ids.append(words[0])
        numbers.append(number)
    return Table(checked_ids(path, ids, first_line=1), (name,), np.array(numbers, dtype=dtype)[:, None])


def _content(path: Path) -> bytes:
    """The bytes of a label file without its byte order mark."""
    return read_bytes(path, "a readable label file", MAX_BYTES).removeprefix(b"\xef\xbb\xbf")


def text_of(path: Path, limit: int = MAX_BYTES) -> str:
    """A label file in UTF-8, without its byte order mark. Raises UserError, also for more than `limit` bytes."""
    return read_text(path, "a readable label file", limit).removeprefix("\ufeff")


def _head(data: bytes, lines: int) -> list[bytes]:
    """Split off the first lines; what is missing is empty."""
    parts = data.split(b"\n", lines)
    return parts + [b""] * (lines + 1 - len(parts))


def check_names(path: Path, line: int, names: list[str]) -> None:
    """Raise UserError unless `names`, found in `line`, are the 40 attributes in any order."""
    unknown = [name for name in names if name not in ATTRIBUTES]
    missing = [name for name in ATTRIBUTES if name not in names]
    if unknown or missing or len(names) != len(ATTRIBUTES):
        details = [f"{len(names)} names"]
        details += [f"unknown: {_shown(' '.join(unknown))}"] if unknown else []
        details += [f"missing: {_shown(' '.join(missing))}"] if missing else []
        expected = f"expected the {len(ATTRIBUTES)} attribute names"
        raise UserError(f"{path}, line {line}: {expected}, received {'; '.join(details)}")


def _lines(path: Path, body: bytes, first_line: int) -> list[bytes]:
    lines = body.rstrip().split(b"\n")
    if lines == [b""]:
        raise UserError(f"{path}, line {first_line}: expected rows of labels, received none")
    return lines


def checked_ids(path: Path, words: list[bytes], first_line: int) -> list[str]:
    """The ids in `words`, a line each from `first_line` on. Raises UserError.

    Ids are file names of JPEGs in ASCII, and each occurs once.
    """
    line_of: dict[str, int] = {}
    for line, word in enumerate(words, first_line):
        image = word.decode("ascii", "replace")
        if not (image.endswith(".jpg") and 4 < len(image) <= MAX_ID and image.isascii()):
            expected = "expected an image id such as 000001.jpg"
            raise UserError(f"{path}, line {line}: {expected}, received {_shown(image)}")
        if line_of.setdefault(image, line) != line:
            received = f"received {image} again (see line {line_of[image]})"
            raise UserError(f"{path}, line {line}: expected each image once, {received}")
    return list(line_of)


def _shown(word: str | bytes) -> str:
    """A word from a file as an error shows it: quoted, on one line, and never long."""
    text = word.decode("ascii", "replace") if isinstance(word, bytes) else word
    text = text.strip()
    return repr(text if len(text) <= 60 else text[:57] + "...")


READERS: dict[str, Callable[[Path], Table]] = {
    ATTRIBUTE_FILE: read_attributes,
    PARTITION_FILE: read_partition,
    IDENTITY_FILE: read_identities,
    FACTOR_FILE: read_factors,
    OWN_FILE: read_own,
}
