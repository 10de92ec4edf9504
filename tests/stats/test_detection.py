"""The detection limit: the least effect with the power, and what is planted there is found by the tests themselves."""

import numpy as np
import pytest
from scipy.stats import t as student

from zpoints.analyses.clusters.config import Config as Clusters
from zpoints.analyses.clusters.method import clustering
from zpoints.analyses.gaussianity.method.multivariate_normality import HenzeZirklerNull, Subsamples, excess
from zpoints.stats.detection import errors_needed, smallest_effect
from zpoints.stats.modality import Cells, second_maximum, shell_limit
from zpoints.stats.reference_distributions import Gaussian, moments

RNG = np.random.default_rng(0)


def test_smallest_effect_has_the_power():
    thresholds = np.linspace(0, 1, 20)
    asked = []

    def found(effect, draw):
        asked.append(effect)
        return effect >= thresholds[draw]

    effects = np.linspace(0, 2, 201).tolist()
    limit = smallest_effect(found, effects)
    assert limit["effect"] == pytest.approx(thresholds[17], abs=0.01) and limit["power"] == 0.9
    assert limit["power_low"] < 0.9 < limit["power_high"] and len(set(asked)) < 10


def test_no_limit_where_the_largest_is_missed():
    assert smallest_effect(lambda effect, draw: draw > 3, [1.0, 2.0])["effect"] is None
    assert smallest_effect(lambda effect, draw: True, [])["effect"] is None


@pytest.mark.parametrize("freedom", [3, 30])
def test_errors_needed_give_the_power(freedom):
    shift = errors_needed(freedom, 0.05)
    draws = RNG.standard_normal((20_000, freedom + 1)) + shift / np.sqrt(freedom + 1)
    statistic = draws.mean(axis=1) / draws.std(axis=1, ddof=1) * np.sqrt(freedom + 1)
    assert (statistic > student.isf(0.05, freedom)).mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.slow
def test_shell_at_its_limit_is_found():
    null = np.linalg.norm(RNG.standard_normal((5000, 20)), axis=1)
    limit = shell_limit(null, 600, 0.05, (1,))
    found = 0
    for run in range(20):
        radii = np.linalg.norm(RNG.standard_normal((600, 20)), axis=1)
        radii += limit["effect"] * null.std() * (RNG.random(600) < 0.2)
        found += second_maximum(radii, Cells.of(radii), 0.05, 100, (run,))["maxima"] == 2
    assert found >= 14 and 2 < limit["effect"] < 12


@pytest.mark.slow
def test_halves_at_their_limit_are_found():
    null = HenzeZirklerNull.of(Subsamples(200, 3, 4, 0.05), 6, 3.0, (0,))
    limit = null.shift_limit(0.05)["effect"]
    means = []
    for _ in range(20):
        points = RNG.standard_normal((3, 200, 4))
        points[..., 0] += limit * (RNG.random((3, 200)) < 0.5)
        means.append(np.mean([excess(sample) for sample in points]))
    assert np.count_nonzero(np.array(means) > np.quantile(null.means, 0.95)) >= 14 and 2 < limit < 8


@pytest.mark.slow
def test_clusters_at_their_limit_are_found():
    config = Clusters(k=(2, 4, 8, 12, 16), k_labels=4, n_init=3, n_nulls=4)
    null = Gaussian(np.zeros(6), np.diag(np.linspace(2, 1, 6)))

    def run(cloud, seed, runs):
        return clustering.curves(cloud, runs, config.k, n_silhouette=20, k_labels=None, seed=(seed,))[0].inertia

    def gap(points, seed):
        fitted = Gaussian.like(moments([points]))
        nulls = run([fitted.sample(500, (seed, draw)) for draw in range(4)], seed, 4)
        return clustering.describe_gap(config.k, run([points] * 3, seed, 3), nulls, 0.05), nulls

    described, _ = gap(null.sample(500, (0,)), 1)

    def gap_of(points):
        own = Gaussian.like(moments([points])).sample(500, (5,))
        return float(np.diff(np.log(run([points, own], 2, 2)).mean(axis=1))[0])

    limit = clustering.cluster_limit(null, 500, described, config, gap_of)
    planted = (clustering.planted_clusters(null, 500, limit["share"], (seed,)) for seed in range(3, 13))
    assert sum(gap(points, 9)[0]["p"] <= 0.05 for points in planted) >= 7
    assert limit["separation"] == pytest.approx(np.sqrt(limit["share"] / (1 - limit["share"])))
