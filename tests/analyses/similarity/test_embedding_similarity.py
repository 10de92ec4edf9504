"""Similarity of two spaces: copies, linear images and strangers are told for what they are."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as disparity
from scipy.stats import ortho_group

from zpoints.analyses.similarity.method.embedding_similarity import (
    canonical,
    cka,
    debiased_cka,
    estimate,
    gather,
    kept_axes,
    maps,
    nearest,
    overlap,
    procrustes,
    procrustes_scaled,
    radius_distance,
    residuals,
    unrotated,
)
from zpoints.measurement import NotMeasurable

RNG = np.random.default_rng(0)
TURN = ortho_group.rvs(5, random_state=1)
CLOUD = RNG.standard_normal((800, 5)) * [5, 3, 2, 1, 0.5] + [9, 0, 0, -4, 0]
OTHER = RNG.standard_normal((800, 7)) + CLOUD @ RNG.standard_normal((5, 7))


def both(a, b, size=300):
    return [(a[at : at + size], b[at : at + size]) for at in range(0, len(a), size)]


def spaces(a, b):
    return gather(both(a, b), 10, 1, 0).whole.spaces()


def centred(points):
    return points - points.mean(axis=0)


def test_rotated_copy_is_the_same_space():
    copy = spaces(CLOUD, CLOUD @ TURN + 100)
    assert cka(copy) == pytest.approx(1)
    assert procrustes(copy) == pytest.approx(0, abs=1e-9) and procrustes_scaled(copy) == pytest.approx(0, abs=1e-9)
    assert unrotated(copy) > 0.1
    assert unrotated(spaces(CLOUD, CLOUD + 3)) == pytest.approx(0, abs=1e-9)


def test_scaled_copy_is_the_same_once_scaled():
    copy = spaces(CLOUD, 3 * CLOUD @ TURN)
    assert cka(copy) == pytest.approx(1) and procrustes_scaled(copy) == pytest.approx(0, abs=1e-9)
    # sum of variances v and 9 v, nuclear norm 3 v
    assert procrustes(copy) == pytest.approx(1 - 2 * 3 / 10)


def test_empty_axes_change_nothing():
    wide = np.hstack([CLOUD, np.zeros((800, 3))]) @ ortho_group.rvs(8, random_state=2)
    copy = spaces(CLOUD, wide)
    assert cka(copy) == pytest.approx(1) and procrustes(copy) == pytest.approx(0, abs=1e-9)


def test_measures_are_those_of_the_papers():
    a, b = centred(CLOUD), centred(OTHER)
    found = spaces(CLOUD, OTHER)
    gram_a, gram_b = a @ a.T, b @ b.T
    assert cka(found) == pytest.approx((gram_a * gram_b).sum() / np.linalg.norm(gram_a) / np.linalg.norm(gram_b))
    padded = np.hstack([a, np.zeros((800, 2))])
    turn, _ = orthogonal_procrustes(padded, b)
    residual = np.square(padded @ turn - b).sum() / (np.square(a).sum() + np.square(b).sum())
    assert procrustes(found) == pytest.approx(residual)
    assert procrustes_scaled(found) == pytest.approx(disparity(padded, b)[2])


def test_debiased_cka_is_that_of_the_unbiased_kernel_statistic():
    """Song et al. (2012), eq. 5, from the Gram matrices without their diagonals, for each of the three HSIC."""
    a, b = CLOUD[:60] + 50, OTHER[:60]
    grams = [points @ points.T * (1 - np.eye(60)) for points in (a, b)]

    def hsic(k, m):
        rest = k.sum() * m.sum() / (59 * 58) - 2 * k.sum(axis=0) @ m.sum(axis=0) / 58
        return ((k * m).sum() + rest) / (60 * 57)

    expected = hsic(*grams) / np.sqrt(hsic(grams[0], grams[0]) * hsic(grams[1], grams[1]))
    assert debiased_cka(spaces(a, b)) == pytest.approx(expected, rel=1e-8)


def test_debiased_cka_of_strangers_is_0_on_average():
    pairs = [np.random.default_rng(seed).standard_normal((2, 100, 40)) for seed in range(60)]
    values = [debiased_cka(spaces(*pair)) for pair in pairs]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / np.sqrt(60))
    assert cka(spaces(*pairs[0])) > 0.2
    shuffled = [gather([tuple(pair)], 10, 1, 0) for pair in pairs]
    assert abs(np.mean([debiased_cka(each.whole.spaces(each.crossed[0])) for each in shuffled])) < 0.02
    assert debiased_cka(spaces(CLOUD, CLOUD @ TURN)) == pytest.approx(1)


def test_linear_image_has_canonical_correlations_of_1():
    image = CLOUD @ RNG.standard_normal((5, 5)) + 7
    found = spaces(CLOUD, image)
    kept = kept_axes(found.aa, 1.0), kept_axes(found.bb, 1.0)
    np.testing.assert_allclose(canonical(found, kept), np.ones(5))
    for errors, spreads in residuals(both(CLOUD, image), maps(found)):
        assert len(errors) == 800 and errors.sum() < 1e-9 * spreads.sum()


def test_planted_canonical_correlations_are_found():
    rho = np.array([0.9, 0.5, 0.0])
    a = np.random.default_rng(3).standard_normal((50_000, 3))
    b = rho * a + np.sqrt(1 - rho**2) * np.random.default_rng(4).standard_normal((50_000, 3))
    found = spaces(a @ ortho_group.rvs(3, random_state=1), b * [1, 4, 2])
    np.testing.assert_allclose(canonical(found, (3, 3)), rho, atol=0.02)
    there, back = residuals(both(a, b), maps(spaces(a, b)))
    for errors, spreads in (there, back):
        assert 1 - errors.sum() / spreads.sum() == pytest.approx(np.mean(rho**2), abs=0.02)


def test_canonical_correlations_use_strongest_axes():
    a, b = RNG.standard_normal((2, 800, 3))
    b[:, 0] = a[:, 0]
    found = spaces(a * [3, 1, 0.1], b * [2, 0.1, 1])
    (only,) = canonical(found, (1, 1))
    assert only > 0.99 > 0.2 > canonical(found, (2, 2))[1]
    assert canonical(found, (1, 3)).shape == (1,)


def test_r2_of_unrelated_spaces_is_below_0():
    few = RNG.standard_normal((60, 5)), RNG.standard_normal((60, 5))
    fitted = maps(gather([few], 5, 1, 0).whole.spaces())
    fresh = [(RNG.standard_normal((500, 5)), RNG.standard_normal((500, 5)))]
    for errors, spreads in residuals(fresh, fitted):
        assert -0.4 < 1 - errors.sum() / spreads.sum() < 0


def test_collapsed_axes_are_no_canonical_ones():
    collapsed = np.hstack([CLOUD, 1e-3 * RNG.standard_normal((800, 4))])
    covariance = spaces(collapsed, CLOUD).aa
    assert kept_axes(covariance, 0.99) == 4  # variances 25, 9, 4, 1 and 0.25
    assert kept_axes(np.diag([1, 0.5, 1e-12]), 1.0) == 2
    assert kept_axes(np.diag([1.0, 1.0]), 0.5) == 1


def test_strangers_are_at_the_null():
    strangers = gather(both(CLOUD, RNG.standard_normal((800, 5))), 10, 40, 0)
    for measure in (cka, procrustes, procrustes_scaled, lambda one: canonical(one, (5, 5)).mean()):
        found = estimate(strangers, measure)
        reach = 2 * (found["null_high"] - found["null_low"])
        assert abs(found["value"] - found["null"]) < reach
    kin = estimate(gather(both(CLOUD, OTHER), 10, 40, 0), cka)
    assert kin["low"] > 5 * kin["null_high"]


def test_interval_covers_the_truth():
    rng, caught = np.random.default_rng(5), 0
    for _ in range(200):
        a = rng.standard_normal((400, 2))
        b = a + rng.standard_normal((400, 2))
        # covariances I, 2 I and I between: CKA = 2 / (sqrt 2 * 2 sqrt 2)
        found = estimate(gather([(a, b)], 20, 1, 0), cka)
        caught += found["low"] < 0.5 < found["high"]
    assert 0.88 < caught / 200 < 0.99


def test_sums_are_the_same_in_any_blocks():
    far = CLOUD + 1e5
    whole, parts = (gather(both(far, OTHER, size), 10, 1, 0) for size in (800, 133))
    np.testing.assert_allclose(whole.whole.spaces().ab, parts.whole.spaces().ab, rtol=1e-9, atol=1e-9)
    expected = np.cov(CLOUD.T, OTHER.T, ddof=0)[:5, 5:]
    np.testing.assert_allclose(parts.whole.spaces().ab, expected, rtol=1e-6, atol=1e-6)
    rest = np.arange(800) % 10 != 3
    left = (parts.whole - parts.groups[3]).spaces()
    np.testing.assert_allclose(left.bb, np.cov(OTHER[rest].T, ddof=0), rtol=1e-6)
    np.testing.assert_allclose(left.mean_a, far[rest].mean(axis=0))


def test_shuffling_keeps_both_covariances():
    found = gather(both(CLOUD, CLOUD), 10, 3, 0)
    assert cka(found.whole.spaces()) == pytest.approx(1)
    for crossed in found.crossed:
        shuffled = found.whole.spaces(crossed)
        assert cka(shuffled) < 0.02
        np.testing.assert_array_equal(shuffled.aa, found.whole.spaces().aa)


def test_too_few_images_for_the_groups():
    with pytest.raises(NotMeasurable, match="needs 1000 training images for 500 groups, has 800"):
        gather(both(CLOUD, OTHER), 500, 1, 0)


def test_neighbors_agree_entirely_or_by_chance():
    points = RNG.standard_normal((300, 4))
    one = nearest(points, 10)
    assert one.shape == (300, 10) and not (one == np.arange(300)[:, None]).any()
    assert overlap(one, nearest(points @ ortho_group.rvs(4, random_state=0) + 50, 10)) == 1
    assert overlap(one, nearest(RNG.standard_normal((300, 4)), 10)) == pytest.approx(10 / 299, abs=0.012)


def test_radius_distance_is_the_planted_shift():
    radii = 10 + RNG.standard_normal(2000)
    found = radius_distance(radii, radii + 2, 20, 5, 0)
    assert found["value"] == pytest.approx(2) and found["low"] == pytest.approx(2) == found["high"]
    assert found["null_high"] < 0.3  # both laws mixed alike, however far apart they are
    same = radius_distance(radii, 10 + RNG.standard_normal(2000), 20, 20, 0)
    assert same["value"] < 1.5 * same["null_high"] < 0.3
