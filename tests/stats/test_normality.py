"""The test of normality keeps its level, against scipy's statistic, and sees what is not normal."""

import numpy as np
import pytest
from scipy import stats

from zpoints.stats.normality import anderson_darling, holm, p_values

RNG = np.random.default_rng(0)


def test_anderson_darling_is_that_of_the_definition():
    values = RNG.gamma(3.0, size=(50, 3))
    z = np.sort((values - values.mean(axis=0)) / values.std(axis=0, ddof=1), axis=0)
    below = stats.norm.cdf(z)
    i = np.arange(1, 51)[:, None]
    squared = -50 - ((2 * i - 1) / 50 * (np.log(below) + np.log(1 - below[::-1]))).sum(axis=0)
    expected = squared * (1 + 0.75 / 50 + 2.25 / 2500)
    np.testing.assert_allclose(anderson_darling(values), expected, rtol=1e-9)
    np.testing.assert_allclose(anderson_darling(1e3 - 5 * values), expected, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("count", [20, 300])
def test_p_is_uniform_under_normality(count):
    p = p_values(anderson_darling(RNG.normal(3, 2, (count, 6_000))))
    for level in (0.01, 0.05, 0.2, 0.5, 0.8):
        assert (p <= level).mean() == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 6_000) + 0.005)


@pytest.mark.parametrize(("statistic", "level"), [(0.631, 0.10), (0.752, 0.05), (0.873, 0.025), (1.035, 0.01)])
def test_p_at_the_tables_critical_values(statistic, level):
    assert p_values(np.array([statistic]))[0] == pytest.approx(level, rel=0.03)


def test_p_falls_as_the_statistic_grows():
    p = p_values(np.concatenate([np.linspace(0, 12, 500), [153.0, 1e6]]))
    assert (np.diff(p) <= 5e-3).all() and (np.diff(p[100:]) <= 0).all()
    assert (p >= 0).all() and (p <= 1).all() and p[-1] < 1e-20


@pytest.mark.parametrize("law", ["uniform", "two clusters", "heavy tails", "skewed", "constant", "nearly constant"])
def test_what_is_not_normal_fails(law):
    values = {
        "uniform": RNG.random((1_000, 1)),
        "two clusters": RNG.standard_normal((1_000, 1)) + 4 * RNG.integers(0, 2, (1_000, 1)),
        "heavy tails": RNG.standard_t(3, (1_000, 1)),
        "skewed": RNG.exponential(size=(1_000, 1)),
        "constant": np.full((1_000, 1), 0.1),
        "nearly constant": np.eye(1_000)[:, :1],
    }[law]
    assert p_values(anderson_darling(values))[0] < 1e-6


def test_holm_multiplies_and_never_falls():
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03, 0.9])), [0.09, 0.04, 0.09, 0.9])
    assert holm(np.array([0.6, 0.7])).tolist() == [1.0, 1.0]


def test_holm_keeps_the_chance_of_any_false_alarm():
    alarms = [(holm(RNG.random(50)) <= 0.05).any() for _ in range(2_000)]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.02)
