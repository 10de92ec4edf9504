"""The maps of all pairs of models: read as tsne writes them, and of the same images."""

import json

import numpy as np
import pytest

from zpoints.comparison.maps import pairs
from zpoints.errors import UserError
from zpoints.config.models import Models

MODELS = Models.model_validate_json(json.dumps({name: {"kind": "ae"} for name in ("one", "two", "three")}))
RNG = np.random.default_rng(0)
MAPS = RNG.standard_normal((2, 60, 2)).astype(np.float32)


@pytest.fixture
def measurements(tmp_path):
    """`two` has the maps of `one`, mirrored; `three` has others, and one map more."""
    for name in MODELS:
        count = 3 if name == "three" else 2
        (tmp_path / name / "tsne").mkdir(parents=True)
        told = {"neighbours": 4, "columns": ["row", "radius", "x", "y"]}
        told["maps"] = {str(number): {"points": 60} for number in range(1, count + 1)}
        (tmp_path / name / "tsne.json").write_text(json.dumps(told))
        for number in range(count):
            places = {"one": MAPS[number % 2], "two": MAPS[number % 2] * (-1, 1)}.get(name, RNG.random((60, 2)))
            save(tmp_path, name, number + 1, np.arange(60), places)
    return tmp_path


def save(folder, name, number, rows, places):
    table = np.column_stack([rows, np.zeros(len(rows)), places]).astype(np.float32)
    np.save(folder / name / "tsne" / f"map_{number}.npy", table)


def test_every_pair_is_held_together_at_each_map_that_all_models_have(measurements):
    found = pairs(MODELS, measurements)
    names = [("one", "two"), ("one", "three"), ("two", "three")]
    assert [(one["map"], one["a"], one["b"]) for one in found] == [
        (number, *pair) for number in (1, 2) for pair in names
    ]
    assert all(one["points"] == 60 and one["neighbours_by_chance"] == 4 / 59 for one in found)
    for one in found:
        assert (one["residual"] < 1e-6) == (one["neighbours"] == 1) == (one["b"] == "two")


def test_one_model_has_no_pairs(measurements):
    assert pairs(Models.model_validate_json('{"one": {"kind": "ae"}}'), measurements) == []


def test_maps_of_other_images_are_refused(measurements):
    save(measurements, "two", 2, np.arange(60)[::-1], MAPS[1])
    with pytest.raises(UserError, match=r"two/tsne/map_2.npy: expected the images of one, received others"):
        pairs(MODELS, measurements)


@pytest.mark.parametrize("content", [None, b"", b"no array"])
def test_a_missing_or_damaged_map_is_named(measurements, content):
    path = measurements / "two" / "tsne" / "map_1.npy"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(UserError, match=r"two/tsne/map_1.npy: expected a map.*received"):
        pairs(MODELS, measurements)


def test_a_map_without_the_columns_that_are_told_is_named(measurements):
    np.save(measurements / "two" / "tsne" / "map_1.npy", np.zeros((60, 2), np.float32))
    with pytest.raises(UserError, match=r"two/tsne/map_1.npy: expected a map with columns row, x, y, received"):
        pairs(MODELS, measurements)
