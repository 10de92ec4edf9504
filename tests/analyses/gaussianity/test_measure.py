"""A Gaussian passes and a cloud with heavy tails fails: measured, drawn and told."""

import numpy as np
import pytest

from tests.analyses.sections import results_of, section
from zpoints.analyses import gaussianity
from zpoints.latents.store import Latents

CONFIG = gaussianity.Config(subsample=100, n_repeats=2, n_axes=2, n_nulls=19)


def cloud(heavy=False):
    rng = np.random.default_rng(1)
    mu = rng.standard_normal((900, 6)) * [3, 2, 1, 1, 1e-3, 0] + [0, 0, 0, 9, 0, 7]
    points = (mu / np.sqrt(rng.chisquare(4, (900, 1)) / 4) if heavy else mu).astype(np.float32)
    return Latents("ae", "none", points, None, points, np.zeros(900, np.uint8))


@pytest.fixture(scope="module")
def measurement():
    return gaussianity.measure(cloud(), CONFIG)


@pytest.fixture(scope="module")
def heavy():
    return gaussianity.measure(cloud(heavy=True), CONFIG)


def test_a_gaussian_passes_on_its_kept_axes(measurement):
    numbers, table = measurement.numbers, measurement.tables["gaussianity"].set_index("level")
    assert (numbers["axes"], numbers["collapsed_axes"], numbers["n_axes"]) == (4, 2, 2) and numbers["variance"] > 0.99
    assert numbers["removed"]["mu"] == pytest.approx(numbers["removed"]["chance"], abs=0.015)
    for part in ("all", "core"):
        assert numbers[part]["qq"]["p"] > 0.05 and numbers[part]["shapiro_wilk"]["mu"] == 1
        assert numbers[part]["shapiro_wilk"]["low"] < 0.6 < numbers[part]["shapiro_wilk"]["high"] == 1
    middle = table.loc[0.5]
    assert middle["all"] == pytest.approx(middle["chi_square"], rel=0.1)
    assert middle["core_low"] < middle["core"] < middle["core_high"]


def test_heavy_tails_fail_before_and_after_the_removal(heavy):
    numbers = heavy.numbers
    assert numbers["all"]["qq"]["p"] == numbers["core"]["qq"]["p"] == 0.05
    assert numbers["all"]["beyond"]["999"]["mu"] > 5 * numbers["all"]["beyond"]["999"]["null_high"]
    assert numbers["removed"]["mu"] > numbers["removed"]["null_high"]


def test_p_of_the_core_goes_down_to_one_in_a_thousand(measurement, heavy):
    found, of_heavy = (each.numbers["core"]["henze_zirkler"]["first"] for each in (measurement, heavy))
    assert of_heavy["p"] == 0.001 < 0.05 < found["p"] and found["draws"] == 999
    assert 1 < found["limit"]["effect"] < 8 and found["limit"]["power"] >= 0.9


def test_one_ellipsoid_has_the_heavy_tails_and_independent_components_have_not(heavy):
    numbers = heavy.numbers["all"]
    tails = numbers["beyond"]["999"]["mu"]
    assert numbers["elliptical"]["beyond_999"] == pytest.approx(tails, rel=0.3)
    assert numbers["beyond"]["999"]["null_high"] < numbers["permuted"]["beyond_999"] < 0.8 * tails
    assert heavy.numbers["core"]["elliptical"]["beyond_999"] < 0.6 * numbers["elliptical"]["beyond_999"]
    assert heavy.numbers["removed"]["elliptical"] == pytest.approx(heavy.numbers["removed"]["mu"], abs=0.03)


def test_section_has_the_numbers_of_each_model(measurement, heavy):
    html, drawings = section("gaussianity", results_of("gaussianity", {"a": measurement, "b": heavy}))
    for numbers in (measurement.numbers, heavy.numbers):
        assert f"<td>{100 * numbers['removed']['mu']:.1f}" in html
        assert f"<td>{100 * numbers['core']['beyond']['999']['mu']:.1f}" in html
    assert "Axes of the core that pass as normal: 100.0" in drawings["gaussianity"].alt
