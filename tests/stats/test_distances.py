"""Distances between points."""

import numpy as np

from zpoints.stats.distances import euclidean


def test_distances_are_norms_of_differences_in_float64():
    points = np.random.default_rng(0).normal(100, 1e-3, (200, 64)).astype(np.float32)
    exact = np.linalg.norm(points[:, None].astype(np.float64) - points[:50], axis=2)
    found = euclidean(points, points[:50])
    assert found.dtype == np.float64 and np.isfinite(found).all()  # no root of what rounding leaves below 0
    np.testing.assert_allclose(found, exact, atol=1e-4)
