"""What stands in the place of a number is shown, or refused in a line that names it."""

import pytest

from zpoints.errors import UserError
from zpoints.report.metrics import Metric

PEAK = Metric("peak", "mu.peak", "peak", "one", "Of the radii.")
SHARES = Metric("share", "share.*", "share", "percent", "Of the points.")


def test_numbers_are_given_by_column():
    numbers = {"mu": {"peak": 3}, "share": {"0 to 1": 0.5, "1 to 2": None}}
    assert PEAK.values(numbers) | SHARES.values(numbers) == {"peak": 3, "share_0_to_1": 0.5}
    assert PEAK.values({}) == SHARES.values({}) == {}


@pytest.mark.parametrize("value", ["high", True, [1], {"a": 1}])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(UserError, match=r"mu\.peak: expected a number, received "):
        PEAK.values({"mu": {"peak": value}})
    with pytest.raises(UserError, match=r"share\.\*: expected a number, received "):
        SHARES.values({"share": {"0 to 1": value}})


def test_a_list_is_no_mapping_of_numbers():
    with pytest.raises(UserError, match=r"share\.\*: expected a mapping, received \[0\.5\]"):
        SHARES.values({"share": [0.5]})
