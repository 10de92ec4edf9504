"""Radii of clouds whose law is known."""

import numpy as np
import pytest

from zpoints.analyses import radius
from zpoints.latents.store import Latents

CONFIG = radius.Config(bootstrap=100, null_points=5000)


def plain(points):
    points = points.astype(np.float32)
    return Latents("ae", "none", points, None, points, np.zeros(len(points), np.uint8))


@pytest.fixture(scope="module")
def latents():
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((900, 6)) * [3, 1, 1, 1, 1, 0.01] + [4, 0, 0, 0, 0, 0]
    logvar = rng.normal(-3, 1, (900, 6))
    z = mu + np.exp(logvar / 2) * rng.standard_normal((900, 6))
    arrays = (array.astype(np.float32) for array in (mu, logvar, z))
    return Latents("vae", "none", *arrays, np.zeros(900, np.uint8))


@pytest.fixture(scope="module")
def measurement(latents):
    return radius.measure(latents, CONFIG)


@pytest.mark.parametrize("name", ["mu", "z"])
def test_peaks_lie_within_their_intervals(measurement, name):
    numbers = measurement.numbers[name]
    assert numbers["peak_interval"]["low"] <= numbers["peak"] <= numbers["peak_interval"]["high"]
    assert numbers["density"]["low"] <= numbers["density"]["peak"] <= numbers["density"]["high"]
    assert numbers["second"]["maxima"] == 1 and numbers["second"]["dip_p"] > 0.05
    assert numbers["density"]["clipped"] < 0.005


@pytest.mark.parametrize("name", ["mu", "z"])
def test_gaussian_cloud_is_within_chance_of_a_gaussian(measurement, name):
    null = measurement.numbers["gaussian"][name]
    assert null["distance"]["kolmogorov_smirnov"] < null["distance"]["kolmogorov_smirnov_chance"]
    assert null["mean"] == pytest.approx(measurement.numbers[name]["mean"], rel=0.03)
    assert measurement.tables["radius"][f"gaussian_{name}"].sum() == pytest.approx(1)


def test_shares_are_those_of_the_radii(measurement):
    numbers, table = measurement.numbers, measurement.tables["radius"]
    assert numbers["z"]["mean"] > numbers["mu"]["mean"]
    assert numbers["chi"]["kolmogorov_smirnov"]["mu"] > 0.3 and numbers["chi"]["mean"] == pytest.approx(2.35, abs=0.01)
    assert (table["radius"] * table["mu"]).sum() == pytest.approx(numbers["mu"]["mean"], rel=0.02)


def test_one_hump_has_the_detection_limit_of_a_second(measurement):
    limit = measurement.numbers["mu"]["second"]["limit"]
    assert 1 < limit["effect"] < 16 and limit["power"] >= 0.9 and "limit" not in measurement.numbers["z"]["second"]


def test_second_shell_is_found_beyond_any_gaussian():
    points = np.random.default_rng(0).standard_normal((2000, 32))
    points *= np.where(np.arange(2000) < 600, 2, 1)[:, None]
    numbers = radius.measure(plain(points), CONFIG).numbers
    assert numbers["mu"]["second"]["maxima"] == 2
    assert numbers["mu"]["second"]["second"] == pytest.approx(11.2, abs=0.6)
    distance = numbers["gaussian"]["mu"]["distance"]
    assert distance["kolmogorov_smirnov"] > 3 * distance["kolmogorov_smirnov_chance"]
    assert "z" not in numbers and "z" not in numbers["gaussian"]


def test_the_jump_of_the_posts_is_two_maxima():
    rng = np.random.default_rng(0)
    points = rng.standard_normal((2000, 256)) * np.where(np.arange(2000) < 1600, 1, 66 / 16)[:, None]
    numbers = radius.measure(plain(points), CONFIG).numbers["mu"]
    assert numbers["second"]["maxima"] == 2 and numbers["peak"] == pytest.approx(16, abs=0.5)
    assert numbers["second"]["second"] == pytest.approx(66, abs=1)


def test_identical_points_have_a_radius_and_no_density():
    numbers = radius.measure(plain(np.ones((60, 4))), CONFIG).numbers
    assert numbers["mu"]["mean"] == pytest.approx(2) and "density" not in numbers["mu"]


def test_other_seed_changes_resamples_alone(latents, measurement):
    other = radius.measure(latents, CONFIG.model_copy(update={"seed": 1})).numbers
    numbers = measurement.numbers
    for name in ("mu", "z"):
        assert numbers["gaussian"][name]["mean"] != other["gaussian"][name]["mean"]
        assert numbers[name]["density"]["low"] != other[name]["density"]["low"]
    assert numbers["mu"]["peak"] == other["mu"]["peak"]
    assert numbers["mu"]["density"]["peak"] == other["mu"]["density"]["peak"]


@pytest.mark.slow
def test_heavy_tails_are_the_ellipsoids_and_skewed_axes_the_permuted_scores():
    rng = np.random.default_rng(0)
    heavy = rng.standard_normal((4000, 20)) / np.sqrt(rng.chisquare(4, (4000, 1)) / 4)
    skewed = (rng.gamma(0.5, 1, (4000, 20)) - 0.5) * np.geomspace(10, 1, 20)
    for points, fitting, other in ((heavy, "elliptical", "permuted"), (skewed, "permuted", "gaussian")):
        numbers = radius.measure(plain(points), CONFIG).numbers
        distances = {
            name: (numbers[name]["mu"] if name == "gaussian" else numbers[name])["distance"]["kolmogorov_smirnov"]
            for name in ("gaussian", "elliptical", "permuted")
        }
        assert distances[fitting] < 0.035 < 0.06 < distances[other]
