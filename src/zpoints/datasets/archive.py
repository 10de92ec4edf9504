"""Read images out of a zip archive without unpacking it; what an archive says of itself is not trusted."""

from __future__ import annotations

import itertools
import struct
import zlib
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from zpoints.errors import UserError
from zpoints.files import refuse_irregular

ARCHIVE_FILE = "img_align_celeba.zip"  # its name in data/raw
IMAGE_FOLDER = "img_align_celeba"  # the folder within it
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_ENTRY_BYTES = 64 << 20  # an aligned face has about 10 KB
MAX_ID = 60  # characters
MAX_FOLDERS = 2  # that an image may lie in: some mirrors put img_align_celeba/ into img_align_celeba/
# What zipfile raises for archives that someone has damaged on purpose (NotImplementedError is a RuntimeError).
BROKEN = (BadZipFile, ValueError, EOFError, RuntimeError, OverflowError, IndexError, struct.error, zlib.error)


class Entry(NamedTuple):
    """One image of an archive: its id ("000001"), its name, its size in bytes and its CRC-32."""

    id: str
    name: str
    size: int
    crc: int


class BadEntry(ValueError):
    """The bytes of one entry can't be read; the message is a short reason."""


class FaceArchive:
    """The images of a zip, sorted by id: the name without folder and suffix.

    entries: every JPEG, PNG and WebP file at the top or at most two folders deep.  ignored: number of other files.
    Raises UserError for a file that is missing, no zip, truncated, or that holds encrypted images, names that lead
    out of a folder, two images of one id, or none.
    """

    def __init__(self, path: Path) -> None:
        members = contents(path)
        everywhere = images_of(path, members)
        images = [member for member in everywhere if member.filename.count("/") <= MAX_FOLDERS]
        self.entries = sorted(Entry(_id(path, m.filename), m.filename, m.file_size, m.CRC) for m in images)
        self.ignored = len(others(members)) + len(everywhere) - len(images)
        if not images:
            nested = next((member.filename for member in members if member.filename.lower().endswith(".zip")), None)
            received = f"{nested[:80]} alone: take it out of this archive first" if nested else "none"
            raise UserError(f"{path}: expected *.jpg files at the top or at most two folders deep, received {received}")
        for entry, following in itertools.pairwise(self.entries):
            if entry.id == following.id:
                raise UserError(f"{path}: expected each image once, received {entry.name} and {following.name}")


def read_entry(archive: ZipFile, name: str) -> bytes:
    """Read one entry, never more than MAX_ENTRY_BYTES. Raises BadEntry for damaged bytes."""
    member = archive.getinfo(name)
    if max(member.file_size, member.compress_size) > MAX_ENTRY_BYTES:
        received = max(member.file_size, member.compress_size)
        raise BadEntry(f"expected at most {MAX_ENTRY_BYTES} bytes, received {received}")
    try:
        with archive.open(member) as file:
            data = file.read(member.file_size)  # with a size: however much a forged entry would swell to
    except BROKEN as error:
        raise BadEntry(f"damaged or truncated archive ({error or type(error).__name__})") from error
    if len(data) != member.file_size:
        raise BadEntry(f"expected {member.file_size} bytes, received {len(data)} (damaged archive)")
    return data


def open_archive(path: Path) -> ZipFile:
    """Open a zip. Raises UserError for what is missing, no zip, or truncated."""
    refuse_irregular(path, "a readable zip archive")
    try:
        return ZipFile(path)
    except OSError as error:
        raise UserError(f"{path}: expected a readable zip archive, received: {error.strerror or error}") from error
    except BROKEN as error:
        raise UserError(f"{path}: expected a whole zip archive, received {_look(path)}") from error


def contents(path: Path) -> list[ZipInfo]:
    """All members of a zip. Raises UserError for what `open_archive` refuses, and for two files of one name."""
    with open_archive(path) as archive:
        members = archive.infolist()
    size = path.stat().st_size
    if not all(0 <= member.header_offset < size for member in members):
        raise UserError(f"{path}: expected a whole zip archive, received one that is truncated or damaged")
    seen: set[str] = set()
    for member in members:
        if member.filename in seen:
            raise UserError(f"{path}: expected each name once, received {member.filename[:80]!r} again")
        seen.add(member.filename)
    return members


def images_of(path: Path, members: list[ZipInfo]) -> list[ZipInfo]:
    """Those of `members`, in their order, that are named as images and not hidden.

    Raises UserError for images that lead out of a folder, are encrypted, or compressed in an unusual way.
    """
    for member in members:
        name = member.filename
        if name.lower().endswith(SUFFIXES) and _leads_out(name):
            raise UserError(f"{path}: expected names within the archive, received {name[:80]!r}")
    images = [member for member in members if is_image(member.filename)]
    for member in images:
        if member.flag_bits & 1:
            raise UserError(f"{path}: expected an archive without a password, received an encrypted {member.filename}")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            received = f"compression method {member.compress_type} for {member.filename}"
            raise UserError(f"{path}: expected entries stored or deflated, received {received}")
    return images


def others(members: list[ZipInfo]) -> list[str]:
    """Names of the files among `members` that are neither named as images nor hidden."""
    names = (member.filename for member in members if not member.is_dir())
    return [name for name in names if not is_image(name) and not is_hidden(name)]


def is_image(name: str) -> bool:
    """Whether a file is named as an image is, and not hidden as macOS's own files are."""
    return name.lower().endswith(SUFFIXES) and not is_hidden(name)


def is_hidden(name: str) -> bool:
    """Whether a file or a folder above it begins with a dot, or is what macOS adds to archives."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/") if part != "..")


def has_image_bytes(start: bytes) -> bool:
    """Whether a file that begins so is a JPEG, PNG or WebP image."""
    return start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (start[:4], start[8:12]) == (b"RIFF", b"WEBP")


def _id(path: Path, name: str) -> str:
    file = name.rpartition("/")[2]
    image = file.rpartition(".")[0]
    if not (file.isascii() and file.isprintable()) or len(image) > MAX_ID:
        raise UserError(f"{path}: expected names such as 000001.jpg, received {name[:80]!r}")
    return image


def _leads_out(name: str) -> bool:
    """Whether a program that unpacks would write elsewhere; this one never does, but such an archive is no one's."""
    return name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in name.split("/")


def _look(path: Path) -> str:
    """What a file that is no zip seems to be."""
    with path.open("rb") as file:
        start = file.read(512).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "one that is truncated or no zip" if start else "an empty file"
