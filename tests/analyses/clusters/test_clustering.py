"""Planted clusters are found by gap, silhouette and elbow; in a Gaussian there are none at the stated level."""

import itertools

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from zpoints.analyses.clusters.method.clustering import (
    Gap,
    cells_of,
    curve_table,
    curves,
    describe_difference,
    describe_elbow,
    describe_gap,
    describe_silhouette,
    elbow,
    silhouettes,
)
from zpoints.stats.reference_distributions import Gaussian, moments

RNG = np.random.default_rng(0)
KS = (2, 3, 4, 5, 6, 8, 10, 14)


def measured(points, seed=0, runs=4, ks=KS, n_silhouette=200):
    null = Gaussian.like(moments([points]))
    clouds = (null.sample(len(points), (seed, turn)) for turn in range(runs))
    own, partitions = curves(
        itertools.repeat(points, runs), runs, ks, n_silhouette=n_silhouette, k_labels=5, seed=(seed, 10)
    )
    nulls, _ = curves(clouds, runs, ks, n_silhouette=n_silhouette, k_labels=5, seed=(seed, 11))
    return own, nulls, partitions


@pytest.fixture(scope="module")
def planted():
    centers = 6 * np.eye(5, 6)
    return (centers[np.arange(1_000) % 5] + RNG.standard_normal((1_000, 6))).astype(np.float32)


@pytest.fixture(scope="module")
def found(planted):
    return measured(planted)


def test_gap_finds_planted_clusters(found):
    own, nulls, _ = found
    gap = describe_gap(KS, own.inertia, nulls.inertia, 0.05)
    assert gap["beyond_a_gaussian"] == 1 and gap["low"] > 0 and gap["p"] < 0.01
    assert gap["largest_k"] == 5 == gap["clusters"] and gap["largest"] > 20 * gap["largest_error"]


def test_silhouette_and_elbow_find_planted_clusters(found):
    own, nulls, _ = found
    silhouette = describe_silhouette(KS, own.silhouette, nulls.silhouette, 0.05)
    assert silhouette["k"] == 5 and silhouette["mu"] > 0.5 > 0.3 > silhouette["null_highest"]
    assert silhouette["difference"]["beyond_a_gaussian"] == 1
    bend = describe_elbow(KS, own.inertia, nulls.inertia)
    assert bend["mu"]["k"] == 5 and bend["mu"]["strength_low"] > bend["null"]["strength_high"]


def test_kept_partition_is_the_planted_one(found, planted):
    _, _, partitions = found
    best = min(partitions, key=lambda partition: partition.inertia)
    assert len(partitions) == 4 and best.centers.shape == (5, 6)
    pairs = set(zip((np.arange(1_000) % 5).tolist(), best.cells.tolist(), strict=True))
    large = [pair for pair in pairs if np.mean((best.cells == pair[1]) & (np.arange(1_000) % 5 == pair[0])) > 0.15]
    assert len(large) == 5
    np.testing.assert_array_equal(cells_of(planted, best.centers), best.cells)


def test_a_gaussian_has_no_clusters_at_the_level():
    alarms = {"gap": 0, "silhouette": 0}
    ks = (2, 5, 9)
    for trial in range(8):
        points = (RNG.standard_normal((300, 4)) * [4, 2, 1, 1]).astype(np.float32)
        own, nulls, _ = measured(points, trial, 3, ks, 60)
        alarms["gap"] += describe_gap(ks, own.inertia, nulls.inertia, 0.05)["beyond_a_gaussian"]
        silhouette = describe_silhouette(ks, own.silhouette, nulls.silhouette, 0.05)
        alarms["silhouette"] += silhouette["difference"]["beyond_a_gaussian"]
    assert max(alarms.values()) <= 2, "at 5% more than 2 of 8 has a chance of 0.6%"


def test_difference_keeps_its_level_and_coverage():
    alarms, held = 0, 0
    for _ in range(1_000):
        own = RNG.standard_normal((1, 6)) + 0.3 * RNG.standard_normal((4, 1))
        nulls = RNG.standard_normal((6, 6)) + 0.3 * RNG.standard_normal((6, 1))
        told = describe_difference(own, nulls, 0.05)
        alarms += told["beyond_a_gaussian"]
        held += told["low"] <= 0 <= told["high"]
    assert alarms / 1_000 <= 0.07 and held / 1_000 >= 0.93


def test_inertia_is_that_of_the_definition(planted):
    own, _ = curves([planted], 1, (2, 3, 4), n_silhouette=100, k_labels=3, seed=(0,))
    again, partitions = curves([planted + 1_000], 1, (2, 3, 4), n_silhouette=100, k_labels=3, seed=(0,))
    np.testing.assert_allclose(own.inertia, again.inertia, rtol=0.02)
    part = partitions[0]
    direct = np.square(planted.astype(float) + 1_000 - part.centers[part.cells]).sum()
    assert part.inertia == pytest.approx(direct / 1_000, rel=1e-3)
    total = np.square(planted - planted.mean(axis=0)).sum()
    assert again.inertia[0, 1] == pytest.approx(direct / total, rel=1e-3)


def test_each_run_has_its_own_start(planted):
    one, other = (curves([planted] * 3, 3, (2, 8), n_silhouette=50, k_labels=2, seed=(4,))[0] for _ in range(2))
    assert np.array_equal(one.inertia, other.inertia) and len(set(one.inertia[:, 1])) == 3


def test_an_elbow_is_where_a_curve_bends():
    ks = range(1, 21)
    corner = elbow(ks, np.maximum(20 - 4.0 * np.arange(20), 0.01 * np.arange(20, 0, -1)))
    assert corner.k == 6 and corner.strength > 0.6
    line = elbow(ks, 20 - np.arange(20.0))
    assert line.strength == pytest.approx(0, abs=1e-9)
    assert 0.2 < elbow(ks, 1 / np.sqrt(np.arange(1, 21))).strength < corner.strength


def test_clusters_of_a_gap_are_clus_gaps():
    """R's maxSE, method globalSEmax: the least k within a standard error of the largest gap."""
    error = np.full(3, 0.02)
    assert Gap(np.array([-0.01, 0.0, 0.005]), error).clusters((2, 3, 4)) == 1
    assert Gap(np.array([0.1, 0.5, 0.4]), error).clusters((2, 3, 4)) == 3
    assert Gap(np.array([0.1, 0.49, 0.5]), error).clusters((2, 3, 4)) == 3
    assert Gap(np.array([0.1, 0.5, 0.9]), error).clusters((2, 3, 4)) == 4


def test_early_dip_of_the_gap_hides_no_clusters():
    """Three pairs of clusters: two cells fit a Gaussian better than they fit the pairs."""
    assert Gap(np.array([-0.1, 0.27, 0.3, 0.6, 0.5]), np.full(5, 0.02)).clusters((2, 3, 4, 6, 8)) == 6


def test_degenerate_silhouettes_are_0():
    apart = np.abs(np.arange(4.0)[:, None] - np.arange(4.0))
    assert silhouettes(apart, np.zeros(4)) == 0 == silhouettes(apart, np.arange(4))
    assert silhouettes(apart, np.array([0, 0, 1, 1])) > 0


def test_k_means_is_the_same_in_any_threads(planted):
    inertias = []
    for threads in (1, 2, 3):
        with threadpool_limits(limits=threads):
            points = [np.repeat(planted, 5, axis=0)]
            found, _ = curves(points, 1, (40,), n_silhouette=50, k_labels=None, seed=(1,))
            inertias.append(found.inertia[0, 0])
    assert len(set(inertias)) == 1


def test_curve_table_has_means_and_spreads(found):
    own, nulls, _ = found
    table = curve_table(KS, own, nulls)
    assert table["k"].tolist() == list(KS)
    np.testing.assert_allclose(table["inertia"], own.inertia.mean(axis=0))
    np.testing.assert_allclose(table["null_silhouette_std"], nulls.silhouette.std(axis=0, ddof=1))
    np.testing.assert_allclose(table["gap"], (np.log(nulls.inertia) - np.log(own.inertia)).mean(axis=0))
