"""Bring a local copy of CelebA into the layout of data/raw: one archive, the label files, and what they are.

A copy is taken as it is found; its checksums say whether it is the published one.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from zpoints.datasets import checksums as published
from zpoints.datasets import labels
from zpoints.datasets.archive import ARCHIVE_FILE, IMAGE_FOLDER, MAX_FOLDERS, FaceArchive, contents
from zpoints.datasets.folder import expect_inside, read_image
from zpoints.datasets.zip_writer import ENTRY_BYTES, checksum, copy, expect_room, link, pack
from zpoints.errors import UserError

FILES = (labels.ATTRIBUTE_FILE, labels.PARTITION_FILE, labels.IDENTITY_FILE)
# Where CelebA's own folder, and Kaggle's, keep archive, images and labels.
ARCHIVES = (ARCHIVE_FILE, f"Img/{ARCHIVE_FILE}")
FOLDERS = (IMAGE_FOLDER, f"{IMAGE_FOLDER}/{IMAGE_FOLDER}", f"Img/{IMAGE_FOLDER}", ".")
LABEL_FOLDERS = (".", "Anno", "Eval")


@dataclass(frozen=True)
class Found:
    """A label file: its path, or its name within the archive; CSV where a mirror made it so."""

    path: Path
    member: str | None = None

    @property
    def is_csv(self) -> bool:
        return (self.member or self.path.name).lower().endswith(".csv")


def collect_celeba(source: Path, folder: Path, unpacked: bool = False, ours: bool = False) -> dict[str, Any]:
    """Bring the archive and the label files found at `source` into `folder`, which exists and is empty.

    source: img_align_celeba.zip, or the zip that Kaggle makes, with the label files in or beside it; or a folder that
        holds that file, or the folder img_align_celeba of JPEGs, or JPEGs; as CelebA's own folder (Img, Anno, Eval) or
        Kaggle's has them. Labels may be the published text files or CSV, which is written back as published.
    unpacked: take the JPEGs of a folder and pack them, though an archive be there too.
    ours: files of our own, which may be linked rather than copied.
    Returns what source.json is to say: {"source": "celeba", "images": n, "images_md5", "first_official", "files":
    {name: {"bytes", "md5", "official"}}}; it is the same for the same files, wherever they came from.
    Raises UserError for what is missing or malformed, OSError for what can't be read or written; nothing large is
    copied before all is found.
    """
    images, places = _find_images(source, unpacked)
    found = {file: place for file in FILES if (place := _find_labels(file, images, places))}
    if labels.ATTRIBUTE_FILE not in found:
        looked = " and ".join(str(place) for place in places if place.is_dir())
        raise UserError(f"{labels.ATTRIBUTE_FILE}: expected in {looked}, received no such file")
    if images.is_file():
        FaceArchive(images)
    takers = [_labels_taker(file, labelled, folder / file) for file, labelled in found.items()]
    for take in takers:
        take()
    files = _take_images(images, folder / ARCHIVE_FILE, ours)
    return describe(folder, files | {file: checksum(folder / file) for file in found})


def describe(folder: Path, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What source.json says of CelebA in `folder`, whose files have these sizes and MD5."""
    entries = FaceArchive(folder / ARCHIVE_FILE).entries
    return {
        "source": "celeba",
        "images": len(entries),
        "images_md5": published.images_md5(entries),
        "first_official": published.first_official(entries),
        "files": {file: {**facts, "official": facts["md5"] == published.MD5[file]} for file, facts in files.items()},
    }


def _find_images(source: Path, unpacked: bool) -> tuple[Path, list[Path]]:
    """The archive, or the folder of JPEGs, and the folders in which the label files may be."""
    if source.is_file():
        if unpacked:
            raise UserError(f"data.archive: expected a folder of JPEGs with data.mirror: folder, received {source}")
        above = source.absolute().parent
        return source, _label_places(above, above.parent if above.name == "Img" else above)
    if not source.is_dir():
        expected = f"expected {'a folder of JPEGs' if unpacked else f'{ARCHIVE_FILE} or a folder that holds it'}"
        raise UserError(f"data.archive: {expected}, received {source}: no such {'folder' if unpacked else 'file'}")
    places = _label_places(source, source.absolute().parent)
    for archive in () if unpacked else ARCHIVES:
        if (source / archive).is_file():
            return source / archive, places
    for name in FOLDERS:
        folder = source / name
        if folder.is_dir() and next(_jpegs(folder), None):
            return folder, places
    expected = f"{'' if unpacked else f'{ARCHIVE_FILE}, '}{IMAGE_FOLDER}/*.jpg or *.jpg in it"
    raise UserError(f"{source}: expected {expected}, received none of them")


def _label_places(*folders: Path) -> list[Path]:
    places = [folder / name for name in LABEL_FOLDERS for folder in folders]
    return list(dict.fromkeys(places))


def _find_labels(file: str, images: Path, places: list[Path]) -> Found | None:
    names = (file, f"{Path(file).stem}.csv")
    for name in names:
        for place in places:
            if (place / name).is_file():
                return Found(place / name)
    if images.is_file():
        names_within = (member.filename for member in contents(images))
        members = {name for name in names_within if name.count("/") <= MAX_FOLDERS}
        for name in names:
            for member in sorted(members):
                if member.rpartition("/")[2] == name:
                    return Found(images, member)
    return None


def _labels_taker(file: str, found: Found, target: Path) -> Callable[[], object]:
    """What puts a label file in its place, as it is, or from CSV as it was published. Raises UserError if malformed."""
    path = found.path
    if found.member:
        path = target.with_name(Path(found.member).name)
        path.write_bytes(_member(found))
    try:
        if found.is_csv:
            return partial(labels.write, target, published.read_csv(file, path))
        labels.READERS[file](path)
        return (lambda: None) if found.member else partial(copy, path, target)
    finally:
        if found.member and found.is_csv:
            path.unlink()


def _member(found: Found) -> bytes:
    """A label file out of an archive, never more than labels.MAX_BYTES."""
    assert found.member
    try:
        with zipfile.ZipFile(found.path) as archive, archive.open(found.member) as file:
            data = file.read(labels.MAX_BYTES + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise UserError(f"{found.path}: {found.member}: expected a readable label file, received: {error}") from error
    if len(data) > labels.MAX_BYTES:
        expected = f"expected a label file of at most {labels.MAX_BYTES} bytes"
        raise UserError(f"{found.path}: {found.member}: {expected}, received more")
    return data


def _take_images(images: Path, target: Path, ours: bool) -> dict[str, dict[str, Any]]:
    if images.is_file():
        return {ARCHIVE_FILE: link(images, target) if ours else copy(images, target)}
    files = sorted(_jpegs(images), key=lambda path: path.name)
    expect_room(target.parent, sum(path.stat().st_size + ENTRY_BYTES for path in files))
    pack(((path.name, read_image(path)) for path in files), target, total=len(files))
    return {ARCHIVE_FILE: checksum(target)}


def _jpegs(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as files:
        for file in files:
            if file.name.lower().endswith(".jpg") and not file.name.startswith(".") and file.is_file():
                expect_inside(Path(file), folder)
                yield folder / file.name
