"""The kernel distance and the units it is taken in: closed forms, no bias, and intervals that hold."""

import numpy as np
import pytest

from zpoints.measurement import NotMeasurable
from zpoints.metrics import kid as kernel
from zpoints.metrics.feature_scaler import FeatureScaler
from zpoints.metrics.jackknife import Score, by_jackknife, of_mean
from zpoints.metrics.kid import kid

RNG = np.random.default_rng(0)


def draw(count, shift=0.0, scale=1.0, dimension=8, seed=1):
    return shift + scale * np.random.default_rng(seed).standard_normal((count, dimension))


def test_the_kernel_distance_is_the_double_sum_over_pairs():
    one, other = draw(100), draw(120, 0.3, seed=2)

    def k(a, b):
        return (float(a @ b) / 8 + 1) ** 3

    own = np.mean([k(a, b) for i, a in enumerate(one) for j, b in enumerate(one) if i != j])
    theirs = np.mean([k(a, b) for i, a in enumerate(other) for j, b in enumerate(other) if i != j])
    expected = own + theirs - 2 * np.mean([k(a, b) for a in one for b in other])
    score, _ = kid(one, other, 0, subsets=2)
    assert score.value == pytest.approx(expected, rel=1e-9)


def test_the_spread_is_that_of_the_distances_of_random_subsets(monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK", 37)
    one, other = draw(150), draw(150, 0.3, seed=2)
    _, spread = kid(one, other, 0, subsets=40, size=100)
    rng = np.random.default_rng(7)
    picks = [(one[rng.choice(150, 100, False)], other[rng.choice(150, 100, False)]) for _ in range(40)]
    values = [kid(*pick, 0, subsets=2)[0].value for pick in picks]
    assert spread == pytest.approx(np.std(values), rel=0.4)
    assert kid(one, other, 0, subsets=3, size=1000)[1] is None


def test_the_kernel_distance_of_a_shift_is_that_of_the_polynomials_expectation():
    # For x, x' ~ N(0, 1) and y, y' ~ N(a, 1) in one dimension, E (uv + 1)^3 = sum over p of C(3, p) m_p(u) m_p(v).
    a = 1.5
    near, far = np.array([1, 0, 1, 0]), np.array([1, a, a**2 + 1, a**3 + 3 * a])
    exact = (np.array([1, 3, 3, 1]) * (near - far) ** 2).sum()
    score, spread = kid(draw(2000, dimension=1), draw(2000, a, dimension=1, seed=2), 0, subsets=10, size=250)
    assert abs(score.value - exact) < score.high - score.low < exact
    assert spread > (score.high - score.low) / 4


def test_two_draws_of_one_law_have_no_kernel_distance_on_average_and_their_intervals_say_so():
    scores = [kid(draw(100, seed=2 * i), draw(130, seed=2 * i + 1), 0, subsets=2)[0] for i in range(40)]
    values = np.array([score.value for score in scores])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(40) and (values < 0).any()
    assert np.mean([score.low <= 0 <= score.high for score in scores]) > 0.85


def test_the_jackknifes_error_of_a_mean_is_the_textbooks():
    values = RNG.standard_normal(1000)
    group = np.arange(1000) % 20
    score = by_jackknife(values.mean(), lambda left: values[group != left].mean(), 20)
    assert score.value == values.mean()
    assert (score.high - score.low) / 2 == pytest.approx(2.09 * values.std() / np.sqrt(1000), rel=0.4)


def test_a_mean_scales_with_its_interval_and_one_value_has_none():
    values = RNG.exponential(size=30)
    plain, doubled = of_mean(values), of_mean(values, scale=2.0)
    assert (doubled.value, doubled.low, doubled.high) == pytest.approx((2 * plain.value, 2 * plain.low, 2 * plain.high))
    assert of_mean(values[:1]) == Score(values[0], None, None)


def test_the_scaler_is_the_references_and_lies_on_the_sphere():
    reference = np.hstack([5 + 3 * draw(300, dimension=3), np.full((300, 1), 7.0)])
    scaler = FeatureScaler.of(reference)
    points = scaler.on_sphere(reference)
    np.testing.assert_allclose(np.square(points).sum(axis=1), 4)
    np.testing.assert_allclose(points[:, 3], 0)
    np.testing.assert_allclose(scaler.on_sphere(scaler.mean + 100 * (reference - scaler.mean)), points)
    assert not scaler.on_sphere(scaler.mean[None]).any()


def test_whitening_divides_each_principal_axis_by_the_root_of_its_variance_and_1():
    mixing = np.array([[1, 0.9, 0.9], [0, 0.3, 0], [0, 0, 0.3]])
    reference = np.hstack([4 + draw(5000, dimension=3) @ mixing, np.full((5000, 1), 7.0)])
    scaler = FeatureScaler.of(reference)
    plain = np.linalg.eigvalsh(np.corrcoef(reference[:, :3].T))
    found = np.cov(scaler.whitened(reference).T)
    np.testing.assert_allclose(np.diag(found)[1:], plain / (plain + 1), rtol=1e-2)
    np.testing.assert_allclose(found, np.diag(np.diag(found)), atol=1e-9)
    np.testing.assert_allclose(scaler.whitened(reference).mean(axis=0), 0, atol=1e-9)


def test_a_set_of_one_average_picture_is_worse_than_other_pictures_of_the_same_kind():
    reference = draw(400, dimension=32)
    scaler = FeatureScaler.of(reference)
    real = scaler.on_sphere(reference)
    average = scaler.on_sphere(np.repeat(0.05 * draw(1, dimension=32, seed=3), 400, axis=0))
    wild = scaler.on_sphere(draw(400, scale=3.0, dimension=32, seed=4))
    assert 8 > kid(average, real, 0, 2)[0].value > 10 * abs(kid(wild, real, 0, 2)[0].value)


def test_the_same_seed_gives_the_same_scores():
    assert kid(draw(100), draw(100, seed=2), 5) == kid(draw(100), draw(100, seed=2), 5)


def test_too_few_images_are_not_measurable():
    with pytest.raises(NotMeasurable, match="needs at least 100 images on each side, has 99"):
        kid(draw(99), draw(200), 0)
