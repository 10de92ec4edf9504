"""What every analysis of z-points and labels keeps, whatever its question."""

import dataclasses
import inspect
import json

import numpy as np
import pytest

from tests.contract.lab import Z_ONLY, contents, make_labels, make_latents, measured
from zpoints.analyses import discovery
from zpoints.errors import UserError
from zpoints.measurement import Measurement


def as_json(measurement):
    """All of it but the arrays, as text: JSON has no NaN and no infinity."""
    tables = {name: table.to_csv(index=False) for name, table in measurement.tables.items()}
    assert not any("inf" in text.split(",") for text in tables.values())
    return json.dumps([measurement.numbers, tables], allow_nan=False)


def measured_or_reason(name, latents, params, labels=None):
    """What was measured, or the one line that says why nothing could be; any other exception fails the test."""
    try:
        found = measured(name, latents, params, labels)
    except UserError as reason:
        assert "expected" in str(reason) or "needs" in str(reason)
        return str(reason)
    as_json(found)
    return found


@pytest.mark.parametrize("name", discovery.names())
def test_arguments_are_known_inputs(name):
    from zpoints.analyses.inputs import Inputs

    known = {key for key, value in vars(Inputs).items() if not key.startswith("_") and key != "of"} | {"config"}
    assert discovery.needs(discovery.measure_function(name)) <= known


@pytest.mark.parametrize("name", discovery.names())
def test_measure_has_docstrings(name):
    function = discovery.measure_function(name)
    assert inspect.getdoc(function) and discovery.first_line(name).endswith("?")


@pytest.mark.slow
@pytest.mark.parametrize("name", Z_ONLY)
def test_same_seed_gives_same_bytes_whatever_is_held_out(name, params, tmp_path):
    """And the inputs stay as they are."""
    latents = make_latents()
    labels = make_labels(latents)
    before = {key: getattr(latents, key).copy() for key in ("mu", "logvar", "z", "split")}
    other = {key: before[key].copy() for key in ("mu", "logvar", "z")}
    if name != "attributes":  # which are predicted there
        for array in other.values():
            array[latents.rows("held_out")] += 100
    for run, points in {"one": latents, "two": dataclasses.replace(latents, **other)}.items():
        measured(name, points, params, labels).write(tmp_path / run, "test")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    for key, array in before.items():
        np.testing.assert_array_equal(getattr(latents, key), array)


def test_held_out_images_leave_directions_alone(params):
    latents = make_latents()
    mu = latents.mu.copy()
    mu[latents.rows("held_out")] *= -3
    labels = make_labels(latents)
    one, two = (
        measured("attributes", each, params, labels) for each in (latents, dataclasses.replace(latents, mu=mu, z=mu))
    )
    for key in one.arrays:
        np.testing.assert_array_equal(one.arrays[key], two.arrays[key])


@pytest.mark.parametrize("name", Z_ONLY)
def test_constant_axes_are_survived(name, params):
    latents = make_latents()
    for array in (latents.mu, latents.z):
        array[:, :3] = 0.25
    assert isinstance(measured_or_reason(name, latents, params), Measurement | str)


@pytest.mark.parametrize("name", Z_ONLY)
def test_single_varying_axis_is_survived(name, params):
    latents = make_latents(vae=False)
    latents.mu[:, 1:] = -1
    assert isinstance(measured_or_reason(name, latents, params), Measurement | str)


@pytest.mark.parametrize("name", Z_ONLY)
def test_identical_points_end_in_a_line(name, params):
    latents = make_latents()
    latents.mu[:] = 2.5
    latents.z[:] = 2.5
    latents.logvar[:] = -1
    found = measured_or_reason(name, latents, params)
    assert isinstance(found, Measurement) or "\n" not in found


@pytest.mark.parametrize("n_train", [0, 1, 2, 3, 12, 40])
@pytest.mark.parametrize("name", Z_ONLY)
def test_too_few_points_end_in_a_line(name, n_train, params):
    latents = make_latents(n_train=n_train, n_held_out=max(2, n_train // 2))
    found = measured_or_reason(name, latents, params)
    assert isinstance(found, Measurement) or "\n" not in found
