"""DCI: 1 for axes that each hold a factor, low once they are turned."""

import numpy as np
import pytest

from zpoints.analyses.attributes.method.disentanglement import dci, describe, importances, rotated

RNG = np.random.default_rng(0)
FACTORS = RNG.random((2000, 6))
ALIGNED = np.hstack([FACTORS[:, ::-1] * [1, 9, 1, 1, 0.1, 1], RNG.standard_normal((2000, 2))]) - 4


def test_aligned_axes_are_disentangled():
    found = describe(ALIGNED, FACTORS * 100, 0)
    for name in ("disentanglement", "completeness"):
        assert found[name]["value"] > 0.99
        assert found[name]["null"] <= found[name]["null_most"] < 0.7
    turned = describe(rotated(ALIGNED / ALIGNED.std(axis=0), (7, 7)), FACTORS, 0)
    assert turned["disentanglement"]["value"] < 0.6


def test_two_axes_of_one_factor():
    weights = np.array([[1.0, 0], [1, 0], [0, 2]])
    disentanglement, completeness = dci(weights)
    assert disentanglement == pytest.approx(1)
    # the first factor's entropy is ln 2 of ln 3, the other's 0; both have the same weight
    assert completeness == pytest.approx(1 - 0.5 * np.log(2) / np.log(3))


def test_two_factors_on_one_axis():
    disentanglement, completeness = dci(np.array([[1.0, 1.0], [0, 0]]))
    assert (disentanglement, completeness) == (pytest.approx(0), pytest.approx(1))


def test_important_axes_count_more():
    assert dci(np.array([[3.0, 0], [0.5, 0.5]]))[0] == pytest.approx(0.75)


def test_nothing_that_matters_has_no_score():
    assert dci(np.array([[1.0, 0], [0, 1], [0, 0]])) == (1, 1)
    assert dci(np.zeros((3, 2))) is None and dci(np.ones((3, 1))) is None
    assert describe(ALIGNED, FACTORS[:, :1], 0) is None and describe(ALIGNED, FACTORS[:, :0], 0) is None
    assert importances(ALIGNED, RNG.standard_normal((2000, 3))).max() < 0.05


def test_rotation_keeps_the_cloud():
    turned = rotated(ALIGNED, (1, 2))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(ALIGNED, axis=1))
    assert np.abs(turned - ALIGNED).max() > 1
    np.testing.assert_array_equal(turned, rotated(ALIGNED, (1, 2)))
    assert (rotated(ALIGNED, (1, 3)) != turned).any()
