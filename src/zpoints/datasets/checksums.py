"""CelebA as it was published: checksums, and label files written byte for byte from whatever a mirror made of them.

A mirror that repacks (CSV, parquet) keeps the labels and loses the files. Written anew in the published layout they
have the published MD5 if and only if every value and the order of all images are right: so a repack is
verified without the original.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, Entry
from zpoints.datasets.csv_labels import SIGNS, Rows, read_rows
from zpoints.errors import UserError

IMAGES = 202_599
MD5 = {
    ARCHIVE_FILE: "00d2c5bc6d35e252742224ab0c1e8fcb",
    labels.ATTRIBUTE_FILE: "75e246fa4810816ffd6ee81facbd244c",
    labels.PARTITION_FILE: "d32c9cbf5e040fd4025c592c306e6668",
    labels.IDENTITY_FILE: "32bd1bd63d3c78cd57e08160ec5ed1e2",
}
# The images have no published digest of their own. This one, `images_md5`, was taken from JPEGs 000001 to 020000.
FIRST = 20_000
FIRST_MD5 = "f56e57bc645b7cc820d18c9623cd3a4f"


def images_md5(entries: Sequence[Entry]) -> str:
    """MD5 over id, size and CRC-32 of all images in order: the same wherever the same files are packed."""
    lines = "".join(f"{entry.id} {entry.size} {entry.crc:08x}\n" for entry in entries)
    return hashlib.md5(lines.encode(), usedforsecurity=False).hexdigest()


def first_official(entries: Sequence[Entry]) -> bool | None:
    """Whether the first 20,000 images are the published JPEGs; None where they are not all there."""
    first = entries[:FIRST]
    if len(first) < FIRST or (first[0].id, first[-1].id) != ("000001", f"{FIRST:06d}"):
        return None
    return images_md5(first) == FIRST_MD5


def read_csv(file: str, path: Path) -> labels.Table:
    """Read what a mirror made of the label file `file` as CSV, with a header that starts with image_id."""
    rows = read_rows(path)
    ids = labels.checked_ids(path, [image.encode("ascii", "replace") for image in rows.images], first_line=2)
    if file == labels.ATTRIBUTE_FILE:
        return labels.Table(ids, labels.ATTRIBUTES, _attributes(rows))
    name, high = ("partition", 2) if file == labels.PARTITION_FILE else ("identity", labels.MAX_IDENTITY)
    if len(rows.columns) != 1:
        raise UserError(f"{path}, line 1: expected image_id,{name}, received {len(rows.columns) + 1} columns")
    (column,) = rows.columns
    return labels.Table(ids, (name,), rows.whole(column, high)[:, None])


def _attributes(rows: Rows) -> np.ndarray:
    labels.check_names(rows.path, 1, list(rows.columns))
    values = np.empty((len(rows.images), len(labels.ATTRIBUTES)), dtype=np.int8)
    for place, name in enumerate(labels.ATTRIBUTES):
        column = rows.binary(name)
        if column is None:
            words = list(enumerate(rows.columns[name]))
            unknown = [row for row, word in words if word.lower() not in SIGNS]
            zeros = [row for row, word in words if word.removesuffix(".0") == "0"]  # beside -1: three levels
            raise rows.fault((unknown or zeros)[0], name, "-1 or 1")
        values[:, place] = column
    return values
