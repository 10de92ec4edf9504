"""Samplers: their laws, and the same draws for every model."""

import numpy as np
import pytest

from zpoints.config.samplers import Sampling
from zpoints.errors import UserError
from zpoints.latents import fitted
from zpoints.latents.cloud import Cloud
from zpoints.latents.prior import normal, uniform
from zpoints.latents.samplers import same, samplers, title

MU = np.random.default_rng(5).standard_normal((400, 3)) @ np.array([[1, 2, 0], [0, 1, 0], [0, 0, 0.1]]) + [5, 0, -5]
MU = MU.astype(np.float32)
CLOUD = Cloud(MU, np.arange(400))
BLOCK = Sampling(images=6, uniform=(1.5, 2.0), mixture=3)


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


def test_a_shell_has_the_datas_radii_and_no_direction():
    points = fitted.shell(CLOUD, 5_000, 0).astype(np.float64)
    radii, own = np.linalg.norm(points, axis=1), np.linalg.norm(MU, axis=1)
    np.testing.assert_allclose(np.quantile(radii, [0, 0.25, 0.5, 1]), np.quantile(own, [0, 0.25, 0.5, 1]), rtol=0.02)
    np.testing.assert_allclose((points / radii[:, None]).mean(axis=0), 0, atol=0.04)


def test_a_fitted_gaussian_has_the_datas_mean_and_covariance():
    drawn = fitted.gaussian(CLOUD, 50_000, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), MU.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(MU.T), atol=0.15)


def test_a_diagonal_gaussian_has_the_datas_variances_and_no_correlation():
    found, own = np.cov(fitted.diagonal(CLOUD, 50_000, 0).T), np.cov(MU.T)
    np.testing.assert_allclose(np.diag(found), np.diag(own), rtol=0.05)
    np.testing.assert_allclose(found - np.diag(np.diag(found)), 0, atol=0.05)


def test_the_core_keeps_every_principal_axis_within_its_standard_deviations_and_every_rank():
    drawn = fitted.core(CLOUD, 5_000, 0, 1.5)
    white = (drawn - CLOUD.gaussian.mean) @ np.linalg.inv(CLOUD.gaussian.factor).T
    assert 1.45 < np.abs(white).max() <= 1.5 + 1e-3
    # The variance of a normal that is truncated to 1.5 standard deviations.
    np.testing.assert_allclose(white.var(axis=0), 1 - 2 * 1.5 * 0.12952 / 0.86639, rtol=0.05)
    np.testing.assert_array_equal(white[:100].argsort(axis=0), normal(5_000, 3, 0)[:100].argsort(axis=0))
    np.testing.assert_allclose(fitted.core(CLOUD, 50, 0, 10.0), fitted.gaussian(CLOUD, 50, 0), atol=1e-3)


def test_a_mixture_finds_clouds_that_one_gaussian_cannot():
    rng = np.random.default_rng(1)
    two = np.concatenate([rng.standard_normal((300, 2)) - [20, 0], 0.5 * rng.standard_normal((100, 2)) + [20, 7]])
    cloud = Cloud(two.astype(np.float32), np.arange(400))
    drawn = fitted.mixture(cloud, 4_000, 0, 2)
    left = drawn[:, 0] < 0
    assert left.mean() == pytest.approx(0.75, abs=0.03) and np.abs(np.abs(drawn[:, 0]) - 20).max() < 6
    np.testing.assert_allclose(drawn[~left].mean(axis=0), [20, 7], atol=0.15)
    np.testing.assert_allclose(np.cov(drawn[left].T), np.eye(2), atol=0.25)
    np.testing.assert_allclose(np.cov(drawn[~left].T), 0.25 * np.eye(2), atol=0.15)


def test_a_mixture_of_one_is_the_fitted_gaussian_in_law():
    drawn = fitted.mixture(CLOUD, 50_000, 0, 1)
    np.testing.assert_allclose(drawn.mean(axis=0), MU.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(MU.T), atol=0.15)


def test_a_mixture_of_more_than_the_points_can_hold_is_refused():
    with pytest.raises(UserError, match=r"sampling.mixture: expected at most 200, half the points, received 201"):
        fitted.mixture(CLOUD, 5, 0, 201)


def test_the_bootstrap_draws_training_points_of_the_same_images_for_every_model():
    cloud = Cloud(MU, np.arange(100, 200))
    points = fitted.bootstrap(cloud, 300, 0)
    rows = [np.flatnonzero((point == MU).all(axis=1))[0] for point in points]
    assert set(rows) <= set(range(100, 200)) and len(set(rows)) > 80
    other = fitted.bootstrap(Cloud(MU * 3 + 1, cloud.rows), 300, 0)
    np.testing.assert_allclose(other, MU[rows] * 3 + 1, rtol=1e-6)


def test_jitter_moves_the_points_by_its_share_of_the_datas_spread():
    moved = fitted.bootstrap(CLOUD, 20_000, 0, 0.2) - fitted.bootstrap(CLOUD, 20_000, 0)
    np.testing.assert_allclose(np.cov(moved.T), 0.04 * np.cov(MU.T), atol=0.01)
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.02)


def test_a_fit_sees_the_given_rows_alone_and_does_not_hang_on_chunks(monkeypatch):
    mu = np.concatenate([MU, MU + 100])
    whole = fitted.gaussian(Cloud(mu, np.arange(400)), 5, 0)
    np.testing.assert_allclose(whole, fitted.gaussian(CLOUD, 5, 0), rtol=1e-4)
    monkeypatch.setattr("zpoints.latents.store.CHUNK", 37)
    np.testing.assert_allclose(fitted.gaussian(Cloud(MU, np.arange(400)), 5, 0), whole, rtol=1e-3, atol=1e-4)


def test_an_axis_without_variance_is_kept_at_its_mean():
    flat = np.concatenate([MU, np.full((400, 1), 7.0, np.float32)], axis=1)
    cloud = Cloud(flat, np.arange(400))
    for name in ("diagonal", "gaussian", "core", "mixture_3", "bootstrap", "jitter_0.2"):
        np.testing.assert_allclose(samplers(BLOCK)[name](cloud, 50, 0)[:, 3], 7, atol=0.02, err_msg=name)


def test_the_same_seed_draws_the_same_points_and_another_seed_others():
    for name, sampler in samplers(BLOCK).items():
        points = sampler(CLOUD, 6, 0)
        assert points.shape == (6, 3) and points.dtype == np.float32, name
        np.testing.assert_array_equal(points, sampler(Cloud(MU, np.arange(400)), 6, 0), err_msg=name)
        assert (points != sampler(CLOUD, 6, 1)).any(), name


def test_samplers_that_look_at_no_data_draw_the_same_for_every_model():
    other = Cloud(MU * 3, np.arange(400))
    for name in ("normal", "uniform_1.5", "uniform_2"):
        np.testing.assert_array_equal(samplers(BLOCK)[name](CLOUD, 6, 0), samplers(BLOCK)[name](other, 6, 0))


def test_fitted_samplers_stretch_one_draw_to_each_model():
    scaled = Cloud(MU * 4, np.arange(400))
    for name in ("shell", "diagonal", "gaussian", "core", "mixture_3", "bootstrap", "jitter_0.2"):
        one, other = (samplers(BLOCK)[name](cloud, 6, 0) for cloud in (CLOUD, scaled))
        np.testing.assert_allclose(other, 4 * one, rtol=1e-2, atol=0.05, err_msg=name)


def test_fewer_points_are_the_first_of_more():
    for name, sampler in samplers(BLOCK).items():
        np.testing.assert_allclose(sampler(CLOUD, 3, 0), sampler(CLOUD, 6, 0)[:3], rtol=1e-4, atol=1e-4, err_msg=name)


def test_every_sampler_has_a_title_and_a_sentence_and_can_be_left_out():
    assert [title(name) for name in samplers(BLOCK)] == [
        *("N(0, I)", "uniform in [-1.5, 1.5]", "uniform in [-2, 2]", "shell at the radii of the z-points"),
        *("Gaussian with independent axes", "Gaussian fitted to the z-points", "core of that Gaussian"),
        *("mixture of 3 Gaussians", "z-points of training images"),
        "z-points of images, moved by 0.2 of their spread",
    ]
    assert all(same(name).endswith(".") for name in samplers(BLOCK))
    assert "training image" in same("jitter_0.2") and "z-point for" in same("uniform_2")
    few = samplers(Sampling(uniform=(), core=None, mixture=None, jitter=None))
    assert list(few) == ["normal", "shell", "diagonal", "gaussian", "bootstrap"]
