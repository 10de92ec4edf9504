"""A Gaussian passes, a heavy-tailed cloud fails, and one with outliers passes once they are removed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from zpoints.analyses.gaussianity.config import core_of_a_gaussian, min_subsample
from zpoints.analyses.gaussianity.method.multivariate_normality import (
    LEVELS,
    PARTS,
    TESTS,
    HenzeZirklerNull,
    Scores,
    Statistics,
    Subsamples,
    describe,
    describe_null,
    kept_axes,
    quantile_table,
    subsample_size,
)
from zpoints.measurement import NotMeasurable
from zpoints.stats.confidence import wilson
from zpoints.stats.reference_distributions import Gaussian, Moments, blocks, moments

RNG = np.random.default_rng(0)
COUNT, AXES, LEVEL = 3_000, 8, 0.05
SUBSAMPLES = Subsamples(300, 3, 3, LEVEL)
SPECTRUM = np.arange(AXES, 0, -1.0)


def scores_of(points, axes=AXES, n_sigma=3.0):
    rows = np.arange(len(points))
    return Scores.of(lambda: blocks(points, rows), moments(blocks(points, rows)), axes, n_sigma)


def gaussian():
    return (RNG.standard_normal((COUNT, AXES)) * np.sqrt(SPECTRUM) + 5).astype(np.float32)


@pytest.fixture(scope="module")
def nulls():
    null = Gaussian.like(Moments(COUNT, np.zeros(AXES), np.diag(SPECTRUM)))
    draws = [Scores.drawn(null, COUNT, (1, draw), 3.0) for draw in range(19)]
    return {
        part: [scores.statistics(part, SUBSAMPLES, (2, draw)) for draw, scores in enumerate(draws)] for part in PARTS
    }


def numbers_of(points, nulls, part):
    return describe(scores_of(points).statistics(part, SUBSAMPLES, (0,)), nulls[part], LEVEL)


@pytest.mark.slow
def test_a_gaussian_passes_at_the_level(nulls):
    alarms = dict.fromkeys(itertools.product(PARTS, ("qq", "first", "every")), 0)
    for _ in range(5):
        points = gaussian()
        for part in PARTS:
            found = numbers_of(points, nulls, part)
            for name, test in {"qq": found["qq"], **found["henze_zirkler"]}.items():
                alarms[part, name] += test["p"] <= LEVEL
            assert found["shapiro_wilk"]["mu"] > 0.9
            assert 0.7 < found["beyond"]["95"]["mu"] / found["beyond"]["95"]["null"] < 1.3
    assert max(alarms.values()) <= 2, "at 5% more than 2 of 5 has a chance of 0.1%"


def test_tails_of_a_gaussian_are_chi_squares(nulls):
    for at, chance in enumerate((0.05, 0.01, 0.001)):
        whole, core = (np.mean([look.tails[at] for look in nulls[part]]) for part in PARTS)
        assert whole == pytest.approx(chance, rel=0.15)
        assert core < 0.9 * whole
    mean = np.mean([look.quantiles for look in nulls["all"]], axis=0)
    np.testing.assert_allclose(mean, stats.chi2.ppf(LEVELS, AXES), rtol=0.05)


def test_a_t_distribution_fails(nulls):
    points = gaussian() / np.sqrt(RNG.chisquare(5, (COUNT, 1)) / 5)
    for part in PARTS:
        found = numbers_of(points.astype(np.float32), nulls, part)
        assert found["qq"]["p"] == 1 / 20 and found["qq"]["outside"] > 0.3
        assert found["henze_zirkler"]["first"]["p"] == 1 / 20 == found["henze_zirkler"]["every"]["p"]
        assert found["mardia_kurtosis"]["mu"] > found["mardia_kurtosis"]["null_high"]
    assert numbers_of(points, nulls, "all")["beyond"]["999"]["mu"] > 0.01


def test_outliers_fail_and_their_core_passes(nulls):
    points = gaussian()
    far = RNG.permutation(COUNT)[:30]
    points[far] += 8 * np.sqrt(SPECTRUM[0]) * RNG.choice([-1, 1], (30, AXES))
    before, after = (numbers_of(points, nulls, part) for part in PARTS)
    assert before["qq"]["p"] == 1 / 20 and before["shapiro_wilk"]["mu"] < 0.7
    assert before["henze_zirkler"]["every"]["p"] == 1 / 20
    assert after["shapiro_wilk"]["mu"] > 0.9 and after["henze_zirkler"]["first"]["p"] > LEVEL
    assert after["henze_zirkler"]["every"]["p"] > LEVEL
    assert abs(after["mardia_kurtosis"]["mu"] - 1) < 0.05 < before["mardia_kurtosis"]["mu"] - 1


def test_removal_from_a_gaussian_is_as_predicted(nulls):
    removed = scores_of(gaussian()).removed
    assert removed == pytest.approx(1 - core_of_a_gaussian(AXES, 3.0), abs=0.01)
    assert core_of_a_gaussian(1, 3.0) == pytest.approx(0.9973, abs=1e-4)
    assert core_of_a_gaussian(256, 3.0) == pytest.approx(0.5, abs=0.01)


def test_core_has_no_score_beyond_n_sigma():
    found = scores_of(gaussian(), n_sigma=2.0)
    np.testing.assert_array_equal(found.inside, np.abs(found.values).max(axis=1) <= 2)
    np.testing.assert_allclose(found.values.std(axis=0), 1, rtol=1e-3)
    np.testing.assert_allclose(np.corrcoef(found.values.T), np.eye(AXES), atol=1e-4)


def test_collapsed_axes_are_left_out():
    assert kept_axes(np.array([50, 30, 15, 4.5, 0.5]), 0.99) == 4
    assert kept_axes(np.array([50, 30, 19, 1.0]), 0.99) == 3
    assert kept_axes(np.array([5, 5, 0.0]), 1.0) == 2
    assert kept_axes(np.array([5, 5, 1e-13]), 1.0) == 2  # rounding
    assert kept_axes(np.array([5, 5, 1e-9]), 1.0) == 3


def test_subsamples_fit_into_both_cores():
    own = scores_of(gaussian())
    assert subsample_size(300, 3, own, 0.9) == 300
    half = replace(own, inside=np.arange(COUNT) % 2 == 0)
    for scores, chance in ((own, 0.5), (half, 0.9)):
        assert subsample_size(5000, 3, scores, chance) == int(0.9 * COUNT * 0.5) // 3
    assert (min_subsample(3), min_subsample(50)) == (20, 100)
    with pytest.raises(NotMeasurable, match=r"needs 20 points in each of 100 subsamples .* for 8 axes, has 13"):
        subsample_size(5000, 100, own, 0.5)


def test_subsamples_share_no_point(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "zpoints.analyses.gaussianity.method.multivariate_normality.passing",
        lambda sample, alpha: seen.append(sample[:, 0].tolist()) or 1.0,
    )
    values = scores_of(gaussian()).values
    Statistics.of(values, np.arange(1_000), SUBSAMPLES, (0,))
    points = [value for sample in seen for value in sample]
    assert len(points) == 900 == len(set(points)) and set(points) <= set(values[:1_000, 0].tolist())
    assert set(points) != set(values[:900, 0].tolist()), "drawn from all rows"


def test_numbers_of_a_gaussian_are_its_own(nulls):
    found = numbers_of(gaussian(), nulls, "all")
    assert found["excess_kurtosis"]["mu"] == pytest.approx(0, abs=0.2)
    assert found["mardia_kurtosis"]["mu"] == pytest.approx(1, abs=0.05)
    assert [found["beyond"][name]["chance"] for name in ("95", "99", "999")] == pytest.approx([0.05, 0.01, 0.001])


def test_quantiles_rise_within_the_envelope(nulls):
    own = {part: scores_of(gaussian()).statistics(part, SUBSAMPLES, (0,)) for part in PARTS}
    table = quantile_table(own, nulls, LEVEL)
    assert table["level"].tolist() == LEVELS.tolist()
    assert ((table["all_low"] < table["all_null"]) & (table["all_null"] < table["all_high"])).all()
    assert (np.diff(table["core"]) >= 0).all()
    for part in PARTS:
        mean = np.mean([null.quantiles for null in nulls[part]], axis=0)
        np.testing.assert_allclose(table[f"{part}_null"], mean)
    np.testing.assert_allclose(table["chi_square"], stats.chi2.ppf(LEVELS, AXES))


def test_test_of_first_axes_sees_no_other():
    points = gaussian()
    points[:, 3:] = (RNG.exponential(size=(COUNT, 5)) - 1) * np.sqrt(SPECTRUM[3:])
    found = scores_of(points).statistics("all", SUBSAMPLES, (0,)).tests
    assert max(found["every_p"]) < 1e-50 and np.median(found["first_p"]) > 0.05


def test_numbers_of_a_part_are_over_its_subsamples():
    def made(excess, p):
        tests = {key: [0.0] for key in TESTS} | {"shapiro_wilk": [0.5, 1.0], "first": excess, "first_p": p}
        kurtoses = {"excess_kurtosis": 0.5, "mardia_kurtosis": 1.2}
        return Statistics(AXES, np.arange(len(LEVELS)) + excess[0], np.array([0.06, 0.02, 0.004]), kurtoses, tests)

    own, others = made([0.5, 0.7], [0.01, 0.04, 0.2]), [made([0.1 * draw], [0.5, 0.04]) for draw in range(19)]
    found = describe(own, others, LEVEL)
    first = found["henze_zirkler"]["first"]
    expected = {"statistic": 1.6, "null_statistic": 1.9, "p": 14 / 20, "lognormal_p": 0.04}
    assert first == pytest.approx(expected | {"rejected": 2 / 3, "null_rejected": 0.5})
    assert (found["shapiro_wilk"]["low"], found["shapiro_wilk"]["high"]) == wilson(0.75, AXES)
    of_null = {"beyond_999": 0.004, "mardia_kurtosis": 1.2, "shapiro_wilk": 0.75, "henze_zirkler": 1.9}
    assert describe_null(others) == pytest.approx(of_null)


def test_null_of_the_core_is_of_means_over_subsamples(monkeypatch):
    monkeypatch.setattr(HenzeZirklerNull, "DRAWS", 400)
    one, nine = (HenzeZirklerNull.of(Subsamples(60, repeats, 2, LEVEL), AXES, 3.0, (0,)).means for repeats in (1, 9))
    assert nine.std() == pytest.approx(one.std() / 3, rel=0.2) and (np.diff(nine) >= 0).all()
