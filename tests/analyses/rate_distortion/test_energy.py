"""The energy distance from N(0, I): its value, and what its test sees."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from zpoints.analyses.rate_distortion.method.energy import energy_test


def test_value_is_that_of_all_pairs():
    points = np.random.default_rng(5).normal(0.5, 2, (30, 3))
    drawn = np.random.default_rng((0,)).standard_normal(points.shape)
    across, within, others = cdist(points, drawn).mean(), cdist(points, points), cdist(drawn, drawn)
    energy = 2 * across - (within.sum() + others.sum()) / (30 * 29)
    assert energy_test(points, 19, (0,))["value"] == pytest.approx(energy / (2 * across), rel=1e-5)


@pytest.mark.parametrize(("shift", "scale"), [(0.3, 1.0), (0.0, 0.8), (0.0, 1.2)])
def test_other_laws_are_told_from_the_prior(shift, scale):
    points = np.random.default_rng(2).normal(shift, scale, (400, 16))
    found = energy_test(points, 99, (0,))
    assert found["p"] == 0.01 and found["value"] > 0


def test_far_points_are_at_the_largest_distance():
    assert 0.95 < energy_test(np.random.default_rng(0).normal(1000, 1, (50, 4)), 19, (0,))["value"] <= 1
