"""docs/promises.md: each promise names its tests, and these exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROMISES = re.findall(r"^- .*(?:\n  .*)*", (ROOT / "docs" / "promises.md").read_text(encoding="utf-8"), re.M)
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M)
}


@pytest.mark.parametrize("promise", PROMISES)
def test_each_promise_has_tests(promise):
    names = re.findall(r"`(test_\w+)`", promise)
    assert names and not {*names} - TESTS


def test_promises_are_found():
    assert len(PROMISES) > 20 and len(TESTS) > 500
