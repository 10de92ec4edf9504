"""What was measured survives the disk, and says in a line what it holds."""

import json

import numpy as np
import pandas as pd
import pytest

from zpoints.errors import UserError
from zpoints.measurement import Measurement, find

NUMBERS = {"peak": {"radius": 3.5, "low": None}, "quantile": {"0.5": 2.0}, "names": ["a", True]}
TABLE = pd.DataFrame({"radius": [0.5, 1.0], "name": ["a", "b,c"]})


def test_all_that_was_measured_is_read_back(tmp_path):
    found = Measurement(NUMBERS, {"curve": TABLE}, {"points": np.arange(6.0).reshape(2, 3)})
    found.write(tmp_path / "m", "measure")
    read = Measurement.read(tmp_path / "m")
    assert read.numbers == NUMBERS and read.reason is None
    pd.testing.assert_frame_equal(read.tables["curve"], TABLE, check_dtype=False)
    np.testing.assert_array_equal(read.arrays["points"], found.arrays["points"])


def test_a_reason_stands_for_a_measurement_that_is_missing(tmp_path):
    Measurement.missing("needs 3 images").write(tmp_path / "m", "measure")
    read = Measurement.read(tmp_path / "m")
    assert read.reason == "needs 3 images" and repr(read) == "Measurement(not measurable: needs 3 images)"


def test_a_measurement_names_its_parts():
    found = Measurement(NUMBERS, {"curve": TABLE}, {})
    assert repr(found) == "Measurement(numbers: peak, quantile, names; tables: curve)"


@pytest.mark.parametrize("content", [[1], "x", None, 3])
def test_numbers_that_are_no_mapping_are_refused(tmp_path, content):
    (tmp_path / "numbers.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"numbers\.json: expected a mapping, received"):
        Measurement.read(tmp_path)


def test_a_missing_measurement_says_what_to_run(tmp_path):
    with pytest.raises(UserError, match="received no such file; run `dvc repro`"):
        Measurement.read(tmp_path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("peak.radius", 3.5),
        ("quantile.0.5", 2.0),
        ("peak.low", None),
        ("peak.radius.more", None),
        ("absent", None),
        ("peak.absent", None),
    ],
)
def test_a_dotted_place_finds_its_number(place, value):
    assert find(NUMBERS, place) == value
