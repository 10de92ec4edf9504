"""Fetching a file from a server that does its worst ends with the same bytes, or in one clear line."""

import contextlib
import hashlib
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from tests.datasets.site import Site, serve, tag_of
from zpoints.datasets import connection
from zpoints.datasets import download as web
from zpoints.datasets import zip_writer as packing
from zpoints.datasets.download import fetch
from zpoints.errors import UserError

DATA = np.random.default_rng(0).bytes(300_000)
OTHER = np.random.default_rng(1).bytes(300_000)
MD5 = hashlib.md5(DATA).hexdigest()
QUOTA = (
    "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head><body>Sorry, you can't view or "
    "download this file at this time. Too many users have viewed or downloaded this file recently.</body></html>"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(web, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(connection, "SECONDS", 30.0)
    for module in (web, connection):
        monkeypatch.setattr(module, "CHUNK_BYTES", 20_000)


@pytest.fixture
def very_impatient(monkeypatch):
    """With servers that stand still; a busy machine may take a moment to answer."""
    monkeypatch.setattr(connection, "SECONDS", 1.0)


@pytest.fixture
def site():
    with serve(Site({"/faces.zip": DATA})) as running:
        yield running


@pytest.fixture
def target(tmp_path):
    (tmp_path / "store").mkdir()
    return tmp_path / "store" / "faces.zip"


def assert_whole(target, facts):
    assert target.read_bytes() == DATA
    assert facts == {"bytes": len(DATA), "md5": MD5}
    assert [path.name for path in target.parent.iterdir()] == ["faces.zip"], "nothing is left behind"


def ranges(site):
    return [asked for _, asked in site.requests]


def fail(site, target, expected, md5=MD5):
    with pytest.raises(UserError) as error:
        fetch(f"{site.address}/faces.zip", target, md5)
    assert str(error.value).startswith(f"{site.address}/faces.zip: expected ")
    assert expected in str(error.value) and ", received" in str(error.value)
    assert "\n" not in str(error.value)
    assert not target.exists()


def test_a_file_is_fetched_once_and_then_taken_as_it_is(site, target):
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert len(site.requests) == 1


def test_a_file_that_is_there_with_another_checksum_is_fetched_anew(site, target):
    target.write_bytes(OTHER)
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


@pytest.mark.parametrize("tags", [True, False])
def test_a_connection_cut_in_the_middle_goes_on_by_range_requests(site, target, tags):
    site.tags = tags
    site.mishaps = [("cut", 100_000), ("cut", 50_000), ("cut", 1)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert ranges(site) == [None, "bytes=100000-", "bytes=150000-", "bytes=150001-"]
    assert site.sent == len(DATA), "no byte is sent twice"


@pytest.mark.parametrize("bytes_of_it", [100_000, len(DATA) - 1])
def test_where_no_tag_is_sent_the_date_says_that_it_is_the_same_file(site, target, bytes_of_it):
    site.tags, site.date = False, "Wed, 21 Oct 2015 07:28:00 GMT"
    site.mishaps = [("cut", bytes_of_it)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))
    assert ranges(site) == [None, f"bytes={bytes_of_it}-"]


def test_a_weak_tag_is_no_validator(target):
    """A server may send other bytes under the same weak tag."""
    for tag, validator in (('"a"', '"a"'), ('W/"a"', "yesterday")):
        web._write_notes(target, "http://a", {"ETag": tag, "Last-Modified": "yesterday"}, 1)
        assert web._read_notes(target, "http://a")["validator"] == validator


@pytest.mark.parametrize("notes", [b"", b"{", b"[]", b"7", b"{}", b"\xff", b'{"validator": "x"}', b'{"address": 1}'])
def test_what_was_kept_and_can_not_be_read_is_not_relied_on(site, target, notes):
    target.with_name("faces.zip.part").write_bytes(OTHER[:1000])
    target.with_name("faces.zip.part.json").write_bytes(notes)
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))
    assert ranges(site) == [None]


def test_a_proxy_is_used_as_the_environment_says(site, target, monkeypatch):
    monkeypatch.setenv("http_proxy", site.address)
    monkeypatch.setenv("no_proxy", "")
    site.files["http://faces.invalid/faces.zip"] = DATA
    assert_whole(target, fetch("http://faces.invalid/faces.zip", target, MD5))


def test_without_checksum_and_tag_nothing_says_that_the_rest_is_of_the_same_file(site, target):
    site.tags = False
    site.mishaps = [("cut", 100_000)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))
    assert ranges(site) == [None, None]


def test_more_cuts_than_attempts_do_no_harm_as_long_as_something_comes(site, target):
    site.mishaps = [("cut", 10_000)] * 12
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(site, target):
    site.mishaps = [("cut", 100_000)] + [("status", 503, {})] * web.ATTEMPTS
    fail(site, target, "received 100000 bytes and then 5 times: it answers 503 (Service Unavailable)")
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert ranges(site)[-1] == "bytes=100000-"


def test_a_server_that_ignores_ranges_sends_all_of_it_again(site, target):
    site.mishaps = [("cut", 100_000), ("ranges",)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


def test_a_server_that_always_cuts_and_ignores_ranges_ends_in_an_error(site, target):
    site.mishaps = [("ranges", 100_000)] * 100
    fail(site, target, "received 100000 bytes and then 5 times: the connection was cut off after 100000 of 300000")
    assert len(site.requests) == 1 + web.ATTEMPTS


@pytest.mark.parametrize("md5", [MD5, None])
def test_another_range_than_asked_for_is_not_put_together(site, target, md5):
    site.mishaps = [("cut", 100_000), ("wrong range",)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, md5))


@pytest.mark.parametrize("code", [206, 416])
def test_a_range_that_nobody_asked_for_is_not_taken_and_ends_in_an_error(site, target, code):
    site.mishaps = [("status", code, {})]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    target.unlink()
    site.mishaps = [("status", code, {})] * 100
    fail(site, target, "received 5 times a range refused")


@pytest.mark.parametrize("md5", [MD5, None])
def test_a_file_sent_in_chunks_that_is_cut_off_goes_on(site, target, md5):
    site.mishaps = [("chunks", 100_300), ("chunks", 101), ("chunks",)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, md5))
    assert [asked is None for asked in ranges(site)] == [True, False, False]


def test_what_goes_on_like_a_web_page_is_no_web_page(site, target):
    site.files["/faces.zip"] = data = DATA[:100_000] + b"<html>" + DATA[100_006:]
    site.mishaps = [("cut", 100_000)]
    fetch(f"{site.address}/faces.zip", target, None)
    assert target.read_bytes() == data


def test_what_comes_is_flushed_to_the_disk_in_windows(site, target, monkeypatch):
    flushed = []
    monkeypatch.setattr(packing, "FLUSH_BYTES", 100_000)
    monkeypatch.setattr(packing.os, "fsync", flushed.append)
    fetch(f"{site.address}/faces.zip", target, MD5)
    assert len(flushed) in (2, 3)


@pytest.mark.parametrize("md5", [MD5, None])
def test_a_file_that_changed_between_two_connections_is_fetched_anew_at_once(site, target, md5):
    site.files["/faces.zip"] = OTHER
    site.mishaps = [("cut", 100_000)] + [("status", 500, {})] * web.ATTEMPTS
    fail(site, target, "run it again")
    site.files["/faces.zip"] = DATA
    before = len(site.requests)
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, md5))
    assert ranges(site)[before:] == ["bytes=100000-"], "the server sees that it is another file, and sends all of it"


def test_halves_of_two_files_are_noticed_by_the_checksum_and_fetched_anew(site, target):
    site.tags = False
    site.files["/faces.zip"] = OTHER
    site.mishaps = [("cut", 100_000)] + [("status", 500, {})] * web.ATTEMPTS
    fail(site, target, "run it again")
    site.files["/faces.zip"] = DATA
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert ranges(site)[-2:] == ["bytes=100000-", None]


def test_halves_of_two_files_in_one_run_are_fetched_anew_too(site, target, monkeypatch):
    site.tags = False
    site.files["/faces.zip"] = OTHER
    site.mishaps = [("cut", 100_000)]
    monkeypatch.setattr(web.time, "sleep", lambda _: site.files.update({"/faces.zip": DATA}))
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert ranges(site) == [None, "bytes=100000-", None]


@pytest.mark.parametrize("md5", [MD5, None])
def test_the_beginning_of_a_longer_file_is_thrown_away(site, target, md5):
    part = target.with_name("faces.zip.part")
    part.write_bytes(OTHER + OTHER)
    web._write_notes(part, f"{site.address}/faces.zip", {"ETag": tag_of(DATA)}, len(DATA))
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, md5))


def test_a_run_killed_between_the_last_byte_and_the_name_is_ended(site, target):
    part = target.with_name("faces.zip.part")
    part.write_bytes(DATA)
    web._write_notes(part, f"{site.address}/faces.zip", {"ETag": tag_of(DATA)}, len(DATA))
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert site.sent == 0


def test_what_came_from_another_address_is_not_continued(site, target):
    site.files["/other.zip"] = OTHER
    site.mishaps = [("cut", 100_000)] + [("status", 500, {})] * web.ATTEMPTS
    with pytest.raises(UserError):
        fetch(f"{site.address}/other.zip", target, None)
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))


def test_a_length_that_is_not_told_is_no_fault(site, target):
    site.length = False
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


def test_a_wrong_checksum_names_both_and_leaves_nothing(site, target):
    site.files["/faces.zip"] = OTHER
    fail(site, target, f"a file with MD5 {MD5}, received 300000 bytes with MD5 {hashlib.md5(OTHER).hexdigest()}")
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize(
    ("page", "named"),
    [
        (QUOTA, "a quota page: the file has been fetched too often, try again tomorrow or another mirror"),
        (
            "<html><title>Sign in - Accounts</title>",
            "a login page: this address needs an account ('Sign in",
        ),
        ("  <!doctype html>\n<title>Can't scan for a virus scan</title>", "a page that asks for confirmation"),
        ("<html><body>Hello</body></html>", "a web page"),
    ],
)
def test_a_page_in_the_place_of_the_file_is_named_as_what_it_is(site, target, page, named):
    site.mishaps = [("page", page)]
    fail(site, target, f"received {named}")


def test_a_page_that_comes_later_does_not_spoil_what_has_come(site, target):
    site.mishaps = [("cut", 100_000), ("page", QUOTA)]
    fail(site, target, "quota page: the file has been fetched too often")
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert ranges(site)[-1] == "bytes=100000-"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_told_at_once(site, target, code):
    site.mishaps = [("status", code, {})]
    fail(site, target, f"received the answer {code}: it ")
    assert len(site.requests) == 1


def test_a_redirect_is_followed_and_a_circle_of_them_is_not(site, target):
    site.mishaps = [("to", "/faces.zip")]
    assert_whole(target, fetch(f"{site.address}/elsewhere.zip", target, MD5))
    target.unlink()
    site.mishaps = [("to", "/faces.zip")] * 30
    fail(site, target, "received redirects in a circle, or too many")
    site.mishaps = [("to", f"/{number}.zip") for number in range(30)]
    fail(site, target, "received redirects in a circle, or too many")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("ftp://127.0.0.1/faces.zip", "expected an http(s) address, received: unknown url type: ftp"),
        ("file:///etc/passwd", "expected a redirect to an http(s) address, received 'file:///etc/passwd'"),
    ],
)
def test_a_redirect_leads_to_web_addresses_alone(site, target, place, expected):
    site.mishaps = [("to", place)] * 10
    fail(site, target, expected)
    assert len(site.requests) == 1


@pytest.mark.parametrize("code", [300, 304, 451, 302])
def test_an_answer_that_is_neither_the_file_nor_a_redirect_is_told_as_it_is(site, target, code):
    site.mishaps = [("status", code, {})]
    fail(site, target, f"expected the file, received the answer {code}: ")


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_for_again(site, target, code):
    site.mishaps = [("status", code, {})] * 3
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


@pytest.mark.parametrize(
    "address", ["http://[::1/a.zip", "http://127.0.0.1:x/a.zip", "http://127.0.0.1/\u00fc.zip", "http://a..b/c"]
)
def test_an_address_that_is_none_is_told_at_once(target, monkeypatch, address):
    monkeypatch.setattr(web.time, "sleep", lambda _: pytest.fail("waited"))
    with pytest.raises(UserError, match=r"expected an http\(s\) address, received: "):
        fetch(address, target, None)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 500 \x1b[31m\x85no\r\n\r\n", b""])
def test_what_a_server_says_stays_on_one_line(site, target, answer):
    site.mishaps = [("raw", answer)] * 10
    with pytest.raises(UserError) as error:
        fetch(f"{site.address}/faces.zip", target, MD5)
    assert str(error.value).isprintable() and "5 times: " in str(error.value)


@pytest.mark.parametrize("number", ["\u00b2", "9" * 5000, "-1", ""])
def test_numbers_that_are_none_are_passed_over(site, target, number):
    head = f"Content-Length: {number}\r\n".encode("latin-1")
    site.mishaps = [("raw", b"HTTP/1.1 429 no\r\nRetry-After: \xb2\r\n\r\n")]
    site.mishaps += [("raw", b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + DATA)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))


@pytest.mark.parametrize("date", [False, True])
def test_too_many_requests_wait_as_long_as_the_server_asks(site, target, monkeypatch, date):
    waits = []
    monkeypatch.setattr(web.time, "sleep", waits.append)
    after = format_datetime(datetime.now(UTC) + timedelta(seconds=7), usegmt=True) if date else "7"
    site.mishaps = [("status", 429, {"Retry-After": after})]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert len(waits) == 1 and 5 < waits[0] <= 7


def test_a_long_wait_is_told_and_a_short_one_is_not(site, target, monkeypatch, capsys):
    monkeypatch.setattr(web.time, "sleep", lambda _: None)
    site.mishaps = [("status", 429, {"Retry-After": "6"}), ("status", 429, {"Retry-After": "5"})]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    told = [line for line in capsys.readouterr().err.splitlines() if "asking again" in line]
    assert told == [f"{site.address}/faces.zip: it answers 429 (too many requests); asking again in 6 s"]


def test_a_wait_that_is_too_long_is_told_and_not_waited_for(site, target):
    site.mishaps = [("status", 429, {"Retry-After": "86400"})]
    with pytest.raises(UserError, match=r"it answers 429 \(too many requests\); it asks to wait 86400 s: run it again"):
        fetch(f"{site.address}/faces.zip", target, MD5)


def test_waits_grow_after_each_failure(site, target, monkeypatch):
    waits = []
    monkeypatch.setattr(web.time, "sleep", waits.append)
    monkeypatch.setattr(web, "FIRST_WAIT", 1.0)
    site.mishaps = [("status", 502, {})] * web.ATTEMPTS
    fail(site, target, "5 times: it answers 502")
    assert waits == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.slow
def test_a_server_that_stops_sending_is_left_and_asked_again(site, target, very_impatient):
    site.mishaps = [("stall", 100_000), ("stall", 1000)]
    start = time.monotonic()
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert time.monotonic() - start < 29
    assert ranges(site)[1:] == ["bytes=100000-", "bytes=101000-"]


@pytest.mark.slow
def test_a_server_that_drips_is_as_good_as_one_that_stands_still(site, target, monkeypatch, very_impatient):
    site.piece, site.pause = 100, 0.05
    monkeypatch.setattr(web, "ATTEMPTS", 1)
    original = web.time.sleep

    def stop(seconds):
        site.pause = 0.0
        original(seconds)

    monkeypatch.setattr(web.time, "sleep", stop)
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert len(site.requests) == 2 and site.requests[1][1] is not None


@pytest.mark.slow
def test_a_server_that_begins_to_drip_later_is_noticed_too(site, target, very_impatient):
    site.mishaps = [("drip", 100_000)]
    start = time.monotonic()
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert time.monotonic() - start < 29
    assert len(site.requests) == 2 and site.requests[1][1] is not None


def test_no_server_at_all_is_one_clear_line(target):
    with serve(Site()) as gone:
        pass
    fail(gone, target, "Connection refused")


def test_a_server_whose_name_is_not_known_is_told(target, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(connection.socket, "getaddrinfo", unknown)
    fail(Site(address="http://faces.invalid"), target, "the server's name is not known (Name or service not known)")


def test_a_server_that_speaks_no_tls_is_named(site, target):
    site.address = site.address.replace("http:", "https:")
    fail(site, target, "expected a server with a valid TLS certificate, received: an answer without TLS")


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_nobody_knows_is_refused(tmp_path, target):
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    subprocess.run([*command, "-days", "1", "-subj", "/CN=127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve(Site({"/faces.zip": DATA}), context) as site:
        fail(site, target, "a valid TLS certificate, received: self-signed certificate")


def test_too_little_room_is_told_before_anything_is_written(site, target, monkeypatch):
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(UserError, match=r"store: expected room for 0\.000 GB, received 0\.000 GB free"):
        fetch(f"{site.address}/faces.zip", target, MD5)
    assert not target.with_name("faces.zip.part").exists()


def test_a_full_disk_is_one_clear_line_and_what_came_is_kept(site, target):
    code = (
        "import resource, sys, signal; from pathlib import Path; from zpoints.datasets.download import fetch;"
        "from zpoints.errors import UserError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"try: fetch('{site.address}/faces.zip', Path({str(target)!r}), {MD5!r})\n"
        "except UserError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert "faces.zip.part: expected to write the download here, received: File too large; run it again" in done.stdout
    assert "Traceback" not in done.stderr
    assert 0 < target.with_name("faces.zip.part").stat().st_size <= 100_000
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100_000
    assert site.requests[-1][1] is not None, "it went on"


@pytest.mark.parametrize(
    "changed",
    [{"ETag": '"other"'}, {"ETag": 'W/"other"'}, {"Content-Range": "bytes 100000-299999/300001"}],
    ids=["tag", "weak tag", "total"],
)
def test_a_rest_of_another_file_is_not_put_together(site, target, changed):
    headers = {"Content-Range": "bytes 100000-299999/300000", "ETag": tag_of(DATA)} | changed
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    answer = f"HTTP/1.1 206 Partial Content\r\nContent-Length: 200000\r\n{head}\r\n".encode() + OTHER[100_000:]
    site.mishaps = [("cut", 100_000), ("raw", answer)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))
    assert ranges(site) == [None, "bytes=100000-", None]


def test_a_rest_with_another_date_is_not_put_together(site, target):
    site.tags, site.date = False, "Wed, 21 Oct 2015 07:28:00 GMT"
    head = "Content-Range: bytes 100000-299999/300000\r\nLast-Modified: Thu, 22 Oct 2015 07:28:00 GMT\r\n"
    answer = f"HTTP/1.1 206 Partial Content\r\nContent-Length: 200000\r\n{head}\r\n".encode() + OTHER[100_000:]
    site.mishaps = [("cut", 100_000), ("raw", answer)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, None))


def test_a_body_without_length_and_end_stops_at_half_the_free_space(site, target, monkeypatch):
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 400_000}))
    site.length = False
    fail(site, target, "half the free space, within 21600 s, received 0.000 GB in 0 s without end")
    assert not list(target.parent.glob("*.part"))


def test_a_body_without_length_and_end_stops_after_a_time(site, target, monkeypatch):
    monkeypatch.setattr(web, "LONGEST_BODY", 0.3)
    site.length, site.piece, site.pause = False, 30_000, 0.1
    fail(site, target, "within 0 s, received 0.000 GB in 0 s without end")


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "rest"),
    [
        (HEAD, b"X-Slow: 1\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"Content-Length: 300000\r\n\r\n", b""),
        (CHUNKED, b"0"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"X-Trailer: 1\r\n"),
        (b"HTTP/1.1 302 Found\r\nLocation: /nowhere\r\n\r\n", b"x"),
    ],
    ids=["headers", "continue", "nothing", "chunk size", "trailer", "redirect"],
)
def test_a_server_without_end_is_left_after_a_time(target, monkeypatch, very_impatient, start, rest):
    monkeypatch.setattr(web, "ATTEMPTS", 1)
    over = threading.Event()

    def answer(listener):
        while not over.is_set():
            with contextlib.suppress(OSError):
                connection = listener.accept()[0]
                with connection:
                    connection.recv(1000)
                    connection.sendall(start)
                    while not over.wait(0.01):
                        connection.sendall(rest)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        begin = time.monotonic()
        try:
            with pytest.raises(UserError) as error:
                fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/faces.zip", target, None)
        finally:
            over.set()
            thread.join()
    assert time.monotonic() - begin < 29
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 429 no\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 -" + b"9" * 30 + b"\r\n\r\n",
        b"HTTP/1.1 503 no\r\nRetry-After: Mon, 01 Jan 0001 00:00:00 +2300\r\n\r\n",
        b"HTTP/1.1 503 no\r\nRetry-After: " + b"9" * 6000 + b"\r\n\r\n",
        b"HTTP/1.1 416 no\r\nContent-Range: bytes */0\r\n\r\n",
        b"HTTP/1.1 206 yes\r\nContent-Range: bytes 0-1/2\r\n\r\nab",
        b"HTTP/1.1 206 yes\r\nContent-Range: bytes " + b"9" * 6000 + b"-1/2\r\n\r\nab",
    ],
    ids=["zone", "year", "seconds", "416", "206", "digits"],
)
def test_an_answer_that_makes_no_sense_is_one_clear_line(site, target, answer):
    site.mishaps = [("raw", answer)]
    assert_whole(target, fetch(f"{site.address}/faces.zip", target, MD5))
    target.unlink()
    site.mishaps = [("raw", answer)] * 10
    with pytest.raises(UserError) as error:
        fetch(f"{site.address}/faces.zip", target, MD5)
    assert str(error.value).startswith(f"{site.address}/faces.zip: expected ") and str(error.value).isprintable()
