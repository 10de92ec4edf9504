"""Shuffled images: p is uniform for strangers, least for copies, and the quick ways give the plain numbers."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from zpoints.analyses.similarity.method import permutations

RNG = np.random.default_rng(0)


def test_nuclear_norm_is_the_sum_of_singular_values():
    for shape in ((5, 9), (9, 5)):
        matrix = RNG.standard_normal(shape)
        assert permutations.nuclear(matrix) == pytest.approx(np.linalg.svd(matrix, compute_uv=False).sum())


def test_swapped_radii_have_the_plain_distances():
    a, b = RNG.random(40), RNG.random(40) + 0.1
    found = permutations.radius_swaps(a, b, 5, 3)
    rng = np.random.default_rng(3)
    for distance in found:
        swap = rng.integers(0, 2, 40) == 0
        assert distance == pytest.approx(wasserstein_distance(np.where(swap, b, a), np.where(swap, a, b)))


def test_common_neighbours_are_counted_as_by_hand():
    near = np.array([[1], [2], [3], [0]])
    assert permutations.of_neighbours(near, near, 999, 0) == pytest.approx(4 / 24, abs=0.04)  # turns of a ring of four


def test_p_of_strangers_is_uniform_and_of_copies_least():
    unit = np.eye(4), np.eye(3)
    p = []
    for _ in range(60):
        a, b = RNG.standard_normal((50, 4)), RNG.standard_normal((50, 3))
        p.append(permutations.of_covariances(a, b, unit, 39, int(RNG.integers(99))))
    for name in ("cka", "procrustes", "canonical"):
        values = np.array([found[name] for found in p])
        assert 0.35 < values.mean() < 0.65 and values.min() < 0.2 < 0.8 < values.max()
    a = RNG.standard_normal((50, 4)) + 9
    copy = permutations.of_covariances(a, -2 * a, (np.eye(4), np.eye(4)), 39, 0)
    assert copy["cka"] == copy["canonical"] == copy["procrustes"] == 1 / 40
    assert copy["unrotated"] == 1, "turned round"
    assert permutations.of_map(a, a, 39, 0) == 1 / 40 < 1 == permutations.of_map(-a, a, 39, 0)
