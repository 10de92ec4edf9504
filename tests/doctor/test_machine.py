"""Memory and TensorFlow, as this process may use them."""

from types import SimpleNamespace

import psutil
import pytest

from zpoints.doctor import machine
from zpoints.doctor.machine import check_memory, check_tensorflow

ANSWER = 'print(\'{"tensorflow": "2.21.0", "gpus": [], "auto": "bfloat16"}\')'


@pytest.fixture(autouse=True)
def container(tmp_path, monkeypatch):
    """An empty control group and no NVIDIA driver; returns the group's folder."""
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    monkeypatch.setattr(machine, "DRIVER", tmp_path / "version")
    return tmp_path


def set_available(monkeypatch, count):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=int(24e9), available=int(count)))


@pytest.mark.parametrize(("count", "state"), [(8e9, "OK"), (2.9e9, "note"), (1.4e9, "problem")])
def test_memory_against_what_stages_take(monkeypatch, count, state):
    set_available(monkeypatch, count)
    assert (check_memory().state, check_memory().numbers["available_bytes"]) == (state, count)


def test_container_limit_counts_without_its_page_cache(container, monkeypatch):
    set_available(monkeypatch, 20e9)
    for name, text in (("max", 4_000_000_000), ("current", 3_500_000_000), ("stat", "anon 1\ninactive_file 500000000")):
        (container / f"memory.{name}").write_text(f"{text}\n")
    numbers = check_memory().numbers
    assert (numbers["total_bytes"], numbers["available_bytes"]) == (4_000_000_000, 1_000_000_000)
    for limit in ("max", "99000000000"):  # none, and more than the machine has
        (container / "memory.max").write_text(f"{limit}\n")
        assert check_memory().numbers == {"total_bytes": 24_000_000_000, "available_bytes": 20_000_000_000}


def test_unused_gpu_is_a_note(container):
    assert [finding.state for finding in check_tensorflow(ANSWER)] == ["OK", "OK"]
    (container / "version").touch()
    assert "[gpu]" in check_tensorflow(ANSWER)[1].advice
    assert check_tensorflow(ANSWER.replace("[]", '["A100"]'))[1].text == "A100"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "timeout", "error"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", 600, "ended by SIGILL"),
        ("raise ImportError('no such library')", 600, "no such library"),
        ("pass", 600, "no answer"),
        ("import time; time.sleep(600)", 1, "no answer for 1 s"),
    ],
)
def test_failing_probe_is_one_problem(code, timeout, error):
    (finding,) = check_tensorflow(code, timeout)
    assert finding.state == "problem" and error in finding.text and "Traceback" not in finding.text
