"""Intervals hold the truth, and tests keep their level, on laws that they must survive."""

import pytest

from benchmarks.calibration import CHECKS

SIMULATIONS = 200


@pytest.mark.slow
@pytest.mark.parametrize(("name", "law"), [(name, law) for name, check in CHECKS.items() for law in check.promised])
def test_promise_is_kept(name, law):
    check = CHECKS[name]
    rate = check.rate(law, SIMULATIONS)
    assert check.holds(rate, SIMULATIONS), f"{check.title} on {law}: {rate:.3f}"
