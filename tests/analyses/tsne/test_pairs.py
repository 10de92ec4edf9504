"""Maps laid upon copies of themselves, and upon maps that have nothing in common with them."""

import numpy as np
import pytest

from zpoints.analyses.tsne.pairs import alike, pairs
from zpoints.errors import UserError
from zpoints.measurement import Measurement, NotMeasurable

RNG = np.random.default_rng(0)
MAP = RNG.standard_normal((800, 2)) * (5, 2)


def turned(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize("mirror", [1, -1])
def test_turned_copy_is_the_same_map(mirror):
    found = alike(MAP, 3 * (MAP * (1, mirror)) @ turned(1.0) + 40, 10, seed=0)
    assert found["residual"] == pytest.approx(0, abs=1e-12) and found["neighbours"] == 1


def test_noise_leaves_its_share():
    spread = np.sqrt(np.var(MAP, axis=0).sum() / 2)
    found = alike(MAP, (MAP + 0.5 * spread * RNG.standard_normal(MAP.shape)) @ turned(2.0), 10, seed=0)
    # Of the sum's variance, which a scale cannot take out.
    assert found["residual"] == pytest.approx(0.25 / 1.25, abs=0.02)
    assert found["neighbours_by_chance"] < found["neighbours"] < 1


def test_unrelated_maps_are_at_chance():
    found = alike(MAP, RNG.standard_normal(MAP.shape) * (5, 2), 10, seed=0)
    assert found["residual"] == pytest.approx(1, abs=0.02) and found["residual_shuffled"] == pytest.approx(1, abs=0.02)
    assert found["neighbours"] == pytest.approx(found["neighbours_by_chance"], abs=0.005)
    assert found["neighbours_by_chance"] == 10 / 799


def test_null_shuffles_the_images():
    found = alike(MAP, MAP, 10, seed=0)
    assert found["residual"] == pytest.approx(0, abs=1e-12) and found["residual_shuffled"] > 0.97
    assert found == alike(MAP, MAP, 10, seed=0) != alike(MAP, MAP, 10, seed=1)


def test_coinciding_points_are_refused():
    with pytest.raises(ValueError):
        alike(MAP, np.ones_like(MAP), 10, seed=0)


def measurement(coordinates, maps=1, rows=None):
    """A model's maps, all the same."""
    count = len(coordinates)
    table = np.column_stack([np.arange(count) if rows is None else rows, np.zeros(count), coordinates])
    numbers = {"neighbours": 4, "columns": ["row", "radius", "x", "y"], "maps": {str(n + 1): {} for n in range(maps)}}
    return Measurement(numbers, arrays={f"map_{n + 1}": table.astype(np.float32) for n in range(maps)})


ONE = MAP[:60]
MEASUREMENTS = {
    "one": measurement(ONE, maps=2),
    "two": measurement(ONE * (-1, 1), maps=2),
    "three": measurement(RNG.random((60, 2)), maps=3),
}


def test_all_pairs_at_all_shared_maps():
    found = pairs(MEASUREMENTS)
    table = found.tables["pairs"]
    assert found.numbers == {"models": ["one", "two", "three"], "maps": 2}
    names = [("one", "two"), ("one", "three"), ("two", "three")]
    assert list(zip(table["map"], table["a"], table["b"], strict=True)) == [(n, a, b) for n in (1, 2) for a, b in names]
    assert set(table["points"]) == {60} and set(table["neighbours_by_chance"]) == {4 / 59}
    same = (table["a"] == "one") & (table["b"] == "two")
    assert ((table["residual"] < 1e-6) == same).all() and ((table["neighbours"] == 1) == same).all()


def test_one_model_has_no_pairs():
    with pytest.raises(NotMeasurable, match="needs the maps of two models, has 1"):
        pairs({"one": MEASUREMENTS["one"]})


def test_maps_of_other_images_are_refused():
    other = measurement(ONE, rows=np.arange(60)[::-1])
    with pytest.raises(UserError, match="tsne of two: map_1: expected the images of one, received others"):
        pairs({"one": MEASUREMENTS["one"], "two": other})


@pytest.mark.parametrize("arrays", [{}, {"map_1": np.zeros(60)}, {"map_1": np.zeros((60, 2))}])
def test_damaged_map_is_named(arrays):
    damaged = Measurement(MEASUREMENTS["one"].numbers, arrays=arrays)
    with pytest.raises(UserError, match="tsne of two: map_1: expected columns row, x, y, received"):
        pairs({"one": MEASUREMENTS["one"], "two": damaged})
