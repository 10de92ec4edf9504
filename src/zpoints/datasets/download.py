"""Fetch one large file over http(s) so that it can be cut off anywhere, at any time, and goes on from there.

What has come so far stays in NAME.part; the next attempt, or the next run, asks for the rest (a range request, held
against the file's ETag or date). A server that ignores ranges sends all of it again. The checksum has the last word.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import itertools
import json
import re
import shutil
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from zpoints.datasets.zip_writer import bound, checksum, expect_room
from zpoints.errors import UserError
from zpoints.progress import track

CHUNK_BYTES = 1 << 20
SECONDS = 60.0  # without a byte, and to connect
SLOWEST = 64 << 10  # bytes in SECONDS; a server that sends less stands still
LONGEST_BODY = 6 * 3600.0  # seconds for a body whose length is not told, which may have no end
ROOM_SHARE = 0.5  # of the free space that such a body may fill
ATTEMPTS = 5  # in a row that bring nothing new
LONGEST_WAIT = 600.0  # seconds that a server may ask us to wait
FIRST_WAIT = 1.0  # seconds after the first failure; doubled after each further one
SILENT_WAIT = 5.0  # seconds; a longer wait is told, or it would look like a hang
MEANING = {
    401: "it wants a login",
    403: "it refuses: a login, a permission or another address is needed",
    404: "it has no such file",
    410: "it has no such file any more",
    429: "too many requests",
}
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")  # OpenSSL's names for what is none
# How urllib tells of redirects that it does not follow.
CIRCLE = urllib.request.HTTPRedirectHandler.inf_msg
NO_WEB_ADDRESS = " - Redirection to url "
# What web pages say that come in the place of a file.
SIGNS = {
    "a quota page: the file has been fetched too often, try again tomorrow or another mirror": (
        "quota", "too many users", "download limit", "limit exceeded",
    ),
    "a login page: this address needs an account": ("sign in", "log in", "login", "password"),
    "a page that asks for confirmation": ("virus scan", "download anyway"),
}  # fmt: skip


class Interrupted(Exception):
    """A failure that may pass; `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class RangeRefused(Interrupted):
    """What has come is no beginning of what the server has now."""


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
    response = _open(address, headers, have)
    if response is None:
        return
    with response, contextlib.closing(_pieces(response)) as pieces:
        if response.status == 206:
            _expect_rest(response.headers, have, notes)
        else:
            have = 0  # the server knows no ranges, or the file has changed
        length = response.headers.get("Content-Length", "")
        rest = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        first = next(pieces, b"")
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
                written = _write(file, itertools.chain((first,), pieces), address, limit)
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


def _pieces(response: Any) -> Generator[bytes, None, None]:
    """The body as it comes. Raises Interrupted where it ends in an error, or all but stands still."""
    since, recent = time.monotonic(), 0
    with _Watchdog(response.connection) as watchdog:
        while True:
            try:
                piece = response.read1(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise Interrupted(_reason(TimeoutError() if watchdog.expired else error)) from error
            if not piece:
                if watchdog.expired:
                    raise Interrupted(_reason(TimeoutError()))
                return
            watchdog.feed()
            recent += len(piece)
            now = time.monotonic()
            if now - since > SECONDS:
                if recent < SLOWEST:
                    raise Interrupted(f"only {recent} bytes came in {now - since:.0f} s")
                since, recent = now, 0
            yield piece


def _open(address: str, headers: dict[str, str], have: int) -> Any:
    """Send the request; returns the response, or None where the `have` bytes that came already are all.

    Raises Interrupted for what may pass, UserError for the rest.
    """
    try:
        return _opener().open(urllib.request.Request(address, headers=headers), timeout=SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:
                if have and error.headers.get("Content-Range") == f"bytes */{have}":
                    return None
                raise RangeRefused("it has fewer bytes than came already") from error
            if error.code in (408, 425, 429) or error.code >= 500:
                message = f"it answers {error.code} ({_meaning(error)})"
                raise Interrupted(message, _retry_after(error.headers.get("Retry-After"))) from error
            if error.reason.startswith(CIRCLE):
                raise UserError(f"{address}: expected the file, received redirects in a circle, or too many") from error
            if NO_WEB_ADDRESS in error.reason:
                expected = "expected a redirect to an http(s) address"
                raise UserError(f"{address}: {expected}, received {error.url[:80]!r}") from error
            answer = f"{error.code}: {_meaning(error)}"
            raise UserError(f"{address}: expected the file, received the answer {answer}") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            detail = getattr(error.reason, "verify_message", "") or error.reason.reason or error.reason
            if detail in NO_TLS:
                detail = "an answer without TLS; an http:// address may be right"
            expected = "expected a server with a valid TLS certificate"
            raise UserError(f"{address}: {expected}, received: {detail}") from error
        if not isinstance(error.reason, OSError):  # a redirect to something that is no web address
            raise UserError(f"{address}: expected an http(s) address, received: {error.reason}") from error
        raise Interrupted(_reason(error.reason)) from error
    except (ValueError, http.client.InvalidURL) as error:
        raise UserError(f"{address}: expected an http(s) address, received: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(_reason(error)) from error


def _opener() -> urllib.request.OpenerDirector:
    """Follows ten redirects, within http and https alone; proxies as the environment says."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        _PlainHandler,
        _TlsHandler,
        _RedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener


class _Watchdog:
    """Shuts a socket down once SECONDS have passed since it was fed: a byte now and then is no answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._fed, self._over = connection, time.monotonic(), threading.Event()
        self.expired = False

    def __enter__(self) -> _Watchdog:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def feed(self) -> None:
        self._fed = time.monotonic()

    def _watch(self) -> None:
        while not self._over.wait(min(SECONDS / 4, 1.0)):
            if time.monotonic() - self._fed > SECONDS:
                self.expired = True
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not TLS's own, which would write
                return


class _Watched(http.client.HTTPConnection):
    """Waits SECONDS for the status and the headers together; the response keeps its socket, to be watched further."""

    def getresponse(self) -> http.client.HTTPResponse:
        connection = self.sock
        with _Watchdog(connection) as watchdog:
            try:
                response = super().getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise TimeoutError if watchdog.expired else error from error
            if watchdog.expired:  # headers that were cut off look like headers that ended
                response.close()
                raise TimeoutError
        response.connection = connection  # type: ignore[attr-defined]
        return response


class _TlsWatched(_Watched, http.client.HTTPSConnection):
    pass


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Watched, request)


class _TlsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_TlsWatched, request)


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    """Does not read what comes with a redirect, which may have no end."""

    def http_error_302(self, request: Any, response: Any, code: int, message: str, headers: Any) -> Any:
        response.read = lambda *_: b""
        return super().http_error_302(request, response, code, message, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:.0f} s"
    if isinstance(error, socket.gaierror):
        return f"the server's name is not known ({error.strerror})"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was cut off"
    return getattr(error, "strerror", None) or _on_one_line(str(error)) or type(error).__name__


def _meaning(error: urllib.error.HTTPError) -> str:
    return MEANING.get(error.code) or _on_one_line(error.reason)


def _on_one_line(text: str) -> str:
    """What a server says, without what would break the line or steer a terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:100]


def _retry_after(value: str | None) -> float | None:
    """Seconds, from a number of them or a date."""
    if value is None:
        return None
    if re.fullmatch("[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


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
