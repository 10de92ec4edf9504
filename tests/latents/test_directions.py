"""Directions are read back from the measurement that holds them, and a folder that is damaged is named."""

import json

import numpy as np
import pytest

from zpoints.errors import UserError
from zpoints.latents.directions import Directions
from zpoints.measurement import NUMBERS, Measurement, NotMeasurable

VECTORS = np.random.default_rng(0).standard_normal((2, 2, 5)).astype(np.float32)
DIRECTIONS = Directions("abc", ("Male", "Smiling"), *VECTORS)


@pytest.fixture
def folder(tmp_path):
    Measurement({"directions": DIRECTIONS.describe()}, arrays=DIRECTIONS.arrays()).write(tmp_path / "out", "test")
    return tmp_path / "out"


def test_directions_are_read_as_written(folder):
    directions = Directions.open(folder, "abc")
    assert (directions.model, directions.names) == ("abc", ("Male", "Smiling"))
    np.testing.assert_array_equal(directions.of("Smiling"), VECTORS[0, 1])
    np.testing.assert_array_equal(directions.of("Male", "normal"), VECTORS[1, 0])


def test_directions_of_another_model_are_refused(folder):
    with pytest.raises(UserError, match="expected directions of the model def, received those of abc"):
        Directions.open(folder, "def")


def test_unmeasurable_attributes_have_no_directions(tmp_path):
    Measurement.missing("needs labels").write(tmp_path / "out", "test")
    with pytest.raises(NotMeasurable, match="needs directions of attributes, has none: needs labels"):
        Directions.open(tmp_path / "out", "abc")


def test_unknown_names_and_kinds_are_refused():
    with pytest.raises(UserError, match="attribute: expected one of Male, Smiling, received Bald"):
        DIRECTIONS.of("Bald")
    with pytest.raises(UserError, match="direction: expected one of mean_difference, normal, received model"):
        DIRECTIONS.of("Male", "model")


def change(**keys):
    def spoil(folder):
        numbers = json.loads((folder / NUMBERS).read_text())
        (folder / NUMBERS).write_text(json.dumps({"directions": numbers["directions"] | keys}))

    return spoil


FAULTS = {
    "missing": (
        lambda folder: (folder / NUMBERS).unlink(),
        "numbers.json: expected a measurement, .* `dvc repro`",
    ),
    "other": (lambda folder: (folder / NUMBERS).write_text("{}"), "numbers.json: directions: expected a value"),
    "type": (change(names=[1, 2]), "numbers.json: directions.names.0: expected a valid string"),
    "names": (
        change(names=["Male"]),
        r"difference.npy: expected float32 .* \(1, 5\), received float32 .* \(2, 5\)",
    ),
    "gone": (lambda folder: (folder / "normal.npy").unlink(), "normal.npy: expected an array, received no such file"),
    "dtype": (lambda folder: np.save(folder / "normal.npy", np.zeros((2, 5))), "normal.npy: expected float32"),
    "nan": (
        lambda folder: np.save(folder / "normal.npy", np.full((2, 5), np.nan, np.float32)),
        "normal.npy: expected finite numbers",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_damaged_folder_is_named(fault, folder):
    spoil, message = FAULTS[fault]
    spoil(folder)
    with pytest.raises(UserError, match=message):
        Directions.open(folder, "abc")
