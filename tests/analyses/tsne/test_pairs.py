"""Maps held against copies of themselves, and against maps that have nothing in common with them."""

import numpy as np
import pytest

from zpoints.analyses.tsne.map_similarity import alike

RNG = np.random.default_rng(0)
MAP = RNG.standard_normal((800, 2)) * (5, 2)


def turned(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize("mirror", [1, -1])
def test_a_copy_that_is_turned_mirrored_scaled_and_moved_is_the_same_map(mirror):
    found = alike(MAP, 3 * (MAP * (1, mirror)) @ turned(1.0) + 40, 10, seed=0)
    assert found["residual"] == pytest.approx(0, abs=1e-12) and found["neighbours"] == 1


def test_noise_leaves_its_share_of_the_squared_distances():
    spread = np.sqrt(np.var(MAP, axis=0).sum() / 2)
    found = alike(MAP, (MAP + 0.5 * spread * RNG.standard_normal(MAP.shape)) @ turned(2.0), 10, seed=0)
    # Of the sum's variance, which a scale cannot take out.
    assert found["residual"] == pytest.approx(0.25 / 1.25, abs=0.02)
    assert found["neighbours_by_chance"] < found["neighbours"] < 1


def test_maps_that_have_nothing_in_common_are_as_alike_as_shuffled_ones():
    found = alike(MAP, RNG.standard_normal(MAP.shape) * (5, 2), 10, seed=0)
    assert found["residual"] == pytest.approx(1, abs=0.02) and found["residual_shuffled"] == pytest.approx(1, abs=0.02)
    assert found["neighbours"] == pytest.approx(found["neighbours_by_chance"], abs=0.005)
    assert found["neighbours_by_chance"] == 10 / 799


def test_the_null_shuffles_images_and_takes_nothing_else_away():
    found = alike(MAP, MAP, 10, seed=0)
    assert found["residual"] == pytest.approx(0, abs=1e-12) and found["residual_shuffled"] > 0.97
    assert found == alike(MAP, MAP, 10, seed=0) != alike(MAP, MAP, 10, seed=1)


def test_a_map_whose_points_coincide_is_refused():
    with pytest.raises(ValueError):
        alike(MAP, np.ones_like(MAP), 10, seed=0)
