"""Axes of clouds whose laws are known: Gaussians pass, mixtures do not; correlations and the origin are described."""

import numpy as np
import pytest
from scipy import stats

from zpoints.analyses.components.method.marginals import (
    Normality,
    correlations,
    describe_correlation_spectrum,
    describe_correlations,
    describe_origin,
    histograms,
    plotted_axes,
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
def test_shapes_in_blocks_are_scipys(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    points = RNG.gamma(2.0, size=(4_000, 3)).astype(np.float32) + 100
    described = shapes(blocks(points, ROWS), of(points))
    np.testing.assert_allclose(described.skewness, stats.skew(points.astype(float)), rtol=1e-6)
    np.testing.assert_allclose(described.kurtosis, stats.kurtosis(points.astype(float)), rtol=1e-6)


def test_shapes_do_not_depend_on_the_centre():
    cloud = of(GAUSSIAN)
    off = Moments(cloud.count, cloud.mean + 0.3, 1.7 * cloud.covariance)
    about_mean, about_other = shapes(blocks(GAUSSIAN, ROWS), cloud), shapes(blocks(GAUSSIAN, ROWS), off)
    np.testing.assert_allclose(about_mean.skewness, about_other.skewness, atol=1e-9)
    np.testing.assert_allclose(about_mean.kurtosis, about_other.kurtosis, atol=1e-9)


def test_worst_axis_stands_beside_the_mean():
    points = GAUSSIAN.copy()
    points[:, 3] = -RNG.exponential(size=4_000)
    described = shapes(blocks(points, ROWS), of(points)).describe()
    assert described["skewness"]["max_abs"] == pytest.approx(2, abs=0.4)
    assert described["excess_kurtosis"]["max_abs"] == pytest.approx(6, abs=3)
    assert described["skewness"]["mean_abs"] < 0.3 and described["excess_kurtosis"]["mean"] < 1


def test_gaussian_passes_and_mixture_fails():
    assert Normality.test(GAUSSIAN[:2_000]).describe(0.05)["failing"] == 0
    assert Normality.test(MIXTURE[:2_000]).describe(0.05)["failing"] == 12


def test_axis_that_is_not_normal_is_found():
    points = RNG.standard_normal((1_000, 200))
    points[:, 17] = RNG.random(1_000)
    described = Normality.test(points)
    assert np.flatnonzero(described.adjusted <= 0.05).tolist() == [17]
    assert described.describe(0.05)["failing_uncorrected"] > 1


def test_independent_axes_are_not_correlated_beyond_chance():
    alarms, sizes = 0, []
    for _ in range(200):
        cloud = moments([RNG.standard_normal((300, 10)) * np.arange(1, 11)])
        described = describe_correlations(correlations(cloud), cloud.count, 0.05)
        alarms += described["beyond_chance"] > 0
        sizes.append(described["mean_abs"])
    assert alarms <= 20, "at 5% about 10 of 200"
    assert np.mean(sizes) == pytest.approx(np.sqrt(2 / (np.pi * 300)), rel=0.05)


def test_share_of_correlated_pairs_is_the_planted_one():
    points = RNG.standard_normal((4_000, 10))
    points[:, 1] += points[:, 0]
    points[:, 2] -= points[:, 0]
    described = describe_correlations(correlations(moments([points])), 4_000, 0.05)
    assert described["pairs"] == 45 and described["beyond_chance"] == pytest.approx(3 / 45)
    assert described["max_abs"] == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_critical_correlation_is_scipys():
    r = describe_correlations(np.eye(3), 50, 0.05)["critical"]
    t = r * np.sqrt(48 / (1 - r**2))
    assert 2 * stats.t.sf(t, 48) == pytest.approx(0.05, rel=1e-9)


def test_equal_axes_and_single_axis_are_described():
    assert describe_correlations(np.ones((2, 2)), 100, 0.05)["beyond_chance"] == 1
    assert describe_correlations(np.ones((1, 1)), 100, 0.05)["beyond_chance"] is None
    assert describe_correlations(np.eye(2), 2, 0.05)["beyond_chance"] is None


@pytest.mark.slow
def test_noise_passes_the_edge_in_5_of_100_cases():
    above = {"covariance": [], "correlation": []}
    for _ in range(400):
        noise = moments([RNG.standard_normal((300, 40))])
        for kind, matrix in (("covariance", noise.covariance), ("correlation", correlations(noise))):
            values, described = describe_correlation_spectrum(matrix, 300)
            above[kind].append(described["above_noise_edge"] > 0)
        assert values.sum() == pytest.approx(40) and (np.diff(values) <= 0).all()
    assert np.mean(above["covariance"]) == pytest.approx(0.05, abs=0.035)
    assert np.mean(above["correlation"]) <= np.mean(above["covariance"])


def test_two_factors_leave_two_eigenvalues_above_noise():
    points = RNG.standard_normal((2_000, 20))
    points[:, :5] += RNG.standard_normal((2_000, 1))
    points[:, 5:12] += RNG.standard_normal((2_000, 1))
    _, described = describe_correlation_spectrum(correlations(moments([points])), 2_000)
    assert described["above_noise_edge"] == 2 and described["largest"] > 3


@pytest.mark.parametrize(("shift", "inside"), [(0.0, True), (3.0, False)])
def test_origin_is_found_inside_and_outside(shift, inside):
    points = GAUSSIAN - 5 + shift * np.arange(1, 13, dtype=np.float32)
    described = describe_origin(blocks(points, ROWS), of(points))
    assert described["mahalanobis"] == pytest.approx(shift * np.sqrt(12), abs=0.3)
    assert described["axes"] == 12 and described["gaussian_median"] == pytest.approx(np.sqrt(12 - 0.66), abs=0.02)
    assert (described["farther"] > 0.99) == inside and (described["farther"] < 0.01) == (not inside)
    assert described["gaussian_farther"] == pytest.approx(described["farther"], abs=0.01)


def test_median_distance_leaves_half_of_the_points_outside():
    points = (RNG.standard_normal((4_000, 6)) + np.sqrt(stats.chi2.median(6) / 6)).astype(np.float32)
    described = describe_origin(blocks(points, ROWS), of(points))
    assert described["farther"] == pytest.approx(0.5, abs=0.04)
    assert described["gaussian_farther"] == pytest.approx(0.5, abs=0.04)
    assert described["mahalanobis"] == pytest.approx(described["gaussian_median"], rel=0.03)


def test_repeated_axis_does_not_count_for_the_origin():
    points = GAUSSIAN.copy()
    points[:, 0] *= 1e-3
    points[:, 1] = points[:, 2]
    assert describe_origin(blocks(points, ROWS), of(points))["axes"] == 11


def test_strongest_and_median_axis_are_plotted():
    assert plotted_axes(of(GAUSSIAN)) == {"strongest": 11, "median": 5}


@pytest.mark.parametrize("chunk", [90, 8192])
def test_histograms_are_in_units_of_the_spread(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    points = GAUSSIAN.copy()
    points[0, 11] = 1e4
    clean = of(GAUSSIAN)
    described = histograms(blocks(points, ROWS), clean, {"strongest": 11, "median": 5})
    assert all(described[kind].sum() == pytest.approx(1) for kind in ("strongest", "median", "normal"))
    assert described["strongest"][-1] == 1 / 4_000, "what lies beyond is counted in the last bin"
    np.testing.assert_allclose(described["median"], described["normal"], atol=0.025)
    np.testing.assert_allclose((described["median"] * described["deviation"]).sum(), 0, atol=0.03)
    lower = (clean.mean[5] - clean.std[5] <= points[:, 5]) & (points[:, 5] < clean.mean[5])
    assert described["median"][20:24].sum() == pytest.approx(lower.mean(), abs=1e-3)
