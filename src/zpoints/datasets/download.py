"""Fetch one large file over http(s) so that it can be cut off anywhere, at any time, and goes on from there.

What has come so far stays in NAME.part; the next attempt, or the next run, asks for the rest (a range request, held
against the file's ETag or date). A server that ignores ranges sends all of it again. The checksum has the last word.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from zpoints.datasets.connection import CHUNK_BYTES, Interrupted, RangeRefused, open_address, pieces
from zpoints.datasets.zip_writer import bound, checksum, expect_room
from zpoints.errors import UserError
from zpoints.progress import track

LONGEST_BODY = 6 * 3600.0  # seconds for a body whose length is not told, which may have no end
ROOM_SHARE = 0.5  # of the free space that such a body may fill
ATTEMPTS = 5  # in a row that bring nothing new
LONGEST_WAIT = 600.0  # seconds that a server may ask us to wait
FIRST_WAIT = 1.0  # seconds after the first failure; doubled after each further one
SILENT_WAIT = 5.0  # seconds; a longer wait is told, or it would look like a hang
# What web pages say that come in the place of a file.
SIGNS = {
    "a quota page: the file has been fetched too often, try again tomorrow or another mirror": (
        "quota", "too many users", "download limit", "limit exceeded",
    ),
    "a login page: this address needs an account": ("sign in", "log in", "login", "password"),
    "a page that asks for confirmation": ("virus scan", "download anyway"),
}  # fmt: skip


def fetch(address: str, target: Path, md5: str | None) -> dict[str, Any]:
    """Fetch `address` into the file `target`, or go on where an earlier call stopped; its folder exists.

    md5: what the file must have, lower-case hexadecimal; None takes what comes.
    Returns {"bytes", "md5"}. Raises UserError for what waiting does not mend, and after ATTEMPTS in vain; what has
    come by then stays for the next call.
    """
    if target.exists():
        facts = checksum(target)
        if md5 in (None, facts["md5"]):
            return facts
        target.unlink()
    part = target.with_name(f"{target.name}.part")
    while True:
        continued = _complete(address, part, md5 is not None)
        facts = checksum(part)
        if md5 in (None, facts["md5"]):
            part.replace(target)
            _notes(part).unlink(missing_ok=True)
            return facts
        part.unlink()
        _notes(part).unlink(missing_ok=True)
        if not continued:  # else the two halves may be of different files: once more, from the start
            expected = f"{address}: expected a file with MD5 {md5}"
            raise UserError(f"{expected}, received {facts['bytes']} bytes with MD5 {facts['md5']}")


def _complete(address: str, part: Path, checked: bool) -> bool:
    """Fetch until `part` is whole; returns whether it was begun in an earlier connection."""
    most = _size(part)
    continued, failures = most > 0, 0
    while True:
        try:
            _receive(address, part, checked)
            return continued
        except RangeRefused:
            part.unlink(missing_ok=True)  # none, where a range comes that nobody asked for
            most, failures = 0, failures + 1
            if failures >= ATTEMPTS:
                raise UserError(f"{address}: expected the file, received {ATTEMPTS} times a range refused") from None
        except Interrupted as reason:
            failures = 0 if _size(part) > most else failures + 1
            most = max(most, _size(part))
            continued = continued or most > 0
            if failures >= ATTEMPTS:
                had = f"received {most} bytes and then {ATTEMPTS} times: {reason}; run it again to go on from there"
                raise UserError(f"{address}: expected the whole file, {had}") from reason
            wait = FIRST_WAIT * 2**failures if reason.wait is None else reason.wait
            if wait > LONGEST_WAIT:
                raise UserError(f"{address}: {reason}; it asks to wait {wait:.0f} s: run it again then") from reason
            if wait > SILENT_WAIT:
                print(f"{address}: {reason}; asking again in {wait:.0f} s", file=sys.stderr, flush=True)
            time.sleep(wait)


def _receive(address: str, part: Path, checked: bool) -> None:
    """One connection: append what comes to `part`. Raises Interrupted, UserError."""
    headers = {"User-Agent": "zpoints", "Accept-Encoding": "identity"}
    have, notes = _size(part), _read_notes(part, address)
    if have and notes is not None and (notes["validator"] or checked):
        headers["Range"] = f"bytes={have}-"
        if notes["validator"]:
            headers["If-Range"] = notes["validator"]
    else:
        have = 0  # nothing says that the rest would be of the same file
    response = open_address(address, headers, have)
    if response is None:
        return
    with response, contextlib.closing(pieces(response)) as body:
        if response.status == 206:
            _expect_rest(response.headers, have, notes)
        else:
            have = 0  # the server knows no ranges, or the file has changed
        length = response.headers.get("Content-Length", "")
        rest = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        first = next(body, b"")
        if not have and first.lstrip()[:64].lower().startswith((b"<!doctype html", b"<html")):
            raise UserError(f"{address}: expected the file, received {_describe_page(first)}")
        try:
            if rest:
                expect_room(part.parent, rest)
            if not have:
                _write_notes(part, address, response.headers, rest)
            limit = int(shutil.disk_usage(part.parent).free * ROOM_SHARE) if rest is None else None
            with part.open("r+b" if have else "wb") as file:
                file.seek(have)
                total = None if rest is None else -(-rest // CHUNK_BYTES)
                label = f"fetching {part.name.removesuffix('.part')} (MiB)"
                written = _write(file, itertools.chain((first,), body), address, limit)
                try:
                    received = max(track(written, total, label))
                except UserError:  # a body without end is no beginning of anything
                    part.unlink()
                    raise
        except OSError as error:
            expected = f"{error.filename or part}: expected to write the download here"
            raise UserError(f"{expected}, received: {error.strerror or error}; run it again to go on") from error
    if rest is not None and received < rest:
        raise Interrupted(f"the connection was cut off after {have + received} of {have + rest} bytes")


def _write(file: BinaryIO, pieces: Iterable[bytes], address: str, limit: int | None) -> Iterator[int]:
    """Write all pieces; yields the number of bytes so far, after each megabyte and at the end.

    limit: of bytes where the length of the body is not told, else None. Raises UserError for more, and for a body
    that takes longer than LONGEST_BODY then.
    """
    received, told, unwritten, start = 0, 0, 0, time.monotonic()
    for piece in pieces:
        received += len(piece)
        if limit is not None and (received > limit or time.monotonic() - start > LONGEST_BODY):
            seconds = time.monotonic() - start
            bounds = f"of at most {limit / 1e9:.3f} GB, half the free space, within {LONGEST_BODY:.0f} s"
            raise UserError(
                f"{address}: expected a file {bounds}, received {received / 1e9:.3f} GB in {seconds:.0f} s without end"
            )
        file.write(piece)
        unwritten = bound(file, unwritten + len(piece))
        if received - told >= CHUNK_BYTES:
            told = received
            yield received
    yield received


def _describe_page(page: bytes) -> str:
    """What a web page is, in a few words, with its title."""
    text = page.decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
    named = f" ({' '.join(title[1].split())[:80]!r})" if title else ""
    for sign, words in SIGNS.items():
        if any(word in text.lower() for word in words):
            return f"{sign}{named}"
    return f"a web page{named}"


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _notes(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _write_notes(part: Path, address: str, headers: Any, total: int | None) -> None:
    """Keep what says that a later answer is of the same file: its ETag and date, and its length, as far as told.

    The validator, which the server is asked to compare, is a strong ETag, else the date, else nothing.
    """
    tag, date = headers.get("ETag", ""), headers.get("Last-Modified", "")
    validator = tag if tag and not tag.startswith("W/") else date
    notes = {"address": crc32(address.encode()), "validator": validator, "tag": tag, "date": date, "total": total}
    _notes(part).write_text(json.dumps(notes), encoding="utf-8")


def _read_notes(part: Path, address: str) -> dict[str, Any] | None:
    """What was kept for this address; None where nothing was begun, or it can't be read."""
    try:
        notes = json.loads(_notes(part).read_text(encoding="utf-8"))
        texts = [notes[key] for key in ("validator", "tag", "date")]
        fits = notes["address"] == crc32(address.encode()) and all(isinstance(text, str) for text in texts)
        return notes if fits and isinstance(notes["total"], int | None) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _expect_rest(headers: Any, have: int, notes: dict[str, Any] | None) -> None:
    """Raise RangeRefused unless an answer to a range request is the rest of the file that was begun."""
    asked = re.fullmatch(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", headers.get("Content-Range", ""))
    if not asked or int(asked[1]) != have or not have:
        raise RangeRefused("it sends another range than asked for")
    for key, value in (("tag", headers.get("ETag")), ("date", headers.get("Last-Modified"))):
        if notes and notes[key] and value and value != notes[key]:
            raise RangeRefused("the file has changed meanwhile")
    if notes and notes["total"] is not None and asked[2] != "*" and int(asked[2]) != notes["total"]:
        raise RangeRefused("the file has another length by now")
