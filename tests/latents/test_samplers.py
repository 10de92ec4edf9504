"""Samplers: their laws, and the same draws for every model."""

import numpy as np
import pytest

from zpoints.config.samplers import Samplers
from zpoints.latents import fitted
from zpoints.latents.cloud import Cloud
from zpoints.latents.prior import normal, uniform
from zpoints.latents.samplers import samplers
from zpoints.measurement import NotMeasurable

MU = np.random.default_rng(5).standard_normal((400, 3)) @ np.array([[1, 2, 0], [0, 1, 0], [0, 0, 0.1]]) + [5, 0, -5]
MU = MU.astype(np.float32)
CLOUD = Cloud(MU, np.arange(400))
BLOCK = Samplers(uniform=(1.5, 2.0), mixture=3)


def test_prior_has_the_expected_radius():
    radius = np.linalg.norm(normal(4_000, 256, 0), axis=1)
    assert radius.mean() == pytest.approx(15.98, abs=0.05) and radius.std() == pytest.approx(0.70, abs=0.03)


@pytest.mark.parametrize("bound", [2.0, 10.0])
def test_uniform_cube_has_the_expected_radius(bound):
    points = uniform(4_000, 256, 0, bound)
    assert np.abs(points).max() <= bound
    radius = np.linalg.norm(points, axis=1)
    assert radius.mean() == pytest.approx(bound * np.sqrt(256 / 3), rel=0.01)
    assert radius.std() == pytest.approx(0.258 * bound, rel=0.05)


def test_shell_has_radii_of_the_data():
    points = fitted.shell(CLOUD, 5_000, 0).astype(np.float64)
    radii, own = np.linalg.norm(points, axis=1), np.linalg.norm(MU, axis=1)
    np.testing.assert_allclose(np.quantile(radii, [0, 0.25, 0.5, 1]), np.quantile(own, [0, 0.25, 0.5, 1]), rtol=0.02)
    np.testing.assert_allclose((points / radii[:, None]).mean(axis=0), 0, atol=0.04)


def test_gaussian_has_mean_and_covariance():
    drawn = fitted.gaussian(CLOUD, 50_000, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), MU.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(MU.T), atol=0.15)


def test_diagonal_gaussian_has_no_correlation():
    found, own = np.cov(fitted.diagonal(CLOUD, 50_000, 0).T), np.cov(MU.T)
    np.testing.assert_allclose(np.diag(found), np.diag(own), rtol=0.05)
    np.testing.assert_allclose(found - np.diag(np.diag(found)), 0, atol=0.05)


def test_core_truncates_and_keeps_ranks():
    drawn = fitted.core(CLOUD, 5_000, 0, 1.5)
    white = (drawn - CLOUD.gaussian.mean) @ np.linalg.inv(CLOUD.gaussian.factor).T
    assert 1.45 < np.abs(white).max() <= 1.5 + 1e-3
    # The variance of a normal that is truncated to 1.5 standard deviations.
    np.testing.assert_allclose(white.var(axis=0), 1 - 2 * 1.5 * 0.12952 / 0.86639, rtol=0.05)
    np.testing.assert_array_equal(white[:100].argsort(axis=0), normal(5_000, 3, 0)[:100].argsort(axis=0))
    np.testing.assert_allclose(fitted.core(CLOUD, 50, 0, 10.0), fitted.gaussian(CLOUD, 50, 0), atol=1e-3)


def test_null_samplers_draw_from_what_is_not_kept_out():
    mu = np.concatenate([MU, [[5_000, 0, 0]]]).astype(np.float32)
    cloud = Cloud(mu, np.arange(401), kept_out=np.array([400]))
    for sampler in (fitted.elliptical, fitted.permuted):
        with_it = sampler(Cloud(mu, np.arange(401)), 5_000, 0)
        assert np.abs(with_it[:, 0]).max() > 3_000 > 100 > np.abs(sampler(cloud, 5_000, 0)[:, 2] + 5).max()
        assert np.abs(sampler(cloud, 5_000, 0)[:, 0]).max() < 3_000


def test_mixture_finds_two_clouds():
    rng = np.random.default_rng(1)
    two = np.concatenate([rng.standard_normal((300, 2)) - [20, 0], 0.5 * rng.standard_normal((100, 2)) + [20, 7]])
    cloud = Cloud(two.astype(np.float32), np.arange(400))
    drawn = fitted.mixture(cloud, 4_000, 0, 2)
    left = drawn[:, 0] < 0
    assert left.mean() == pytest.approx(0.75, abs=0.03) and np.abs(np.abs(drawn[:, 0]) - 20).max() < 6
    np.testing.assert_allclose(drawn[~left].mean(axis=0), [20, 7], atol=0.15)
    np.testing.assert_allclose(np.cov(drawn[left].T), np.eye(2), atol=0.25)
    np.testing.assert_allclose(np.cov(drawn[~left].T), 0.25 * np.eye(2), atol=0.15)


def test_mixture_of_one_is_the_gaussian():
    drawn = fitted.mixture(CLOUD, 50_000, 0, 1)
    np.testing.assert_allclose(drawn.mean(axis=0), MU.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(MU.T), atol=0.15)


def test_mixture_needs_two_points_a_component():
    with pytest.raises(NotMeasurable, match=r"needs 402 points for samplers.mixture = 201, has 400"):
        fitted.mixture(CLOUD, 5, 0, 201)


def test_bootstrap_draws_the_same_images():
    cloud = Cloud(MU, np.arange(100, 200))
    points = fitted.bootstrap(cloud, 300, 0)
    rows = [np.flatnonzero((point == MU).all(axis=1))[0] for point in points]
    assert set(rows) <= set(range(100, 200)) and len(set(rows)) > 80
    other = fitted.bootstrap(Cloud(MU * 3 + 1, cloud.rows), 300, 0)
    np.testing.assert_allclose(other, MU[rows] * 3 + 1, rtol=1e-6)


def test_bootstrap_keeps_the_reference_out():
    cloud = Cloud(MU, np.arange(400), kept_out=np.arange(350))
    for sampler in (fitted.bootstrap, fitted.shell):
        assert sampler(cloud, 100, 0).shape == (100, 3)
    drawn = fitted.bootstrap(cloud, 300, 0)
    assert all((point == MU[350:]).all(axis=1).any() for point in drawn)
    np.testing.assert_array_equal(cloud.moments.mean, CLOUD.moments.mean)


def test_jitter_moves_by_a_share_of_the_spread():
    moved = fitted.bootstrap(CLOUD, 20_000, 0, 0.2) - fitted.bootstrap(CLOUD, 20_000, 0)
    np.testing.assert_allclose(np.cov(moved.T), 0.04 * np.cov(MU.T), atol=0.01)
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.02)


def test_fit_sees_the_given_rows_alone(monkeypatch):
    mu = np.concatenate([MU, MU + 100])
    whole = fitted.gaussian(Cloud(mu, np.arange(400)), 5, 0)
    np.testing.assert_allclose(whole, fitted.gaussian(CLOUD, 5, 0), rtol=1e-4)
    monkeypatch.setattr("zpoints.latents.store.CHUNK", 37)
    np.testing.assert_allclose(fitted.gaussian(Cloud(MU, np.arange(400)), 5, 0), whole, rtol=1e-3, atol=1e-4)


def test_constant_axis_stays_at_its_mean():
    flat = np.concatenate([MU, np.full((400, 1), 7.0, np.float32)], axis=1)
    cloud = Cloud(flat, np.arange(400))
    for name in ("diagonal", "gaussian", "elliptical", "permuted", "core", "mixture_3", "bootstrap", "jitter_0.2"):
        np.testing.assert_allclose(samplers(BLOCK)[name](cloud, 50, 0)[:, 3], 7, atol=0.02, err_msg=name)


def test_same_seed_draws_same_points():
    for name, sampler in samplers(BLOCK).items():
        points = sampler(CLOUD, 6, 0)
        assert points.shape == (6, 3) and points.dtype == np.float32, name
        np.testing.assert_array_equal(points, sampler(Cloud(MU, np.arange(400)), 6, 0), err_msg=name)
        assert (points != sampler(CLOUD, 6, 1)).any(), name


def test_blind_samplers_draw_the_same_for_all_models():
    other = Cloud(MU * 3, np.arange(400))
    for name in ("normal", "uniform_1.5", "uniform_2"):
        np.testing.assert_array_equal(samplers(BLOCK)[name](CLOUD, 6, 0), samplers(BLOCK)[name](other, 6, 0))


def test_fitted_samplers_stretch_one_draw():
    scaled = Cloud(MU * 4, np.arange(400))
    names = ("shell", "diagonal", "gaussian", "elliptical", "permuted", "core", "mixture_3", "bootstrap", "jitter_0.2")
    for name in names:
        one, other = (samplers(BLOCK)[name](cloud, 6, 0) for cloud in (CLOUD, scaled))
        np.testing.assert_allclose(other, 4 * one, rtol=1e-2, atol=0.05, err_msg=name)


def test_fewer_points_are_the_first_of_more():
    for name, sampler in samplers(BLOCK).items():
        np.testing.assert_allclose(sampler(CLOUD, 3, 0), sampler(CLOUD, 6, 0)[:3], rtol=1e-4, atol=1e-4, err_msg=name)


def test_samplers_can_be_left_out():
    few = samplers(Samplers(uniform=(), nulls=(), core=None, mixture=None, jitter=None, seed=3))
    assert list(few) == ["normal", "shell", "diagonal", "gaussian", "bootstrap"] and few.seed == 3


def test_bounds_that_differ_have_names_that_differ():
    close = samplers(Samplers(uniform=(1.0, 1.0000001, 1.5, 2.0)))
    assert list(close)[1:5] == ["uniform_1", "uniform_1.0000001", "uniform_1.5", "uniform_2"]
