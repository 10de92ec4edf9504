"""Radii against laws that are known."""

import numpy as np
import pytest
from scipy.stats import chi

from zpoints.analysis.radius import chi_expectation, describe, histogram, radii

RNG = np.random.default_rng(0)
INTERVALS = ((12.0, 24.0), (14.0, 19.0))


def shell(radius, images=500, z_dim=32):
    points = RNG.standard_normal((images, z_dim))
    return (radius * points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_points_on_a_shell_have_its_radius():
    np.testing.assert_allclose(radii(shell(16.7), np.arange(500)), 16.7, rtol=1e-6)


def test_only_the_given_rows_are_read_also_across_chunks(monkeypatch):
    points = shell(3.0)
    points[7] = 0
    monkeypatch.setattr("zpoints.latent.store.CHUNK", 64)
    assert radii(points, np.arange(500)).min() == 0
    np.testing.assert_allclose(radii(points, np.delete(np.arange(500), 7)), 3.0, rtol=1e-6)


def test_16_75_is_the_peak_of_radii_in_the_half_open_bin_from_16_5_to_17():
    assert describe(np.array([16.5, 16.9999, 17.0]), 0.5, 70, INTERVALS)["peak"] == 16.75
    assert describe(np.array([17.0, 17.1, 16.9]), 0.5, 70, INTERVALS)["peak"] == 17.25


def test_every_radius_is_counted_and_what_lies_beyond_the_bins_is_told():
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
def test_the_chi_curve_is_the_radius_law_of_the_prior(z_dim):
    values = radii(RNG.standard_normal((20_000, z_dim)), np.arange(20_000))
    expected = chi_expectation(z_dim, 0.5, 70)
    assert expected.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(histogram(values, 0.5, 70) / 20_000, expected, atol=0.012)
    assert describe(values, 0.5, 70, INTERVALS)["mean"] == pytest.approx(chi(z_dim).mean(), rel=0.01)
