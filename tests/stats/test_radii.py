"""Radii against laws that are known."""

import numpy as np
import pytest
from scipy.stats import chi

from zpoints.stats.radii import (
    chi_expectation,
    compare,
    describe,
    describe_chi,
    gaussian_radii,
    histogram,
    peak_interval,
    radii,
)
from zpoints.stats.reference_distributions import Gaussian, moments

RNG = np.random.default_rng(0)
INTERVALS = ((12.0, 24.0), (14.0, 19.0))


def shell(radius, images=500, z_dim=32):
    points = RNG.standard_normal((images, z_dim))
    return (radius * points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_points_on_a_shell_have_its_radius():
    np.testing.assert_allclose(radii(shell(16.7), np.arange(500)), 16.7, rtol=1e-6)


def test_only_the_given_rows_are_read(monkeypatch):
    points = shell(3.0)
    points[7] = 0
    monkeypatch.setattr("zpoints.latents.store.CHUNK", 64)
    assert radii(points, np.arange(500)).min() == 0
    np.testing.assert_allclose(radii(points, np.delete(np.arange(500), 7)), 3.0, rtol=1e-6)


def test_peak_is_the_centre_of_a_bin():
    assert describe(np.array([16.5, 16.9999, 17.0]), 0.5, 70, INTERVALS)["peak"] == 16.75
    assert describe(np.array([17.0, 17.1, 16.9]), 0.5, 70, INTERVALS)["peak"] == 17.25


def test_every_radius_is_counted():
    values = np.array([0.0, 0.49, 0.5, 34.99, 35.0, 80.2])
    counts = histogram(values, 0.5, 70)
    assert counts.sum() == len(values) and counts[:2].tolist() == [2, 1] and counts[160] == 1
    law = describe(values, 0.5, 70, INTERVALS)
    assert law["overflow"] == 2 and law["images"] == 6
    assert len(histogram(values[:3], 0.5, 70)) == 70


def test_an_outlier_does_not_ask_for_memory():
    assert len(histogram(np.array([1.0, 1e12]), 0.5, 70)) <= 10_000
    assert describe(np.array([1e12]), 0.5, 70, INTERVALS)["peak"] is None


def test_shares_are_of_half_open_intervals():
    law = describe(np.array([11.9, 12.0, 14.0, 18.9, 19.0, 24.0]), 0.5, 70, INTERVALS)
    assert law["share"] == {"12 to 24": pytest.approx(4 / 6), "14 to 19": pytest.approx(2 / 6)}


@pytest.mark.parametrize("z_dim", [2, 64, 256])
def test_chi_curve_is_the_priors_radius_law(z_dim):
    values = radii(RNG.standard_normal((20_000, z_dim)), np.arange(20_000))
    expected = chi_expectation(z_dim, 0.5, 70)
    assert expected.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(histogram(values, 0.5, 70) / 20_000, expected, atol=0.012)
    assert describe(values, 0.5, 70, INTERVALS)["mean"] == pytest.approx(chi(z_dim).mean(), rel=0.01)


def test_the_interval_of_a_share_is_wilsons():
    law = describe(np.array([13.0] * 30 + [50.0] * 70), 0.5, 70, INTERVALS)
    assert law["share_interval"]["12 to 24"]["low"] == pytest.approx(0.2189, abs=1e-4)
    assert law["share_interval"]["12 to 24"]["high"] == pytest.approx(0.3958, abs=1e-4)


def test_fullest_bin_interval_is_of_resampled_radii():
    values = np.concatenate([np.full(100, 16.6), np.full(90, 17.1), np.full(10, 40.0)])
    found = peak_interval(values, 0.5, 70, 500, (0,))
    assert found == {"low": 16.75, "high": 17.25}
    assert peak_interval(np.concatenate([values, np.full(900, 16.6)]), 0.5, 70, 500, (0,))["high"] == 16.75
    assert peak_interval(np.array([1e12]), 0.5, 70, 100, (0,)) is None


@pytest.mark.parametrize("rank", [5, 2])
def test_gaussian_radii_follow_those_of_its_points(rank):
    """Also with fewer varying axes than axes, and a mean that points out of their plane."""
    factor = RNG.standard_normal((5, rank)) @ RNG.standard_normal((rank, 5))
    points = RNG.standard_normal((20_000, 5)) @ factor + [4, 0, -3, 1, 2]
    like = Gaussian.like(moments([points]))
    found = compare(gaussian_radii(like, 20_000, (1,)), radii(like.sample(20_000, (2,)), np.arange(20_000)), 200, (3,))
    assert found["kolmogorov_smirnov"] < 1.3 * found["kolmogorov_smirnov_chance"]
    assert found["wasserstein"] < 1.3 * found["wasserstein_chance"]


def test_gaussian_is_within_chance_a_shell_is_not():
    cloud = (RNG.standard_normal((4000, 16)) * np.linspace(0.2, 2, 16) + 0.5).astype(np.float32)
    for points, near in ((cloud, True), (shell(5.0, 4000, 16), False)):
        own = radii(points, np.arange(4000))
        found = compare(own, gaussian_radii(Gaussian.like(moments([points])), 20_000, (0,)), 200, (1,))
        assert (found["kolmogorov_smirnov"] < found["kolmogorov_smirnov_chance"]) == near
        assert (found["wasserstein"] < found["wasserstein_chance"]) == near


@pytest.mark.slow
def test_chance_is_exceeded_at_its_level():
    null = gaussian_radii(Gaussian(np.ones(8), np.eye(8)), 5000, (0,))
    draws = [gaussian_radii(Gaussian(np.ones(8), np.eye(8)), 500, (1, k)) for k in range(40)]
    all_found = [compare(one, null, 60, (9,)) for one in draws]
    fewer = compare(draws[0][:100], null, 60, (9,))
    for key in ("kolmogorov_smirnov", "wasserstein"):
        assert sum(found[key] > found[f"{key}_chance"] for found in all_found) <= 7
        assert all_found[0][f"{key}_chance"] < 0.7 * fewer[f"{key}_chance"]
        assert np.mean([found[key] / found[f"{key}_chance"] for found in all_found]) > 0.3


def test_moved_by_one_the_wasserstein_distance_is_one():
    values = np.linspace(10, 20, 1000)
    found = compare(values + 1, values, 50, (0,))
    assert found["wasserstein"] == pytest.approx(1, rel=1e-6)
    assert found["kolmogorov_smirnov"] == pytest.approx(0.1, abs=0.002)


def test_points_of_the_prior_follow_chi():
    values = {"prior": radii(RNG.standard_normal((5000, 64)), np.arange(5000)), "other": np.full(5000, 3.0)}
    found = describe_chi(64, values)
    assert found["peak"] == pytest.approx(np.sqrt(63)) and found["mean"] == pytest.approx(7.97, abs=0.01)
    assert found["kolmogorov_smirnov"]["prior"] < 0.025 and found["kolmogorov_smirnov"]["other"] > 0.99
