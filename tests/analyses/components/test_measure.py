"""A cloud with a constant axis, two axes that move together, and one that is not normal."""

import numpy as np
import pytest

from zpoints.analyses import components
from zpoints.latents.store import Latents


@pytest.fixture(scope="module")
def measurement():
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((600, 6)) * [0, 3, 1, 1, 1, 1] + [7, 0, 0, 0, 0, 0]
    mu[:, 2] += mu[:, 1]
    mu[:, 5] = rng.random(600)
    mu = mu.astype(np.float32)
    latents = Latents("ae", "none", mu, None, mu, np.zeros(600, np.uint8))
    return components.measure(latents, components.Config(subsample=500))


def test_axis_that_is_not_normal_is_named(measurement):
    normality, axes = measurement.numbers["normality"], measurement.tables["components"]
    assert normality["points"] == 500
    assert normality["mu"]["failing"] == 1 and normality["null"]["failing"] == 0
    assert axes["p_holm"][5] < 0.05 < axes["p_holm"][3]
    assert axes["excess_kurtosis"][5] == pytest.approx(-1.2, abs=0.2)
    assert axes["null_excess_kurtosis"][5] == pytest.approx(0, abs=0.5)


def test_planted_correlation_is_beyond_chance(measurement):
    correlation, spectrum = measurement.numbers["correlation"], measurement.tables["correlations"]
    assert correlation["mu"]["beyond_chance"] == pytest.approx(0.1) and correlation["null"]["beyond_chance"] == 0
    assert spectrum["rank"].tolist() == [1, 2, 3, 4, 5] and spectrum["eigenvalue"][0] > 1.5 > spectrum["null"][0]


def test_constant_axis_has_a_mean_and_no_shape(measurement):
    numbers, axes = measurement.numbers, measurement.tables["components"]
    assert (numbers["axes"], numbers["constant_axes"], numbers["origin"]["axes"]) == (5, 1, 5)
    assert axes["axis"].tolist() == list(range(6)) and axes["mean"][0] == 7
    assert axes.columns[axes.loc[0].isna()].tolist() == axes.columns[3:].tolist()
    assert not axes.loc[1:].isna().any(axis=None)


def test_plotted_axes_are_numbered_as_in_mu(measurement):
    assert measurement.numbers["plotted"]["strongest"] == 2
    histogram = measurement.tables["components_histogram"]
    assert histogram[["strongest", "median", "normal"]].sum().tolist() == pytest.approx([1, 1, 1])
