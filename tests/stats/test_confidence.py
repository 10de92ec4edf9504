"""Intervals: they are the textbook's where there is one, and hold what they promise."""

import numpy as np
import pytest
from scipy import stats

from zpoints.stats.confidence import explained, jackknife, logit, mean, normal, quantile, wilson

RNG = np.random.default_rng(0)


def test_the_jackknife_of_a_mean_is_students_interval():
    values = RNG.standard_normal(12)
    left_out = np.array([np.delete(values, at).mean() for at in range(12)])
    expected = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    np.testing.assert_allclose(jackknife(values.mean(), left_out), expected)


def test_the_jackknife_is_cut_where_a_measure_ends():
    assert jackknife(0.5, np.array([0.0, 1.0]), 0.1, 0.9) == (0.1, 0.9)


def test_the_normal_interval_reaches_two_standard_errors():
    low, high = normal(3.0, np.full(4, 0.5))
    assert (low, high) == pytest.approx((3 - 1.959964, 3 + 1.959964))


@pytest.mark.parametrize("count", [4, 8, 20])
@pytest.mark.parametrize("law", ["normal", "skewed"])
def test_mean_of_few_values_is_covered(law, count):
    drawn = RNG.standard_normal((2_000, count)) if law == "normal" else RNG.gamma(2, 1, (2_000, count)) - 2
    covered = np.mean([low <= 0 <= high for low, high in map(mean, drawn)])
    assert covered >= (0.935 if law == "normal" else 0.915)


def test_mean_of_even_values_has_students_interval():
    values = np.append(RNG.standard_normal(5), 0)
    values = np.concatenate([values, -values])
    np.testing.assert_allclose(mean(values + 3), stats.t.interval(0.95, 11, 3, stats.sem(values)))
    assert mean(np.full(3, 0.1)) == pytest.approx((0.1, 0.1)) and mean(np.ones(3)) == (1, 1)


def test_interval_of_a_skewed_mean_leans_to_its_tail():
    values = np.append(np.zeros(15), [1.0, 4.0])
    low, high = mean(values)
    assert 0 < values.mean() - low < high - values.mean()
    np.testing.assert_allclose(np.negative(mean(-values)), (high, low))


def test_quantile_interval_covers_whatever_the_law():
    drawn = RNG.gamma(2, 1, (1_000, 100))
    found = np.array([quantile(values, 0.95) for values in drawn])
    truth = stats.gamma.ppf(0.95, 2)
    assert 0.93 < ((found[:, 0] <= truth) & (truth <= found[:, 1])).mean() < 0.99
    assert quantile(np.arange(40.0), 0.95) == (34, np.inf)


def test_share_interval_stays_between_0_and_1():
    low, high = logit(0.98, np.full(100, 0.002))
    assert 0.8 < low < 0.98 < high < 1
    narrow = logit(0.6, np.full(100, 1e-4))
    np.testing.assert_allclose(narrow, normal(0.6, np.full(100, 1e-4)), atol=1e-5)


def test_r2_interval_keeps_its_coverage():
    caught = 0
    for _ in range(300):
        signal, noise = 2 * RNG.standard_normal(400), RNG.standard_normal(400)
        found = explained(noise**2, (signal + noise) ** 2)
        low, high = normal(*found)
        caught += low < 0.8 < high
    assert 0.91 < caught / 300 < 0.985


def test_influence_is_what_r2_loses_without_an_image():
    errors, spreads = RNG.random((2, 500)) * [[1], [3]]
    value, influence = explained(errors, spreads)
    without = [explained(np.delete(errors, at), np.delete(spreads, at))[0] for at in range(500)]
    np.testing.assert_allclose(value - np.array(without), influence, rtol=0.02, atol=1e-6)


def test_constant_values_have_no_r2():
    assert explained(np.ones(3), np.zeros(3)) is None


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("count", [10, 40, 200])
def test_wilsons_interval_covers_as_it_says(share, count):
    """Exactly, by the binomial law: for a few trials it is not always 95%, and never far below."""
    outcomes = np.arange(count + 1)
    intervals = np.array([wilson(outcome / count, count) for outcome in outcomes])
    covered = (intervals[:, 0] <= share + 1e-12) & (share - 1e-12 <= intervals[:, 1])
    assert stats.binom.pmf(outcomes, count, share)[covered].sum() > 0.86 + 0.05 * (count >= 40)


def test_share_of_1_has_an_interval():
    assert wilson(1.0, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert logit(1.0, np.zeros(20)) == wilson(1.0, 20) and logit(0.0, np.zeros(20)) == wilson(0.0, 20)
    assert logit(1.0, np.zeros(1_000), 20) == wilson(1.0, 20)
