"""Samplers: their laws, and the same draws for every model."""

import numpy as np
import pytest

from zpoints.params.sampling import Sampling
from zpoints.sampling.gaussian import FittedGaussian
from zpoints.sampling.prior import normal, uniform
from zpoints.sampling.registry import samplers, title

MU = np.random.default_rng(5).standard_normal((400, 3)) @ np.array([[1, 2, 0], [0, 1, 0], [0, 0, 0.1]]) + [5, 0, -5]


def test_the_prior_has_the_radius_of_the_posts_dimension():
    radius = np.linalg.norm(normal(4_000, 256, 0), axis=1)
    assert radius.mean() == pytest.approx(15.98, abs=0.05) and radius.std() == pytest.approx(0.70, abs=0.03)


@pytest.mark.parametrize("bound", [2.0, 10.0])
def test_a_uniform_cube_has_the_radius_b_times_the_root_of_a_third_of_z_dim(bound):
    points = uniform(4_000, 256, 0, bound)
    assert np.abs(points).max() <= bound
    radius = np.linalg.norm(points, axis=1)
    assert radius.mean() == pytest.approx(bound * np.sqrt(256 / 3), rel=0.01)
    assert radius.std() == pytest.approx(0.258 * bound, rel=0.05)


def test_a_fitted_gaussian_has_the_datas_mean_and_covariance():
    rows = np.arange(len(MU))
    drawn = FittedGaussian.fit(MU, rows).sample(200_000, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), MU.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(MU.T), atol=0.08)


def test_a_fit_sees_the_given_rows_alone_and_does_not_hang_on_chunks(monkeypatch):
    mu = np.concatenate([MU, MU + 100])
    whole = FittedGaussian.fit(mu, np.arange(400)).sample(5, 0)
    np.testing.assert_allclose(whole, FittedGaussian.fit(MU, np.arange(400)).sample(5, 0), rtol=1e-5)
    monkeypatch.setattr("zpoints.latent.store.CHUNK", 37)
    np.testing.assert_allclose(FittedGaussian.fit(MU, np.arange(400)).sample(5, 0), whole, rtol=1e-3, atol=1e-4)


def test_an_axis_without_variance_is_kept_at_its_mean():
    flat = np.concatenate([MU, np.full((400, 1), 7.0)], axis=1)
    np.testing.assert_allclose(FittedGaussian.fit(flat, np.arange(400)).sample(50, 0)[:, 3], 7, atol=1e-4)


def test_the_same_seed_draws_the_same_points_for_every_model_and_another_seed_others():
    block = Sampling(images=6, uniform=(2.0, 10.0))
    other = MU * 3
    for name, sampler in samplers(block).items():
        rows = np.arange(len(MU))
        points = sampler(MU, rows, 6, 0)
        assert points.shape == (6, 3) and points.dtype == np.float32
        assert (points != sampler(MU, rows, 6, 1)).any()
        if name != "gaussian":
            np.testing.assert_array_equal(points, sampler(other, rows, 6, 0))


def test_fewer_points_are_the_first_of_more():
    block = Sampling(images=6, uniform=(2.0,))
    for sampler in samplers(block).values():
        rows = np.arange(len(MU))
        np.testing.assert_allclose(sampler(MU, rows, 3, 0), sampler(MU, rows, 6, 0)[:3], rtol=1e-5)


def test_every_sampler_has_a_title():
    assert [title(name) for name in samplers(Sampling(uniform=(1.5, 2.0)))] == [
        *("N(0, I)", "uniform in [-1.5, 1.5]", "uniform in [-2, 2]", "Gaussian fitted to the z-points")
    ]
