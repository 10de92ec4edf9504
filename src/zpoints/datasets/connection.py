"""One answer of a web server: redirects within http and https alone, and no server that all but stands still.

What may pass is Interrupted, and worth another attempt; the rest is a UserError.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from zpoints.errors import UserError

CHUNK_BYTES = 1 << 20
SECONDS = 60.0  # without a byte, and to connect
SLOWEST = 64 << 10  # bytes in SECONDS; a server that sends less stands still
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


class Interrupted(Exception):
    """A failure that may pass; `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class RangeRefused(Interrupted):
    """What has come is no beginning of what the server has now."""


def open_address(address: str, headers: dict[str, str], have: int) -> Any:
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


def pieces(response: Any) -> Generator[bytes, None, None]:
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
