"""The detection limit: the least effect with the power, and what is planted there is found by the tests themselves."""

import numpy as np
import pytest

from zpoints.analyses.clusters.config import Config as Clusters
from zpoints.analyses.clusters.method import clustering
from zpoints.analyses.gaussianity.method.multivariate_normality import HenzeZirklerNull, Subsamples, excess
from zpoints.stats.detection import smallest_effect
from zpoints.stats.modality import Cells, second_maximum, shell_limit
from zpoints.stats.neighbors import FILAMENTS, describe_neighborhoods, filament_limit
from zpoints.stats.reference_distributions import Gaussian, moments, null_models

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


def planted_filaments(share, n, d):
    points = RNG.standard_normal((n, d))
    ends = np.sqrt(1.5) * RNG.standard_normal((2, FILAMENTS, d))
    chosen, along = RNG.integers(FILAMENTS, size=n), RNG.random((n, 1))
    lines = (1 - along) * ends[0, chosen] + along * ends[1, chosen]
    return np.where((RNG.random(n) < share)[:, None], lines, points).astype(np.float32)


@pytest.mark.slow
def test_filaments_at_their_limit_are_found():
    n, d, found = 1000, 10, []
    for run in range(15):
        plain = planted_filaments(0, n, d)
        law = moments([plain])
        nulls = null_models(plain, np.arange(n), law, (run,))
        described = describe_neighborhoods(plain, np.arange(n), nulls, 200, 5, 5, run)
        share = filament_limit(Gaussian.like(law), described, (run,))["share"]
        points = planted_filaments(share, n, d)
        nulls = null_models(points, np.arange(n), moments([points]), (run,))
        ratio = describe_neighborhoods(points, np.arange(n), nulls, 200, 5, 5, run + 100)["distance"]["ratio"]
        found.append(ratio["high"] < 1)
    assert sum(found) >= 10


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

    described, nulls = gap(null.sample(500, (0,)), 1)

    def gap_of(points):
        return float((np.log(nulls) - np.log(run([points], 2, 1))).mean())

    limit = clustering.cluster_limit(null, 500, described, config, gap_of)
    planted = (clustering.planted_clusters(null, 500, limit["share"], (seed,)) for seed in range(3, 13))
    assert sum(gap(points, 9)[0]["p"] <= 0.05 for points in planted) >= 7
    assert limit["separation"] == pytest.approx(np.sqrt(limit["share"] / (1 - limit["share"])))
