"""A real web server on this machine that misbehaves as it is told."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


@dataclass
class Site:
    """Files by path; `mishaps` are taken one for each request, in order, and after them all goes well.

    A mishap is ("cut", bytes), ("stall", bytes), ("drip", bytes): byte by byte from there on, ("page", html),
    ("status", code, headers), ("ranges", bytes): ignores ranges and cuts, if bytes are given, ("wrong range",),
    ("chunks", bytes): sends in chunks and cuts, if bytes are given, ("to", location): redirects, ("raw", bytes): says
    just that.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    mishaps: list[tuple] = field(default_factory=list)
    tags: bool = True  # whether an ETag is sent
    length: bool = True  # whether the length is
    date: str = ""  # Last-Modified, where it is sent
    piece: int = 1 << 20  # bytes sent at once
    pause: float = 0.0  # seconds between pieces
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range
    sent: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextlib.contextmanager
def serve(site: Site, context=None) -> Iterator[Site]:
    """Serve until the block ends; `context` is an SSL context."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                answer(site, self)

        def do_HEAD(self) -> None:
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                answer_head(site, self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        site.address = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.closing.set()
            server.shutdown()
            thread.join()


def answer(site: Site, request: BaseHTTPRequestHandler) -> None:
    asked = request.headers.get("Range")
    site.requests.append((request.path, asked))
    kind, *details = site.mishaps.pop(0) if site.mishaps else ("none",)
    if kind == "status":
        code, headers = details
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        return
    if kind == "raw":
        request.wfile.write(details[0])
        return
    if kind == "to":
        request.send_response(302)
        request.send_header("Location", details[0])
        request.end_headers()
        return
    if kind == "page":
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        request.wfile.write(details[0].encode())
        return
    data = site.files.get(unquote(request.path.partition("?")[0]))
    if data is None:
        request.send_error(404)
        return
    tag = tag_of(data)
    first = 0
    same = request.headers.get("If-Range") in (None, tag, site.date)
    if asked and same and kind != "ranges":
        first = int(asked.removeprefix("bytes=").removesuffix("-"))
        if first >= len(data):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(data)}")
            request.end_headers()
            return
        if kind == "wrong range":
            first -= 1
        request.send_response(206)
        request.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
    else:
        request.send_response(200)
    if site.tags:
        request.send_header("ETag", tag)
    if site.date:
        request.send_header("Last-Modified", site.date)
    if kind == "chunks":
        request.send_header("Transfer-Encoding", "chunked")
    elif site.length:
        request.send_header("Content-Length", str(len(data) - first))
    request.end_headers()
    if kind == "chunks":
        pieces = [data[start : start + 1000] for start in range(first, len(data), 1000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        request.wfile.write(body[: details[0]] if details else body)
        return
    body = data[first : first + details[0]] if kind in ("cut", "stall", "drip") else data[first:]
    if kind == "ranges" and details:
        body = data[: details[0]]
    for start in range(0, len(body), site.piece):
        # Counted first: who has received the last byte may look at once.
        site.sent += len(body[start : start + site.piece])
        request.wfile.write(body[start : start + site.piece])
        request.wfile.flush()
        if site.pause and site.closing.wait(site.pause):
            return
    if kind == "stall":
        site.closing.wait(30)
    for start in range(first + len(body), len(data)) if kind == "drip" else ():
        request.wfile.write(data[start : start + 1])
        if site.closing.wait(0.02):
            return


def answer_head(site: Site, request: BaseHTTPRequestHandler) -> None:
    data = site.files.get(unquote(request.path.partition("?")[0]))
    site.requests.append((f"HEAD {request.path}", None))
    request.send_response(200 if data is not None else 404)
    if data is not None:
        request.send_header("ETag", tag_of(data))
        request.send_header("Content-Length", str(len(data)))
        request.send_header("X-Repo-Commit", REVISION)
    request.end_headers()


REVISION = "0123456789abcdef0123456789abcdef01234567"


def hub_site(repository: str, files: dict[str, bytes]) -> Site:
    """A site with one data set, as the Hugging Face hub has it."""
    siblings = [{"rfilename": name, "size": len(data)} for name, data in files.items()]
    info = {"_id": "1", "id": repository, "sha": REVISION, "private": False, "disabled": False, "gated": False}
    info |= {"downloads": 0, "likes": 0, "tags": [], "siblings": siblings}
    site = Site({f"/datasets/{repository}/resolve/{REVISION}/{name}": data for name, data in files.items()})
    tree = [{"type": "file", "path": name, "size": len(data), "oid": "0" * 40} for name, data in files.items()]
    site.files[f"/api/datasets/{repository}/revision/{REVISION}"] = json.dumps(info).encode()
    site.files[f"/api/datasets/{repository}/tree/{REVISION}"] = json.dumps(tree).encode()
    return site


def tag_of(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def folder_site(folder: Path) -> Site:
    """A site with the files of a folder."""
    return Site({f"/{path.name}": path.read_bytes() for path in folder.iterdir() if path.is_file()})
