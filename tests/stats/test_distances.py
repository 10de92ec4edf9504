"""Distances between points."""

import numpy as np
import pytest

from zpoints.stats.distances import euclidean


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distances_are_norms_of_differences_in_float64(dtype):
    points = np.random.default_rng(0).normal(100, 1e-3, (200, 64)).astype(dtype)
    exact = np.linalg.norm(points[:, None].astype(np.float64) - points[:50], axis=2)
    # Of a point from itself rounding leaves squares below 0, which have no root.
    np.testing.assert_allclose(euclidean(points, points[:50]), exact, atol=1e-4)
