"""Peaks of laws that are known, one hump and two."""

import numpy as np
import pytest

from zpoints.stats.modality import CELLS, Cells, describe_peak, dip_test, hall_york, second_maximum

SEED = (0,)


def rng(seed=0):
    return np.random.default_rng(seed)


HUMPS = {
    "normal": lambda draw: draw.normal(16, 2, 3000),
    "skew": lambda draw: draw.gamma(9, 2, 3000),
    "heavy tails": lambda draw: 20 + draw.standard_t(4, 3000),
}


def test_density_integrates_to_one():
    cells = Cells.of(rng().normal(16, 2, 20_000))
    density = cells.smoothed(cells.counts, cells.bandwidth)
    assert density.sum() * cells.width == pytest.approx(1, abs=1e-4)
    assert density.max() == pytest.approx(1 / (2 * np.sqrt(2 * np.pi)), rel=0.05)
    assert cells.bandwidth == pytest.approx(0.9 * 2 * 20_000**-0.2, rel=0.03)
    assert cells.peak() == pytest.approx(16, abs=0.5)


def test_density_is_a_sum_of_kernels():
    values = rng().normal(16, 2, 300)
    cells = Cells.of(values)
    at = np.arange(0, CELLS, 256)
    steps = (cells.centres[at, None] - values) / cells.bandwidth
    direct = np.exp(-0.5 * steps**2).mean(axis=1) / (cells.bandwidth * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(cells.smoothed(cells.counts, cells.bandwidth)[at], direct, atol=1e-3 * direct.max())


def test_peak_interval_shrinks_with_more_points():
    widths = []
    for n in (200, 20_000):
        found = [describe_peak(Cells.of(rng(k).normal(16, 2, n)), 100, SEED) for k in range(6)]
        assert all(one["low"] <= one["peak"] <= one["high"] for one in found)
        assert np.median([one["peak"] for one in found]) == pytest.approx(16, abs=0.5)
        widths.append(np.mean([one["high"] - one["low"] for one in found]))
    assert widths[1] < 0.7 * widths[0]


def test_peak_interval_keeps_its_coverage():
    intervals = [describe_peak(Cells.of(rng(k).normal(16, 2, 400)), 100, SEED) for k in range(40)]
    covered = sum(found["low"] <= 16 <= found["high"] for found in intervals)
    assert 34 <= covered <= 40
    assert 0.2 < np.mean([found["high"] - found["low"] for found in intervals]) < 2


def both_tests(values, bootstrap=100, seed=SEED):
    return second_maximum(values, Cells.of(values), 0.05, bootstrap, seed)


@pytest.mark.slow
@pytest.mark.parametrize("law", HUMPS)
def test_of_one_hump_keeps_its_level(law):
    tests = [both_tests(HUMPS[law](rng(k)), seed=(k,)) for k in range(20)]
    # 5 or more of 20 at a level of 5% has a chance of 0.3%.
    assert sum(test["silverman_rejects"] for test in tests) <= 4
    assert sum(test["maxima"] == 2 for test in tests) <= 2
    assert all("second" not in test for test in tests if test["maxima"] == 1)


def test_planted_second_maximum_is_found():
    draw = rng()
    values = np.concatenate([draw.normal(16, 1, 3000), draw.normal(20, 1, 1000)])
    test = both_tests(values, 200)
    assert test["maxima"] == 2 and test["silverman_rejects"] and test["dip_p"] < 0.01
    assert test["second"] == pytest.approx(20, abs=0.5)
    assert 0.2 < test["second_height"] < 0.5


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
def test_far_second_shell_is_a_second_maximum(share):
    draw = rng()
    values = np.concatenate([draw.normal(16, 0.7, int(4000 * (1 - share))), draw.normal(66, 0.7, int(4000 * share))])
    cells = Cells.of(values)
    test = both_tests(values)
    assert cells.clipped < 0.005
    assert test["maxima"] == 2 and sorted([cells.peak(), test["second"]]) == pytest.approx([16, 66], abs=0.5)
    interval = describe_peak(cells, 100, SEED)
    assert interval["low"] <= interval["peak"] <= interval["high"]


def test_outliers_are_no_maxima():
    values = np.append(rng().normal(16, 2, 3000), [1e9, -1e9])
    cells = Cells.of(values)
    assert cells.width < 0.05 and cells.counts.sum() == 2996 and cells.clipped == pytest.approx(6 / 3002)
    assert both_tests(values)["maxima"] == 1
    assert cells.peak() == pytest.approx(16, abs=0.7)


def test_few_values_are_all_counted():
    cells = Cells.of(rng().normal(16, 2, 50))
    assert cells.counts.sum() == 50 and cells.clipped == 0


def test_dip_of_known_laws():
    """Two points of equal weight have the largest dip, 1/4; evenly spread ones have none."""
    assert dip_test(np.repeat([0.0, 1.0], 50))["dip"] == pytest.approx(0.25)
    assert dip_test(np.arange(100.0))["p_value"] == 1


def test_values_that_are_all_one_have_no_density():
    assert Cells.of(np.full(10, 3.0)) is None


def test_hall_yorks_factor_is_the_published_one():
    assert hall_york(0.05) == pytest.approx(1.13, abs=0.005)


def test_the_same_seed_finds_the_same():
    values = rng().normal(16, 2, 500)
    cells = Cells.of(values)
    assert both_tests(values) == both_tests(values)
    assert describe_peak(cells, 100, SEED) == describe_peak(cells, 100, SEED)
    assert describe_peak(cells, 100, SEED) != describe_peak(cells, 100, (1,))
