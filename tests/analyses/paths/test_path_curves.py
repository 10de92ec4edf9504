"""Paths and what is measured along them, on spaces where the good region is known."""

import numpy as np
import pytest

from zpoints.analyses.paths.measure.path_curves import Bundle, around, at, between, passing, radii, rows, through, width
from zpoints.errors import UserError
from zpoints.metrics.knn_realism import KnnRealism
from zpoints.stats.reference_distributions import Gaussian

RNG = np.random.default_rng(0)
LAW = Gaussian(np.array([5.0, 0, 0]), np.diag([0.5, 1, 3]))
POINTS = RNG.normal([5, 0, 0], 1, (20, 3)).astype(np.float32)
DISTANCES = np.array([0.0, 1, 2])


def test_pairs_are_joined_both_ways_with_their_own_ends():
    line, arc = between(POINTS[:10], POINTS[10:], 5, LAW.mean)
    assert (line.name, arc.name) == ("linear", "spherical")
    for bundle in (line, arc):
        assert bundle.points.shape == (10, 5, 3) and bundle.positions.tolist() == [0, 0.25, 0.5, 0.75, 1]
        np.testing.assert_allclose(bundle.points[:, 0], POINTS[:10], atol=1e-5)
        np.testing.assert_allclose(bundle.points[:, -1], POINTS[10:], atol=1e-5)


def test_axes_are_walked_through_the_mean_the_largest_first_in_their_own_deviations():
    axes, origin = through(LAW, POINTS, 2, 2.0, 5)
    assert axes.positions.tolist() == [-2, -1, 0, 1, 2] and axes.points.shape == (2, 5, 3)
    np.testing.assert_allclose(axes.points[:, 2], np.tile(LAW.mean, (2, 1)), atol=1e-6)
    np.testing.assert_allclose(np.abs(axes.points[0, -1] - LAW.mean), [0, 0, 6], atol=1e-6)
    np.testing.assert_allclose(np.abs(axes.points[1, -1] - LAW.mean), [0, 2, 0], atol=1e-6)
    np.testing.assert_allclose(origin.points[:, 0], POINTS, atol=1e-6)
    np.testing.assert_allclose(origin.points[:, 2], 0, atol=1e-6)
    np.testing.assert_allclose(origin.points[:, -1], -POINTS, atol=1e-6)


def test_neighbourhoods_begin_at_their_start_and_grow_in_units_of_the_spread():
    found = {bundle.name: bundle for bundle in around(LAW, POINTS, DISTANCES, 10.0, (0,))}
    assert len(found) == 6
    for bundle in found.values():
        away = np.linalg.norm(bundle.points - bundle.points[:, :1], axis=2)
        np.testing.assert_allclose(away, np.tile(10 * DISTANCES, (20, 1)), atol=1e-4)
    np.testing.assert_allclose(found["images_isotropic"].points[:, 0], POINTS, atol=1e-6)
    assert (found["mean_shaped"].points[:, 0] == LAW.mean).all()
    assert np.ptp(found["gaussian_shaped"].points[:, 0, 2]) > 5
    even, own = (found[f"images_{way}"].points[:, 1] - POINTS for way in ("isotropic", "shaped"))
    assert np.square(own[:, 2]).mean() > 1.5 * np.square(even[:, 2]).mean()


@pytest.mark.parametrize(
    ("curve", "expected"), [([0, 0.5, 2], 1.0 + 1 / 3), ([3, 0, 0], 0), ([0, 1, 1], np.inf), ([0, 2, 0], 0.5)]
)
def test_a_curve_passes_its_level_between_two_steps(curve, expected):
    assert passing(DISTANCES, np.array(curve, float), 1.0) == pytest.approx(expected)


def test_the_width_of_a_ball_is_its_radius():
    # What lies within 1.5 of the start is as near as anything real, and beyond it rises.
    positions = np.linspace(0, 3, 13)
    apart = np.maximum(positions, 1.5)[None] / 1.5 + 0.01 * RNG.standard_normal((60, 13))
    found = width(positions, apart, 1.2, (0,))
    assert found["low"] < found["value"] < found["high"] and found["value"] == pytest.approx(1.8, abs=0.03)
    assert found["high"] - found["low"] < 0.05


def test_a_region_that_is_never_left_has_no_width_and_one_never_entered_has_none_either():
    assert width(DISTANCES, np.zeros((9, 3)), 1.0, (0,)) == {"value": None, "low": None, "high": None}
    assert width(DISTANCES, np.full((9, 3), 2.0), 1.0, (0,)) == {"value": 0, "low": 0, "high": 0}


def test_an_interval_that_reaches_beyond_the_last_step_is_open():
    apart = np.zeros((40, 3))
    apart[:, 2] = np.where(np.arange(40) % 2, 0, 2.02)
    found = width(DISTANCES, apart, 1.0, (0,))
    assert found["value"] is not None and found["low"] is not None and found["high"] is None


def test_rows_tell_mean_interval_and_the_good_share():
    apart = np.array([[1.0, 3], [1, 1], [1, 1], [1, 3]])
    first, second = rows(Bundle("x", np.array([0.0, 1]), apart[..., None]), apart, 2.0, (0,))
    assert (first["path"], first["position"], first["distance"], first["good"]) == ("x", 0, 1, 1)
    assert second["distance"] == 2 and second["good"] == 0.5 and 1 <= second["low"] < 2 < second["high"] <= 3


def test_the_row_nearest_to_a_position_is_found_among_its_own_paths():
    lines = [
        {"path": path, "position": place, "distance": 10 * place, "good": 0.5} for path in "ab" for place in (0, 1)
    ]
    assert at([*lines[:2], {**lines[3], "distance": 7}], "b", 0.9) == {"distance": 7, "good": 0.5}
    assert at(lines, "a", 0.2)["distance"] == 0


def test_radii_are_taken_about_the_mean_of_the_cloud():
    found = radii(LAW.mean + 10 * np.eye(3)[[0, 1, 2] * 20], LAW, 5.0)
    assert found == {"median": pytest.approx(2), "most": pytest.approx(2)}


def test_a_real_image_is_at_one_and_nearly_all_below_the_level():
    real = RNG.standard_normal((3000, 8))
    stick = KnnRealism.of(real[:2000].astype(np.float32), real[2000:2500].astype(np.float32), 5, 0.95)
    fresh = stick.distances(real[2500:])
    assert np.median(fresh) == pytest.approx(1, abs=0.06) and np.mean(fresh <= stick.level) == pytest.approx(
        0.95, abs=0.03
    )
    assert stick.distances(real[2500:] + 5).min() > stick.level
    assert len(stick.reference) == 1000


def test_the_reference_is_not_what_the_units_were_fitted_to():
    real = RNG.standard_normal((400, 3))
    stick = KnnRealism.of(real, real, 1, 0.95)
    assert stick.distances(real[200:]).max() < 1e-5 < stick.distances(real[:200]).min()


def test_too_few_images_say_so():
    with pytest.raises(UserError, match="expected 400 images at least, received 300"):
        KnnRealism.of(np.zeros((300, 2)), np.zeros((9, 2)), 200, 0.95)
