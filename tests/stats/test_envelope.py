"""What a null shows as well is no finding: ranges, Monte Carlo p, and an envelope that holds for all levels at once."""

import numpy as np
import pytest

from zpoints.stats.envelope import Envelope, beside, upper_p

RNG = np.random.default_rng(0)


def test_beside_gives_mean_and_range_of_nulls():
    assert beside(5.0, [1.0, 2.0, 6.0]) == {"mu": 5.0, "null": 3.0, "null_low": 1.0, "null_high": 6.0}


def test_upper_p_counts_the_number_itself():
    assert upper_p(3.0, [1.0, 3.0, 4.0]) == 0.75 and upper_p(9.0, [1.0, 3.0, 4.0]) == 0.25


def test_envelope_keeps_its_level():
    trials = 400
    alarms, rejected = 0, 0
    for _ in range(trials):
        curves = np.cumsum(RNG.standard_normal((20, 30)), axis=1) + 100
        found = Envelope.of(curves[1:]).describe(curves[0], 0.05)
        alarms += found["outside"] > 0
        rejected += found["p"] <= 0.05
    assert alarms / trials == pytest.approx(0.05, abs=0.035) and rejected == alarms


def test_envelope_widens_with_the_nulls():
    envelope = Envelope.of(np.abs(RNG.standard_normal((39, 3)) * [0.1, 1, 10]))
    low, high = envelope.band(0.05)
    assert (np.diff(high - envelope.mean) > 0).all() and (low >= 0).all()


def test_curve_outside_at_one_point_is_seen():
    curves = RNG.standard_normal((39, 50)) + 50
    own = np.full(50, 50.0)
    assert Envelope.of(curves).describe(own, 0.05)["p"] > 0.5
    own[31] = 60
    found = Envelope.of(curves).describe(own, 0.05)
    assert found["p"] == 0.025 and found["outside"] == 0.02 and found["deviation"] > found["critical"]
