"""Directions are read back as they were written, and a folder that is not what it says is named."""

import json

import numpy as np
import pytest

from zpoints.errors import UserError
from zpoints.latents.directions import Directions

VECTORS = np.random.default_rng(0).standard_normal((2, 2, 5)).astype(np.float32)
DIRECTIONS = Directions("abc", ("Male", "Smiling"), *VECTORS)


@pytest.fixture
def folder(tmp_path):
    DIRECTIONS.write(tmp_path / "directions")
    return tmp_path / "directions"


def test_directions_are_read_back_as_they_were_written(folder):
    found = Directions.open(folder)
    assert (found.model, found.names) == ("abc", ("Male", "Smiling"))
    np.testing.assert_array_equal(found.of("Smiling"), VECTORS[0, 1])
    np.testing.assert_array_equal(found.of("Male", "normal"), VECTORS[1, 0])
    assert found.normal.dtype == np.float32 and set(json.loads((folder / "index.json").read_text())["units"]) == {
        "mean_difference",
        "normal",
    }


def test_float64_is_written_as_float32_and_no_directions_at_all_are_fine(tmp_path):
    empty = np.zeros((0, 5))
    Directions("abc", (), empty, empty).write(tmp_path / "none")
    found = Directions.open(tmp_path / "none")
    assert found.names == () and found.normal.shape == (0, 5) and found.normal.dtype == np.float32


def test_unknown_names_and_kinds_are_refused():
    with pytest.raises(UserError, match="attribute: expected one of Male, Smiling, received Bald"):
        DIRECTIONS.of("Bald")
    with pytest.raises(UserError, match="direction: expected one of mean_difference, normal, received model"):
        DIRECTIONS.of("Male", "model")


def change(**keys):
    return lambda folder: (folder / "index.json").write_text(
        json.dumps(json.loads((folder / "index.json").read_text()) | keys)
    )


FAULTS = {
    "missing": (lambda folder: (folder / "index.json").unlink(), "index.json: .*; run the attributes stage first"),
    "other": (lambda folder: (folder / "index.json").write_text("[]"), "index.json: expected the index of directions"),
    "huge": (
        lambda folder: (folder / "index.json").write_text(" " * (2 << 20)),
        "index.json: expected at most 1048576",
    ),
    "format": (change(format=9), "in format 1, received something else"),
    "twice": (change(names=["Male", "Male"]), "index.json: expected the index"),
    "numbers": (change(names=[1, 2]), "index.json: expected the index"),
    "names": (change(names=["Male"]), r"mean_difference.npy: expected float32 \(1, 5\), .*, received float32 \(2, 5\)"),
    "gone": (lambda folder: (folder / "normal.npy").unlink(), "normal.npy: expected a .npy array"),
    "dtype": (lambda folder: np.save(folder / "normal.npy", np.zeros((2, 5))), "normal.npy: expected float32"),
    "nan": (
        lambda folder: np.save(folder / "normal.npy", np.full((2, 5), np.nan, np.float32)),
        "normal.npy: expected finite numbers",
    ),
    "pickle": (
        lambda folder: np.save(folder / "normal.npy", np.array([{}] * 2), allow_pickle=True),
        "normal.npy: expected a .npy array",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_folder_that_is_not_what_it_says_is_named(fault, folder):
    spoil, message = FAULTS[fault]
    spoil(folder)
    with pytest.raises(UserError, match=message):
        Directions.open(folder)
