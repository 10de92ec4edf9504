"""Spectra that are known, and scores that are coordinates along the principal axes."""

import numpy as np
import pytest

from zpoints.stats.pca import LEVELS, describe, principal_axes, scores
from zpoints.stats.reference_distributions import Moments, moments

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("equal", [1, 3, 20])
def test_participation_ratio_counts_equal_axes(equal):
    found = describe(np.append(np.full(equal, 0.3), np.zeros(7)))
    assert found["participation_ratio"] == pytest.approx(equal)
    assert found["first_share"] == pytest.approx(1 / equal)
    assert found["total_variance"] == pytest.approx(0.3 * equal)


def test_components_are_the_fewest_for_the_share():
    assert describe(np.full(100, 0.1))["components"] == {"0.5": 50, "0.8": 80, "0.9": 90, "0.95": 95, "0.99": 99}
    assert describe(np.array([90.0, 6.0, 4.0]))["components"] == {"0.5": 1, "0.8": 1, "0.9": 1, "0.95": 2, "0.99": 3}
    assert len(LEVELS) == 5


def test_principal_axes_are_ordered_and_signed():
    frame, _ = np.linalg.qr(RNG.standard_normal((3, 3)))
    cloud = Moments(10, np.zeros(3), frame @ np.diag([1.0, 9.0, 4.0]) @ frame.T)
    variances, axes = principal_axes(cloud)
    np.testing.assert_allclose(variances, [9, 4, 1])
    np.testing.assert_allclose(np.abs(axes.T @ frame[:, [1, 2, 0]]), np.eye(3), atol=1e-12)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(3)] > 0).all()


def test_scores_are_uncorrelated_with_the_spectrums_variances():
    points = RNG.standard_normal((3_000, 4)) @ RNG.standard_normal((4, 4)) + 50
    cloud = moments([points])
    variances, axes = principal_axes(cloud)
    found = scores(points, cloud, axes)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(found, rowvar=False), np.diag(variances[:2]), atol=1e-9)


def test_one_axis_has_no_second_score():
    cloud = moments([RNG.standard_normal((50, 1))])
    found = scores(RNG.standard_normal((5, 1)), cloud, principal_axes(cloud)[1])
    assert found.shape == (5, 2) and not found[:, 1].any()
