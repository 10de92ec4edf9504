"""Axes of clouds whose laws are known: Gaussians pass, mixtures do not; correlations and the origin are found."""

import numpy as np
import pytest
from scipy import stats

from zpoints.analyses.components.measure.marginals import (
    Normality,
    chosen,
    correlations,
    describe_correlation_spectrum,
    describe_correlations,
    describe_origin,
    histograms,
    shapes,
)
from zpoints.stats.reference_distributions import Moments, blocks, moments

RNG = np.random.default_rng(0)
ROWS = np.arange(4_000)
GAUSSIAN = (RNG.standard_normal((4_000, 12)) * np.arange(1, 13) + 5).astype(np.float32)
MIXTURE = (RNG.standard_normal((4_000, 12)) + 3 * RNG.integers(0, 2, (4_000, 1))).astype(np.float32)


def of(points):
    return moments(blocks(points, ROWS))


@pytest.mark.parametrize("chunk", [90, 8192])
def test_shapes_in_blocks_are_scipys_of_the_whole(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    points = RNG.gamma(2.0, size=(4_000, 3)).astype(np.float32) + 100
    found = shapes(blocks(points, ROWS), of(points))
    np.testing.assert_allclose(found.skewness, stats.skew(points.astype(float)), rtol=1e-6)
    np.testing.assert_allclose(found.kurtosis, stats.kurtosis(points.astype(float)), rtol=1e-6)


def test_shapes_do_not_depend_on_the_moments_they_are_taken_about():
    cloud = of(GAUSSIAN)
    off = Moments(cloud.count, cloud.mean + 0.3, 1.7 * cloud.covariance)
    one, other = shapes(blocks(GAUSSIAN, ROWS), cloud), shapes(blocks(GAUSSIAN, ROWS), off)
    np.testing.assert_allclose(one.skewness, other.skewness, atol=1e-9)
    np.testing.assert_allclose(one.kurtosis, other.kurtosis, atol=1e-9)


def test_the_worst_axis_is_told_beside_the_mean():
    points = GAUSSIAN.copy()
    points[:, 3] = -RNG.exponential(size=4_000)
    found = shapes(blocks(points, ROWS), of(points)).describe()
    assert found["skewness"]["max_abs"] == pytest.approx(2, abs=0.4)
    assert found["excess_kurtosis"]["max_abs"] == pytest.approx(6, abs=3)
    assert found["skewness"]["mean_abs"] < 0.3 and found["excess_kurtosis"]["mean"] < 1


def test_a_gaussian_passes_and_a_mixture_fails_on_every_axis():
    assert Normality.test(GAUSSIAN[:2_000]).describe(0.05)["failing"] == 0
    assert Normality.test(MIXTURE[:2_000]).describe(0.05)["failing"] == 12


def test_the_one_axis_that_is_not_normal_is_found_among_many():
    points = RNG.standard_normal((1_000, 200))
    points[:, 17] = RNG.random(1_000)
    found = Normality.test(points)
    assert np.flatnonzero(found.adjusted <= 0.05).tolist() == [17]
    assert found.describe(0.05)["failing_uncorrected"] > 1


def test_independent_axes_are_not_correlated_beyond_chance():
    alarms, sizes = 0, []
    for _ in range(200):
        cloud = moments([RNG.standard_normal((300, 10)) * np.arange(1, 11)])
        found = describe_correlations(correlations(cloud), cloud.count, 0.05)
        alarms += found["beyond_chance"] > 0
        sizes.append(found["mean_abs"])
    assert alarms <= 20, "at 5% about 10 of 200"
    assert np.mean(sizes) == pytest.approx(np.sqrt(2 / (np.pi * 300)), rel=0.05)


def test_the_share_of_correlated_pairs_is_that_of_the_planted_ones():
    points = RNG.standard_normal((4_000, 10))
    points[:, 1] += points[:, 0]
    points[:, 2] -= points[:, 0]
    found = describe_correlations(correlations(moments([points])), 4_000, 0.05)
    assert found["pairs"] == 45 and found["beyond_chance"] == pytest.approx(3 / 45)
    assert found["max_abs"] == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_the_critical_correlation_is_that_of_scipys_test():
    r = describe_correlations(np.eye(3), 50, 0.05)["critical"]
    t = r * np.sqrt(48 / (1 - r**2))
    assert 2 * stats.t.sf(t, 48) == pytest.approx(0.05, rel=1e-9)


def test_equal_axes_and_a_single_axis_are_no_fault():
    assert describe_correlations(np.ones((2, 2)), 100, 0.05)["beyond_chance"] == 1
    assert describe_correlations(np.ones((1, 1)), 100, 0.05)["beyond_chance"] is None
    assert describe_correlations(np.eye(2), 2, 0.05)["beyond_chance"] is None


def test_the_noise_edge_is_passed_by_noise_in_5_of_100_cases_and_less_often_by_its_correlations():
    above = {"covariance": [], "correlation": []}
    for _ in range(400):
        noise = moments([RNG.standard_normal((300, 40))])
        for kind, matrix in (("covariance", noise.covariance), ("correlation", correlations(noise))):
            values, found = describe_correlation_spectrum(matrix, 300)
            above[kind].append(found["above_noise_edge"] > 0)
        assert values.sum() == pytest.approx(40) and (np.diff(values) <= 0).all()
    assert np.mean(above["covariance"]) == pytest.approx(0.05, abs=0.035)
    assert np.mean(above["correlation"]) <= np.mean(above["covariance"])


def test_two_planted_factors_leave_two_eigenvalues_above_the_noise():
    points = RNG.standard_normal((2_000, 20))
    points[:, :5] += RNG.standard_normal((2_000, 1))
    points[:, 5:12] += RNG.standard_normal((2_000, 1))
    _, found = describe_correlation_spectrum(correlations(moments([points])), 2_000)
    assert found["above_noise_edge"] == 2 and found["largest"] > 3


@pytest.mark.parametrize(("shift", "inside"), [(0.0, True), (3.0, False)])
def test_the_origin_is_found_inside_and_outside_of_the_cloud(shift, inside):
    points = GAUSSIAN - 5 + shift * np.arange(1, 13, dtype=np.float32)
    found = describe_origin(blocks(points, ROWS), of(points))
    assert found["mahalanobis"] == pytest.approx(shift * np.sqrt(12), abs=0.3)
    assert found["axes"] == 12 and found["gaussian_median"] == pytest.approx(np.sqrt(12 - 0.66), abs=0.02)
    assert (found["farther"] > 0.99) == inside and (found["farther"] < 0.01) == (not inside)
    assert found["gaussian_farther"] == pytest.approx(found["farther"], abs=0.01)


def test_where_half_of_a_gaussians_points_lie_farther_out_half_do():
    points = (RNG.standard_normal((4_000, 6)) + np.sqrt(stats.chi2.median(6) / 6)).astype(np.float32)
    found = describe_origin(blocks(points, ROWS), of(points))
    assert found["farther"] == pytest.approx(0.5, abs=0.04)
    assert found["gaussian_farther"] == pytest.approx(0.5, abs=0.04)
    assert found["mahalanobis"] == pytest.approx(found["gaussian_median"], rel=0.03)


def test_a_narrow_axis_counts_for_the_origin_and_one_that_repeats_another_does_not():
    points = GAUSSIAN.copy()
    points[:, 0] *= 1e-3
    points[:, 1] = points[:, 2]
    assert describe_origin(blocks(points, ROWS), of(points))["axes"] == 11


def test_the_strongest_and_the_median_axis_are_chosen():
    assert chosen(of(GAUSSIAN)) == {"strongest": 11, "median": 5}


@pytest.mark.parametrize("chunk", [90, 8192])
def test_histograms_are_of_the_chosen_axes_in_units_of_their_spread(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    points = GAUSSIAN.copy()
    points[0, 11] = 1e4
    clean = of(GAUSSIAN)
    found = histograms(blocks(points, ROWS), clean, {"strongest": 11, "median": 5})
    assert all(found[kind].sum() == pytest.approx(1) for kind in ("strongest", "median", "normal"))
    assert found["strongest"][-1] == 1 / 4_000, "what lies beyond is counted in the last bin"
    np.testing.assert_allclose(found["median"], found["normal"], atol=0.025)
    np.testing.assert_allclose((found["median"] * found["deviation"]).sum(), 0, atol=0.03)
    lower = (clean.mean[5] - clean.std[5] <= points[:, 5]) & (points[:, 5] < clean.mean[5])
    assert found["median"][20:24].sum() == pytest.approx(lower.mean(), abs=1e-3)
