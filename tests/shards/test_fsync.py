import contextlib
import errno
import os

import pytest

from tests.machine import write_settings
from zpoints.shards import dirty_pages as writeback
from zpoints.shards import fsync as flushing
from zpoints.shards.fsync import Flusher


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The system's settings as files that a test may write: of 20 GB available, a fifth may wait unwritten."""
    proc = tmp_path / "proc"
    monkeypatch.setattr(writeback, "PROC", proc)
    return write_settings(proc)


@pytest.fixture
def synced(monkeypatch):
    """How many files have been flushed; a flush takes ten seconds by the clock."""
    calls, clock = [], iter(range(0, 10000, 10))
    monkeypatch.setattr(flushing.os, "fsync", calls.append)
    monkeypatch.setattr(flushing.time, "perf_counter", lambda: float(next(clock)))
    return calls


@pytest.mark.parametrize("full", [False, True])
def test_every_file_that_is_flushed_is_closed_on_a_full_disk_too(tmp_path, monkeypatch, full):
    opened, closed, close = [], [], os.close

    def sync(handle):
        opened.append(handle)
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(flushing.os, "fsync", sync)
    monkeypatch.setattr(flushing.os, "close", lambda handle: (closed.append(handle), close(handle)))
    with pytest.raises(OSError, match="No space") if full else contextlib.nullcontext():
        flushed(tmp_path / "one", flushing.WINDOW_BYTES)
    assert len(opened) == 1 and closed == opened


def flushed(path, count):
    path.write_bytes(b"")
    flusher = Flusher()
    flusher.wrote(path, count)
    return flusher


def test_files_are_flushed_once_a_window_has_been_written(tmp_path, synced):
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_bytes(b"")
    flusher = Flusher()
    for _ in range(3):
        flusher.wrote(paths[0], flushing.WINDOW_BYTES // 4)
    assert len(synced) == 0
    flusher.wrote(paths[1], flushing.WINDOW_BYTES // 4)
    assert len(synced) == 2
    flusher.wrote(paths[1], flushing.WINDOW_BYTES // 2)
    assert len(synced) == 2


def test_a_slow_disk_with_much_unwritten_is_told_in_one_line_with_what_mends_it(tmp_path, settings, synced):
    hint = flushed(tmp_path / "file", 300_000_000).hint(tmp_path)
    assert hint.startswith(f"{tmp_path}: this disk took 30 MB/s, and the system lets 4.1 GB wait for it unwritten")
    assert hint.endswith("sudo sysctl vm.dirty_background_bytes=16777216 && sudo sysctl vm.dirty_bytes=50331648")
    assert "\n" not in hint


def test_a_fast_disk_is_not_mentioned(tmp_path, settings, synced):
    assert flushed(tmp_path / "file", 700_000_000).hint(tmp_path) is None


def test_a_disk_that_took_little_is_not_judged(tmp_path, settings, synced):
    assert flushed(tmp_path / "file", 200_000_000).hint(tmp_path) is None


def test_bounded_settings_are_not_mentioned(tmp_path, settings, synced):
    (settings / "dirty_bytes").write_text("50331648\n")
    assert flushed(tmp_path / "file", 300_000_000).hint(tmp_path) is None


def test_a_system_that_does_not_tell_gets_no_hint(tmp_path, settings, synced):
    (settings / "dirty_bytes").unlink()
    assert flushed(tmp_path / "file", 300_000_000).hint(tmp_path) is None
