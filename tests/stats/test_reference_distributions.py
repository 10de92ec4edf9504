"""The null has the moments it should have, the same in any blocks, and streamed moments are exact."""

import numpy as np
import pytest

from zpoints.measurement import NotMeasurable
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments, null_models, subsample

RNG = np.random.default_rng(0)
FACTOR = RNG.standard_normal((5, 5))
CLOUD = (RNG.standard_normal((3_000, 5)) @ FACTOR.T + 1_000).astype(np.float32)
ROWS = np.arange(0, 3_000, 2)


@pytest.mark.parametrize("chunk", [7, 100, 8192])
def test_streamed_moments_are_those_of_the_whole_array(monkeypatch, chunk):
    monkeypatch.setattr("zpoints.latents.store.CHUNK", chunk)
    found = moments(blocks(CLOUD, ROWS))
    whole = CLOUD[ROWS].astype(np.float64)
    assert found.count == 1_500
    np.testing.assert_allclose(found.mean, whole.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(whole, rowvar=False), rtol=1e-9)


def test_gaussian_has_the_clouds_moments():
    cloud = moments(blocks(CLOUD, ROWS))
    null = moments(Gaussian.like(cloud).blocks(200_000, (0,)))
    scale = np.outer(cloud.std, cloud.std)
    np.testing.assert_allclose((null.mean - cloud.mean) / cloud.std, 0, atol=0.01)
    np.testing.assert_allclose((null.covariance - cloud.covariance) / scale, 0, atol=0.015)


def test_independent_gaussian_keeps_the_variances_alone():
    cloud = moments(blocks(CLOUD, ROWS))
    null = moments(Gaussian.independent(cloud).blocks(200_000, (0,)))
    np.testing.assert_allclose((null.mean - cloud.mean) / cloud.std, 0, atol=0.01)
    np.testing.assert_allclose(
        (null.covariance - np.diag(cloud.std**2)) / np.outer(cloud.std, cloud.std), 0, atol=0.015
    )


def test_same_seed_draws_the_same_in_any_blocks(monkeypatch):
    null = Gaussian.like(moments(blocks(CLOUD, ROWS)))
    one = null.sample(500, (3, 1))
    monkeypatch.setattr("zpoints.latents.store.CHUNK", 33)
    other = null.sample(500, (3, 1))
    assert one.dtype == np.float32 and one.shape == (500, 5)
    np.testing.assert_allclose(one, other, rtol=1e-6)
    assert not np.allclose(one, null.sample(500, (3, 2)))


def test_flat_cloud_has_a_flat_gaussian():
    flat = CLOUD[:, [0, 1, 0]]
    null = Gaussian.like(moments([flat])).sample(1_000, (0,))
    np.testing.assert_allclose(null[:, 0], null[:, 2], rtol=1e-6)


def test_axes_constant_but_for_rounding_do_not_vary():
    points = np.stack([CLOUD[:, 0], np.full(3_000, 7.3), np.full(3_000, 1e-30), 1e-3 * CLOUD[:, 1]], axis=1)
    found = moments(blocks(points.astype(np.float32), ROWS))
    assert found.varying().tolist() == [0, 3]
    assert found.of_axes(np.array([3])).covariance.shape == (1, 1)


def test_identical_and_too_few_points_are_not_measurable():
    with pytest.raises(NotMeasurable, match="needs z-points that differ, has 9 identical ones"):
        moments([np.ones((9, 3), np.float32)]).varying()
    for parts in ([], [np.ones((1, 3), np.float32)]):
        with pytest.raises(NotMeasurable, match=f"needs 2 training images, has {len(parts)}"):
            moments(parts)


def test_a_subsample_has_each_row_at_most_once():
    found = subsample(ROWS, 200, (0,))
    assert len(np.unique(found)) == 200 and set(found) <= set(ROWS) and (np.diff(found) > 0).all()
    assert subsample(ROWS, 10_000, (0,)).tolist() == ROWS.tolist()


def test_std_is_the_root_of_the_variances():
    assert Moments(2, np.zeros(2), np.diag([4.0, 9.0])).std.tolist() == [2.0, 3.0]


HEAVY = (RNG.standard_normal((4_000, 5)) / np.sqrt(RNG.chisquare(5, (4_000, 1)) / 5) @ FACTOR.T + 3).astype(np.float32)
SKEWED = ((RNG.gamma(1, 1, (4_000, 5)) - 1) @ np.diag([5, 4, 3, 2, 1]) @ np.linalg.qr(FACTOR)[0].T).astype(np.float32)


def nulls_of(points):
    return null_models(points, np.arange(len(points)), moments([points]), (0,))


@pytest.mark.parametrize("name", ["elliptical", "permuted"])
def test_axes_of_rounding_stay_at_their_mean(name):
    drawn = nulls_of(RNG.standard_normal((1_000, 2)) * [1, 1e-6] + [0, 3])[name].sample(1_000, (1,))
    assert drawn[:, 0].std() > 0.9 and np.ptp(drawn[:, 1]) < 1e-6


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_nulls_are_scaled_as_the_cloud(scale):
    for one, other in zip(nulls_of(HEAVY).values(), nulls_of(HEAVY * np.float32(scale)).values(), strict=True):
        np.testing.assert_allclose(
            moments([other.sample(2_000, (1,))]).std, scale * moments([one.sample(2_000, (1,))]).std, rtol=1e-3
        )


def mahalanobis(points, cloud):
    centred = points - cloud.mean
    return np.sqrt((centred @ np.linalg.inv(cloud.covariance) * centred).sum(axis=1))


@pytest.mark.parametrize("name", ["gaussian", "elliptical", "permuted"])
@pytest.mark.parametrize("points", [HEAVY, SKEWED], ids=["heavy", "skewed"])
def test_every_null_has_mean_and_covariance_of_the_cloud(name, points):
    cloud, null = moments([points]), moments(nulls_of(points)[name].blocks(200_000, (0,)))
    scale = np.outer(cloud.std, cloud.std)
    np.testing.assert_allclose((null.mean - cloud.mean) / cloud.std, 0, atol=0.02)
    np.testing.assert_allclose((null.covariance - cloud.covariance) / scale, 0, atol=0.05)


def test_elliptical_null_keeps_mahalanobis_radii():
    cloud, shares = moments([HEAVY]), [0.01, 0.25, 0.5, 0.75, 0.99]
    radii = {name: mahalanobis(null.sample(50_000, (1,)), cloud) for name, null in nulls_of(HEAVY).items()}
    radii["cloud"] = mahalanobis(HEAVY, cloud)
    quantiles = {name: np.quantile(values, shares) for name, values in radii.items()}
    np.testing.assert_allclose(quantiles["elliptical"], quantiles["cloud"], rtol=0.05)
    for name in ("gaussian", "permuted"):
        assert quantiles[name][-1] < 0.9 * quantiles["cloud"][-1]


def test_permuted_null_keeps_marginals_and_no_dependence():
    _, axes = np.linalg.eigh(np.cov(SKEWED.T))
    own = (SKEWED @ axes)[:, -1]
    drawn = nulls_of(SKEWED)["permuted"].sample(50_000, (1,)) @ axes
    np.testing.assert_allclose(np.quantile(drawn[:, -1], [0.1, 0.5, 0.9]), np.quantile(own, [0.1, 0.5, 0.9]), atol=0.3)
    heavy = nulls_of(HEAVY)["permuted"].sample(50_000, (1,)) @ np.linalg.eigh(np.cov(HEAVY.T))[1]
    assert abs(np.corrcoef(np.abs(heavy[:, -1]), np.abs(heavy[:, -2]))[0, 1]) < 0.03


@pytest.mark.parametrize("name", ["elliptical", "permuted"])
def test_nulls_are_as_flat_as_the_cloud_and_fewer_points_the_first(name, monkeypatch):
    null = nulls_of(CLOUD[:, [0, 1, 0]])[name]
    drawn = null.sample(1_000, (3,))
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 2], rtol=1e-4)
    monkeypatch.setattr("zpoints.latents.store.CHUNK", 33)
    np.testing.assert_allclose(null.sample(100, (3,)), drawn[:100], rtol=1e-6)
