"""Hopkins' statistic of scattered, clumped and evenly spread places."""

import numpy as np
import pytest

from zpoints.analyses.tsne.method.cluster_tendency import hopkins, within_hull

RNG = np.random.default_rng(0)
ANGLES, RADII = 2 * np.pi * RNG.random(4_000), np.sqrt(RNG.random((4_000, 1)))
DISC = RADII * np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])


def test_uniform_disc_has_one_half():
    found = hopkins(DISC, 1_000, seed=0)
    assert found["mean"] == pytest.approx(0.5, abs=0.03) and found["low"] < 0.5 < found["high"]


def test_islands_have_more_than_a_lattice():
    islands = DISC[:1_000] + 3 * RNG.integers(0, 4, (1_000, 2))
    assert hopkins(islands, 1_000, seed=0)["low"] > 0.75
    lattice = np.stack(np.meshgrid(np.arange(40.0), np.arange(40.0)), axis=2).reshape(-1, 2)
    assert hopkins(lattice, 1_600, seed=0)["high"] < 0.4


def test_hopkins_ignores_scale_origin_and_count():
    found = hopkins(DISC, 500, seed=0)
    assert hopkins(1e3 * DISC + 1e5, 500, seed=0)["mean"] == pytest.approx(found["mean"], abs=1e-6)
    assert hopkins(DISC[:1_000], 500, seed=1)["mean"] == pytest.approx(found["mean"], abs=0.04)


def test_probes_fill_the_hull_evenly():
    found = within_hull(np.array([[0, 0], [4, 0], [4, 1], [0, 1], [1, 0.5]]), 8_000, np.random.default_rng(0))
    np.testing.assert_allclose(found.mean(axis=0), [2, 0.5], atol=0.04)
    np.testing.assert_allclose(found.var(axis=0), [16 / 12, 1 / 12], rtol=0.04)
    assert (found.min(axis=0) >= 0).all() and (found.max(axis=0) <= [4, 1]).all()
    triangle = within_hull(np.array([[0, 0], [1, 0], [0, 1.0]]), 3_000, np.random.default_rng(0))
    assert (triangle.sum(axis=1) <= 1).all()
