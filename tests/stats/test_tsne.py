"""Maps whose answer is known: planted clusters, the points themselves, and places that know nothing of the points."""

import numpy as np
import pytest

from zpoints.stats import tsne

RNG = np.random.default_rng(0)
KINDS = np.repeat(np.arange(3), 40)
PLANTED = (RNG.standard_normal((3, 8)) * 20)[KINDS] + RNG.standard_normal((120, 8))


@pytest.fixture(scope="module")
def planted():
    near = tsne.neighbors(PLANTED, tsne.needed(10))
    return near, *tsne.embed(PLANTED[:, :2], near, 10, 12, 160, seed=0)


def test_planted_clusters_end_apart_in_the_map(planted):
    near, places, divergence = planted
    gaps = np.linalg.norm(places[:, None] - places, axis=2)
    apart = KINDS[:, None] != KINDS
    widest = max(gaps[kind == KINDS][:, kind == KINDS].max() for kind in range(3))
    assert gaps[apart].min() > 0.5 * widest
    assert places.shape == (120, 2) and places.dtype == np.float64 and 0 < divergence < 1
    near_in_map = tsne.neighbors(places, 8)
    assert tsne.same(KINDS, near_in_map) == {
        "share": 1,
        "chance": pytest.approx(39 / 119),
        "beyond_chance": 1,
    }
    assert tsne.kept(near.nearest(8), near_in_map) > 0.4 and tsne.trust(PLANTED, places, 8) > 0.95


@pytest.mark.parametrize("fft_from", [1, 1_000])
def test_map_is_same_with_any_threads(planted, monkeypatch, fft_from):
    near, *_ = planted
    monkeypatch.setattr(tsne, "FFT_FROM", fft_from)
    places, divergence = tsne.embed(PLANTED[:, :2], near, 10, 12, 15, seed=0)
    monkeypatch.setattr(tsne, "POINTS_PER_THREAD", 10)
    for threads in (1, 2, 3, 4):
        monkeypatch.setattr(tsne, "workers", lambda threads=threads: threads)
        again, value = tsne.embed(PLANTED[:, :2], near, 10, 12, 15, seed=0)
        assert again.tobytes() == places.tobytes() and value == divergence


def test_every_setting_changes_the_map():
    near = tsne.neighbors(PLANTED, tsne.needed(10))
    base = {"perplexity": 10.0, "early_exaggeration": 12.0, "iterations": 20, "seed": 0}
    changes = ({}, {"seed": 1}, {"early_exaggeration": 4.0}, {"iterations": 21}, {"perplexity": 5.0})
    maps = [tsne.embed(PLANTED[:, :2], near, **{**base, **change})[0].tobytes() for change in changes]
    assert len(set(maps)) == len(maps)


def test_first_quarter_of_iterations_exaggerates():
    near = tsne.neighbors(PLANTED, tsne.needed(10))
    quarter, _ = tsne.embed(PLANTED[:, :2], near, 10, 1, 60, seed=0)
    for iterations, equal in ((3, True), (4, False)):
        one, other = (tsne.embed(PLANTED[:, :2], near, 10, factor, iterations, 0)[0] for factor in (1, 12))
        assert np.array_equal(one, other) == equal
    # Late, exaggeration no longer holds the map together.
    assert np.ptp(tsne.embed(PLANTED[:, :2], near, 10, 12, 60, 0)[0]) > 0.2 * np.ptp(quarter)


def test_momentum_rises_after_exaggeration(monkeypatch):
    import openTSNE

    used, optimize = [], openTSNE.TSNEEmbedding.optimize

    def spy(embedding, count, **settings):
        used.extend(count * [(settings.get("exaggeration"), settings.get("momentum"))])
        return optimize(embedding, count, **settings)

    monkeypatch.setattr(openTSNE.TSNEEmbedding, "optimize", spy)
    tsne.embed(PLANTED[:, :2], tsne.neighbors(PLANTED, tsne.needed(10)), 10, 12, 80, seed=0)
    assert used == 20 * [(12, 0.5)] + 60 * [(1, 0.8)]


def test_perplexity_limits_the_neighbors_used():
    few, many = tsne.neighbors(PLANTED, tsne.needed(5)), tsne.neighbors(PLANTED, 60)
    assert tsne.needed(5) == 15 and few.indices.tolist() == many.nearest(15).indices.tolist()
    one, other = (tsne.embed(PLANTED[:, :2], near, 5, 12, 20, 0)[0] for near in (few, many))
    np.testing.assert_array_equal(one, other)


def test_points_that_coincide_have_a_map():
    points = np.repeat(RNG.standard_normal((20, 3)), 6, axis=0)
    places, divergence = tsne.embed(points[:, :2], tsne.neighbors(points, 15), 5, 12, 50, seed=0)
    assert np.isfinite(places).all() and np.isfinite(divergence)


@pytest.mark.parametrize("dimensions", [2, 12])
def test_neighbors_are_exact_far_from_the_origin(dimensions):
    points = (RNG.standard_normal((200, dimensions)) + 5_000).astype(np.float32)
    gaps = np.linalg.norm(points.astype(float)[:, None] - points, axis=2) + np.diag(np.full(200, np.inf))
    found = tsne.neighbors(points, 7)
    np.testing.assert_allclose(found.distances, np.sort(gaps, axis=1)[:, :7], rtol=1e-3)
    assert (found.indices == np.argsort(gaps, axis=1)[:, :7]).mean() > 0.99


def test_identity_keeps_all_shuffled_keeps_chance():
    flat = RNG.standard_normal((1_500, 2))
    near, shuffled = tsne.neighbors(flat, 10), flat[RNG.permutation(1_500)]
    assert tsne.kept(near, near) == pytest.approx(1) and tsne.trust(flat, flat, 10) == 1
    assert tsne.kept(near, tsne.neighbors(shuffled, 10)) == pytest.approx(10 / 1_499, abs=3e-3)
    assert tsne.trust(flat, shuffled, 10) == pytest.approx(0.5, abs=0.02)


def test_random_kinds_are_at_chance():
    near = tsne.neighbors(RNG.standard_normal((2_000, 2)), 10)
    kinds = (RNG.random(2_000) < 0.2).astype(np.uint8)
    found = tsne.same(kinds, near)
    assert found["chance"] == pytest.approx(0.68, abs=0.03) and found["share"] == pytest.approx(
        found["chance"], abs=0.01
    )
    assert found["beyond_chance"] == pytest.approx(0, abs=0.03)
    assert tsne.same(np.ones(2_000), near) == {"share": 1, "chance": 1, "beyond_chance": None}


def test_cluster_labels_are_the_planted_ones():
    found = tsne.cluster_labels(PLANTED, 3, seed=0)
    assert found.dtype == np.int64 and len(set(zip(found.tolist(), KINDS.tolist(), strict=True))) == 3
    assert len(np.unique(tsne.cluster_labels(np.repeat(PLANTED[[0, 50]], 30, axis=0), 10, seed=0))) == 2
