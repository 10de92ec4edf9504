"""Neighbourhoods of clouds that are known: dimensions are found, planted structure leaves 1, a Gaussian does not."""

import numpy as np
import pytest

from zpoints.measurement import NotMeasurable
from zpoints.stats.neighbors import (
    ESTIMATORS,
    contrast,
    describe_neighborhoods,
    distances,
    interval,
    levina_bickel,
    median_distance,
    two_nn,
)
from zpoints.stats.reference_distributions import Gaussian, moments, null_models

RNG = np.random.default_rng(0)


def describe(points, subsample=200, n_repeats=5, n_neighbors=8, seed=0):
    points = points.astype(np.float32)
    gaussian = Gaussian.like(moments([points]))
    return describe_neighborhoods(
        points, np.arange(len(points)), {"gaussian": gaussian}, subsample, n_repeats, n_neighbors, seed
    )


def leaves_one(ratio):
    return ratio["high"] < 1 or ratio["low"] > 1


def filament(noise):
    along = RNG.random((1_500, 1)) * 6
    curve = np.hstack([np.sin(along), np.cos(2 * along), along / 2, np.sin(3 * along)])
    return curve + noise * RNG.standard_normal(curve.shape)


@pytest.mark.parametrize("estimate", [two_nn, levina_bickel])
@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_gaussian_has_its_dimension_in_any_space(estimate, dimension):
    frame, _ = np.linalg.qr(RNG.standard_normal((10, dimension)))
    points = RNG.standard_normal((2_000, dimension)) @ frame.T + 100
    assert estimate(distances(points, 10)) == pytest.approx(dimension, rel=0.12)


def test_distances_ascend_and_leave_out_the_point():
    points = np.array([[0.0], [1.0], [3.0], [7.0]])
    np.testing.assert_allclose(distances(points, 2), [[1, 3], [1, 2], [2, 3], [4, 6]])


@pytest.mark.parametrize("z_dim", [3, 40])
def test_copies_of_a_point_count_once(z_dim):
    """With many axes distances come from differences of squares, and those of equal points are no 0."""
    points = (RNG.standard_normal((200, z_dim)) + 3).astype(np.float32)
    copied = RNG.permutation(np.concatenate([points, points[:20], points[:10]]))
    assert distances(copied, 5).shape == (200, 5)
    np.testing.assert_allclose(np.sort(distances(copied, 5), axis=0), np.sort(distances(points, 5), axis=0), rtol=1e-6)


def test_duplicated_images_make_no_filaments():
    points = RNG.standard_normal((1_000, 20))
    points[:200] = points[200:400]
    ratios = {name: describe(points, 2_000)[name]["ratio"] for name in ESTIMATORS}
    assert all(0.9 < ratio["mean"] < 1.1 for ratio in ratios.values()), ratios


@pytest.mark.parametrize("far", [0.0, 1e4])
def test_distances_hold_far_from_the_origin(far):
    points = RNG.standard_normal((40, 30))
    exact = np.sort(np.linalg.norm(points[:, None] - points, axis=2), axis=1)[:, 1:6]
    np.testing.assert_allclose(distances(points + far, 5), exact, rtol=1e-6)


def test_contrast_of_even_and_uneven_density():
    assert contrast(np.full((100, 3), 2.0)) == 1
    assert contrast(np.linspace(1, 2, 1_001)[:, None]) == pytest.approx(1.95 / 1.05)
    assert median_distance(np.array([[1.0, 2.0], [1.0, 4.0], [1.0, 9.0]])) == 4


def test_points_that_are_all_alike_have_no_neighbourhood():
    none = distances(np.zeros((20, 3)), 4)
    assert none.shape == (0, 4)
    assert [estimate(none) for estimate in ESTIMATORS.values()] == [None] * 4
    grid = np.ones((5, 3))
    assert two_nn(grid) is None and levina_bickel(grid) is None


def test_ratio_interval_of_a_gaussian_holds_1():
    factor = RNG.standard_normal((4, 4))
    found = [describe(RNG.standard_normal((600, 4)) @ factor, 100) for _ in range(40)]
    for kind in ESTIMATORS:
        assert sum(leaves_one(one[kind]["ratio"]) for one in found) <= 6, "at 95% about 2 of 40"


def test_interval_of_a_mean_keeps_its_coverage():
    found = [interval(list(RNG.normal(7, 2, 5))) for _ in range(2_000)]
    covered = np.mean([one["low"] <= 7 <= one["high"] for one in found])
    assert covered == pytest.approx(0.95, abs=0.02)
    assert interval([1.0, None, 2.0]) == {"mean": None, "low": None, "high": None}


def test_thin_filament_is_found():
    found = describe(filament(0.001))
    assert found["distance"]["ratio"]["high"] < 0.5
    for kind in ("two_nn", "levina_bickel"):
        assert found[kind]["ratio"]["high"] < 0.6
        assert found[kind]["mu"]["mean"] == pytest.approx(1, abs=0.3)


def test_thick_filament_is_found_by_near_neighbors():
    assert describe(filament(0.1))["distance"]["ratio"]["high"] < 0.9


def test_clusters_are_found_by_near_neighbors():
    centres = 10 * RNG.standard_normal((5, 20))
    found = describe(centres[RNG.integers(0, 5, 1_500)] + RNG.standard_normal((1_500, 20)))
    assert found["distance"]["ratio"]["high"] < 0.8
    assert found["two_nn"]["ratio"]["low"] > 1.2 and found["levina_bickel"]["ratio"]["low"] > 1.2


def test_few_images_for_each_axis_leave_the_ratio_at_1():
    """A covariance of 3 images an axis is pulled apart: without its correction the mean ratio is 1.014."""
    ratios = [
        describe(np.random.default_rng((1, seed)).standard_normal((200, 60)), seed=seed)["distance"]["ratio"]
        for seed in range(40)
    ]
    assert np.mean([ratio["mean"] for ratio in ratios]) == pytest.approx(1, abs=0.007)
    assert sum(leaves_one(ratio) for ratio in ratios) <= 6, "at 95% about 2 of 40"


def test_heavy_tails_and_skewed_axes_have_a_null_that_explains_them():
    rng = np.random.default_rng(0)
    heavy = rng.standard_normal((3_000, 20)) / np.sqrt(rng.chisquare(5, (3_000, 1)) / 5)
    skewed = (rng.gamma(0.3, 1, (3_000, 8)) - 0.3) * np.geomspace(20, 1, 8)
    for points, name, least in ((heavy, "over_elliptical", 0.95), (skewed, "over_permuted", 0.8)):
        rows = np.arange(len(points))
        nulls = null_models(points, rows, moments([points]), (0,))
        distance = describe_neighborhoods(points, rows, nulls, 600, 5, 8, 0)["distance"]
        assert distance["ratio"]["high"] < least
        assert distance[name]["low"] - 0.02 < 1 < distance[name]["high"] + 0.02


def test_dense_core_in_a_halo_has_contrast():
    points = RNG.standard_normal((1_500, 5)) * np.where(RNG.random((1_500, 1)) < 0.5, 0.1, 1)
    assert describe(points)["density_contrast"]["ratio"]["low"] > 1.3


def test_subsamples_share_no_point(monkeypatch):
    seen = []
    real = distances

    def spy(points, neighbours):
        seen.append(points)
        return real(points, neighbours)

    monkeypatch.setattr("zpoints.stats.neighbors.distances", spy)
    points = RNG.standard_normal((1_000, 3)).astype(np.float32)
    found = describe(points, subsample=2_000, n_repeats=4)
    assert (found["points"], found["n_repeats"], found["n_neighbors"]) == (250, 4, 8)
    own = np.concatenate(seen[0::4])
    assert len(np.unique(own, axis=0)) == 1_000 and np.isin(own, points).all()
    nulls = np.concatenate(seen[1::4])
    assert len(np.unique(nulls, axis=0)) == 1_000, "each subsample has a null of its own"
    assert describe(points, subsample=30, n_repeats=4)["points"] == 30


def test_same_seed_gives_the_same_numbers():
    points = RNG.standard_normal((900, 3))
    assert describe(points, seed=1) == describe(points, seed=1) != describe(points, seed=2)


def test_too_few_images_for_so_many_neighbors():
    with pytest.raises(
        NotMeasurable, match="needs at least 45 training images for 8 neighbors in 5 subsamples, has 40"
    ):
        describe(RNG.standard_normal((40, 3)))
    assert describe(RNG.standard_normal((45, 3)))["points"] == 9
