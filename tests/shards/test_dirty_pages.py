"""The system's settings for unwritten pages, in bytes."""

import pytest

from tests.machine import write_settings
from zpoints.shards.dirty_pages import MENDS, unwritten


def test_ratio_is_a_share_of_available_memory(tmp_path):
    write_settings(tmp_path)
    found = unwritten(tmp_path)
    assert found.limit == pytest.approx(0.2 * 20.48e9) and found.background == pytest.approx(0.1 * 20.48e9)
    assert found.stalls
    assert found.undo == "sudo sysctl vm.dirty_background_ratio=10 vm.dirty_ratio=20"


def test_settings_in_bytes_override_ratios(tmp_path):
    write_settings(tmp_path, dirty_bytes=50331648, dirty_ratio=0, dirty_background_bytes=16777216)
    found = unwritten(tmp_path)
    assert (found.limit, found.background, found.stalls) == (50331648, 16777216, False)
    assert found.undo == "sudo sysctl vm.dirty_background_bytes=16777216 vm.dirty_bytes=50331648"
    write_settings(tmp_path, dirty_bytes=1_000_000_000)
    assert unwritten(tmp_path).stalls


def test_background_above_the_limit_is_halved(tmp_path):
    write_settings(tmp_path, dirty_bytes=50331648)
    assert unwritten(tmp_path).background == 25165824


def test_advice_is_two_commands():
    commands = MENDS.split(" && ")
    assert commands == ["sudo sysctl vm.dirty_background_bytes=16777216", "sudo sysctl vm.dirty_bytes=50331648"]


@pytest.mark.parametrize("missing", ["meminfo", "sys/vm/dirty_ratio"])
def test_unreadable_settings_give_none(tmp_path, missing):
    write_settings(tmp_path)
    (tmp_path / missing).unlink()
    assert unwritten(tmp_path) is None
