"""The Frechet distance: closed forms, and the jackknife of the sets themselves."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from tests.metrics.test_kid import draw
from zpoints.measurement import NotMeasurable
from zpoints.metrics.frechet import Frechet
from zpoints.metrics.jackknife import GROUPS, by_jackknife


def textbook(one, other):
    """By the matrix root, of points."""
    shift = one.mean(axis=0) - other.mean(axis=0)
    covariances = np.cov(one.T), np.cov(other.T)
    return shift @ shift + np.trace(covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real)


def test_diagonal_gaussians_have_a_closed_form():
    one, other = draw(50_000, scale=np.array([1, 2, 3])[None], dimension=3), draw(50_000, 1.0, dimension=3, seed=2)
    score, axes = Frechet(other, 0).score(one)
    assert score.value == pytest.approx(3 + 0 + 1 + 4, rel=0.02) and axes == 3
    assert score.low < 8 < score.high and score.high - score.low < 1


def test_distance_equals_the_textbooks():
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    one = draw(500, 2.0, np.array([[3, 1, 1, 0.1]]), dimension=4)
    other = one @ turn
    for reals, fakes in ((one, other), (other, one)):
        assert Frechet(reals, 0).score(fakes)[0].value == pytest.approx(textbook(one, other), rel=1e-6)


def test_interval_is_that_of_the_jackknife():
    one, other = draw(203, 0.4, dimension=5), draw(310, 5.0, 2.0, dimension=5, seed=2)
    held = Frechet(other, 3)
    group = [held._groups(side, len(points)) for side, points in enumerate((one, other))]
    expected = by_jackknife(
        textbook(one, other), lambda left: textbook(one[group[0] != left], other[group[1] != left]), GROUPS
    )
    found, _ = held.score(one)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    counts = [np.bincount(of, minlength=GROUPS) for of in group]
    assert all(count.max() - count.min() <= 1 for count in counts)


def test_few_images_use_few_axes():
    scale = np.geomspace(1, 0.01, 20)[None]
    one, other = draw(100, scale=scale, dimension=20), draw(100, scale=scale, dimension=20, seed=2)
    held = Frechet(other, 0)
    score, axes = held.score(one)
    assert axes == 10
    one[:, 19] += 5
    assert held.score(one)[0].value == pytest.approx(score.value, abs=0.2)
    one[:, 0] += 5
    assert held.score(one)[0].value > 20
    assert Frechet(draw(300, dimension=20), 0).score(draw(300, dimension=20, seed=2))[1] == 20


def test_published_distance_has_every_axis():
    scale = np.geomspace(1, 0.01, 20)[None]
    one, other = draw(100, scale=scale, dimension=20), draw(100, 0.3, scale=scale, dimension=20, seed=2)
    score, axes = Frechet(other, 0, every_axis=True).score(one)
    assert axes == 20 and score.value == pytest.approx(textbook(one, other), rel=1e-5)
    wide = draw(110, dimension=200), draw(110, dimension=200, seed=2)
    assert Frechet(wide[0], 0, every_axis=True).score(wide[1])[1] == 11


def test_earlier_scores_change_none():
    held = Frechet(draw(300, dimension=20), 5)
    held.score(draw(300, 1.0, dimension=20, seed=3))
    for count in (150, 300):
        fakes = draw(count, dimension=20, seed=2)
        assert held.score(fakes) == Frechet(held.reals, 5).score(fakes)


def test_too_few_images_are_not_measurable():
    with pytest.raises(NotMeasurable, match="the Frechet distance needs at least 100 images on each side, has 99"):
        Frechet(draw(200), 0).score(draw(99))
