"""Probes: they find what was planted as well as theory says, and nothing in shuffled labels."""

import numpy as np
import pytest
from scipy.stats import binom, mannwhitneyu, norm
from sklearn.metrics import roc_auc_score

from zpoints.stats.confidence import logit
from zpoints.stats.probes import (
    LatentScaler,
    ProbePoints,
    attribute_fits,
    auc,
    beside,
    chance,
    logistic,
    mean_differences,
    probe_attributes,
    probe_factors,
    ridge,
    scaled_normals,
)


def planted(seed, images=4000, shift=1.5, z_dim=6):
    """A cloud of correlated axes in which an attribute moves points `shift` standard deviations along a direction."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(images) < 0.3).astype(np.uint8)
    direction = np.ones(z_dim) / np.sqrt(z_dim)
    points = rng.standard_normal((images, z_dim)) + shift * labels[:, None] * direction
    return points * np.arange(1, z_dim + 1) + 20, labels


def parts(shift=1.5):
    (one, own), (other, held_out) = planted(0, shift=shift), planted(1, shift=shift)
    standard = LatentScaler.of(one)
    return ProbePoints(standard.apply(one), standard.apply(other), 0), own, held_out


def test_auc_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.random(500) < 0.2
    for scores in (rng.standard_normal(500) + labels, np.round(rng.standard_normal(500) + labels)):
        assert auc(scores, labels)[0] == pytest.approx(roc_auc_score(labels, scores))


def test_variance_of_auc_is_delongs():
    rng = np.random.default_rng(1)
    labels = rng.random(300) < 0.3
    scores = rng.standard_normal(300) + labels
    area, influence = auc(scores, labels)
    wins = (scores[labels][:, None] > scores[~labels]).astype(float)
    expected = wins.mean(axis=1).var(ddof=1) / labels.sum() + wins.mean(axis=0).var(ddof=1) / (~labels).sum()
    assert np.square(influence).sum() == pytest.approx(expected)
    assert area == pytest.approx(wins.mean())


def test_chance_is_that_of_mann_and_whitney():
    labels = np.random.default_rng(2).random(200) < 0.4
    scores = np.random.default_rng(3).standard_normal(200)
    p = mannwhitneyu(scores[labels], scores[~labels], method="asymptotic", use_continuity=False).pvalue
    assert 2 * norm.sf(abs(auc(scores, labels)[0] - 0.5) / chance(labels)) == pytest.approx(p)


@pytest.mark.parametrize("shift", [0.5, 1.5])
def test_planted_attribute_has_auc_of_theory(shift):
    cloud, own, held_out = parts(shift)
    (row,), _, found = probe_attributes(cloud, own[:, None], held_out[:, None], ["x"], 0.05)
    expected = norm.cdf(shift / np.sqrt(2))
    assert row["low"] < expected < row["high"] and row["high"] - row["low"] < 0.05
    assert row["p_holm"] < 1e-6 and found["beyond_chance"] == 1 and found["null_beyond_chance"] == 0
    power = norm.sf((norm.isf(0.025) * chance(held_out) - found["limit"] + 0.5) / chance(held_out))
    assert power == pytest.approx(0.9)
    assert (found["auc"]["mean"], found["auc"]["low"]) == pytest.approx((row["value"], row["low"]))
    assert row["share"] == pytest.approx(own.mean())


def test_shuffled_labels_stay_within_chance():
    cloud, own, held_out = parts()
    # One attribute many times: the null shuffles each of them anew, the value shows it.
    columns = [np.repeat(labels[:, None], 60, axis=1) for labels in (own, held_out)]
    rows, _, found = probe_attributes(cloud, *columns, [str(at) for at in range(60)], 0.1)
    beyond = sum(not row["chance_low"] <= row["null"] <= row["chance_high"] for row in rows)
    assert len({row["null"] for row in rows}) == 60 and 1 <= beyond <= 13
    assert found["null"]["mean"] == pytest.approx(0.5, abs=0.01) and found["null_beyond_chance"] == 0
    # As many copies of one attribute tell no more than one of them.
    assert found["auc"]["low"] == pytest.approx(rows[0]["low"])


def test_unrelated_labels_are_not_beyond_chance():
    cloud, *_ = parts()
    rng = np.random.default_rng(4)
    columns = [(rng.random((4000, 30)) < 0.4).astype(np.uint8) for _ in range(2)]
    rows, _, found = probe_attributes(cloud, *columns, [str(at) for at in range(30)], 0.05)
    assert found["beyond_chance"] == 0 and sum(row["low"] < 0.5 < row["high"] for row in rows) >= 25


def test_directions_recover_the_planted_shift():
    points, labels = planted(0)
    points = np.hstack([points, np.full((len(points), 1), 3.0)])  # an axis that says nothing
    standard = LatentScaler.of(points)
    weights = logistic(standard.apply(points), labels)
    shift = 1.5 / np.sqrt(6) * np.append(np.arange(1, 7), 0)
    difference = mean_differences([points[:1000], points[1000:]], labels[:, None])[0]
    np.testing.assert_allclose(difference, shift, atol=0.1 * 6)
    np.testing.assert_allclose(difference, points[labels == 1].mean(axis=0) - points[labels == 0].mean(axis=0))
    normal = scaled_normals(standard.normals(weights[None]), points)[0]
    expected = np.append(1 / np.arange(1, 7), 0)
    assert normal @ expected / np.linalg.norm(normal) / np.linalg.norm(expected) > 0.99
    assert normal[-1] == 0
    assert (points @ normal / np.linalg.norm(normal)).std() == pytest.approx(np.linalg.norm(normal))


def test_factor_has_the_planted_r2():
    rng = np.random.default_rng(5)
    points = rng.standard_normal((6000, 4))
    factors = np.stack([points[:, 0] + 0.5 * rng.standard_normal(6000), rng.standard_normal(6000)], axis=1) * 30 + 7
    cloud = ProbePoints(points[:3000], points[3000:], 0)
    rows, found = probe_factors(cloud, factors[:3000], factors[3000:], ["known", "unknown"])
    known, unknown = rows
    assert known["low"] < 0.8 < known["high"] and abs(unknown["value"]) < 0.01
    assert all(row["chance_low"] <= row["null"] <= row["chance_high"] and abs(row["null"]) < 0.01 for row in rows)
    assert found["r2"]["mean"] == pytest.approx((known["value"] + unknown["value"]) / 2)
    assert found["r2"]["low"] < 0.4 < found["r2"]["high"]
    np.testing.assert_allclose(ridge(points, points[:, :1] * 2 + 5), [[2], [0], [0], [0], [5]], atol=0.01)


def test_no_labels_give_no_rows():
    cloud, *_ = parts()
    none = np.zeros((4000, 0))
    assert probe_factors(cloud, none, none, []) == ([], {"probed": 0})
    rows, weights, found = probe_attributes(cloud, none, none, [], 0.05)
    assert (rows, weights.shape, found) == ([], (0, 6), {"probed": 0})


def test_interval_of_what_noise_costs_covers():
    rng = np.random.default_rng(0)
    truth = norm.cdf(1 / np.sqrt(2)) - norm.cdf(1 / np.sqrt(4))
    covered = []
    for _ in range(200):
        labels = rng.integers(0, 2, (150, 2))
        points = labels + rng.standard_normal((150, 2))
        noisy = points + rng.standard_normal((150, 2))
        fits = [attribute_fits(scores, np.eye(2), labels) for scores in (points, noisy)]
        found = beside(*fits, logit)
        assert found["lost"]["mean"] == pytest.approx(np.mean([area for area, _ in fits[0]]) - found["z"]["mean"])
        covered.append(found["lost"]["low"] <= truth <= found["lost"]["high"])
    low, high = binom.interval(0.999, 200, 0.95)
    assert low <= sum(covered) <= high
