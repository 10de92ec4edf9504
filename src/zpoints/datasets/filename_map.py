"""names.csv: what your own images were called before they were numbered 000001 ..."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

NAMES_FILE = "names.csv"


def write_names(path: Path, names: Sequence[str]) -> None:
    """Write the names of images 000001 ... in order."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image_id", "name"))
        writer.writerows((f"{number:06d}.jpg", name) for number, name in enumerate(names, 1))


def read_names(path: Path) -> dict[str, str]:
    """Names by id ("000001"); empty where there is no such file."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        rows = csv.reader(file)
        next(rows, None)
        return {row[0].removesuffix(".jpg"): row[1] for row in rows if len(row) == 2}
