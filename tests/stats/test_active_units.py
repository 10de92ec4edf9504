"""Active units, by Burda et al.'s threshold."""

import numpy as np

from zpoints.stats.active_units import ACTIVE_VARIANCE, active_axes, count_active


def test_active_axes_vary_beyond_the_threshold():
    variance = np.array([0.0, ACTIVE_VARIANCE, 0.0101, 1.0])
    assert ACTIVE_VARIANCE == 0.01
    assert active_axes(variance).tolist() == [False, False, True, True] and count_active(variance) == 2
