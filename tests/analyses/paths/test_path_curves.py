"""Paths and what is measured along them, on spaces where the good region is known."""

import numpy as np
import pytest

from zpoints.analyses.paths.method.path_curves import (
    Bundle,
    around,
    between,
    distance_at,
    passing,
    radii,
    rows_of,
    through,
    width,
)
from zpoints.measurement import NotMeasurable
from zpoints.metrics.knn_realism import KnnRealism
from zpoints.stats.reference_distributions import Gaussian

RNG = np.random.default_rng(0)
LAW = Gaussian(np.array([5.0, 0, 0]), np.diag([0.5, 1, 3]))
POINTS = RNG.normal([5, 0, 0], 1, (20, 3)).astype(np.float32)
DISTANCES = np.array([0.0, 1, 2])


def test_pairs_are_joined_both_ways():
    line, arc = between(POINTS[:10], POINTS[10:], 5, LAW.mean)
    assert (line.name, arc.name) == ("linear", "spherical")
    for bundle in (line, arc):
        assert bundle.points.shape == (10, 5, 3) and bundle.positions.tolist() == [0, 0.25, 0.5, 0.75, 1]
        np.testing.assert_allclose(bundle.points[:, 0], POINTS[:10], atol=1e-5)
        np.testing.assert_allclose(bundle.points[:, -1], POINTS[10:], atol=1e-5)


def test_axes_pass_the_mean_largest_first():
    axes, origin = through(LAW, POINTS, 2, 2.0, 5)
    assert axes.positions.tolist() == [-2, -1, 0, 1, 2] and axes.points.shape == (2, 5, 3)
    np.testing.assert_allclose(axes.points[:, 2], np.tile(LAW.mean, (2, 1)), atol=1e-6)
    np.testing.assert_allclose(np.abs(axes.points[0, -1] - LAW.mean), [0, 0, 6], atol=1e-6)
    np.testing.assert_allclose(np.abs(axes.points[1, -1] - LAW.mean), [0, 2, 0], atol=1e-6)
    np.testing.assert_allclose(origin.points[:, 0], POINTS, atol=1e-6)
    np.testing.assert_allclose(origin.points[:, 2], 0, atol=1e-6)
    np.testing.assert_allclose(origin.points[:, -1], -POINTS, atol=1e-6)


def test_neighborhoods_grow_in_units_of_the_spread():
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
def test_curve_passes_threshold_between_two_steps(curve, expected):
    assert passing(DISTANCES, np.array(curve, float), 1.0) == pytest.approx(expected)


def width_of(positions, apart, threshold, interval=None):
    rows = rows_of(Bundle("x", positions, apart[..., None]), apart, threshold)
    return width(rows, "x", threshold, interval or (threshold, threshold))


def test_width_of_a_ball_is_its_radius():
    # What lies within 1.5 of the start is as near as anything real, and beyond it rises.
    positions = np.linspace(0, 3, 13)
    apart = np.maximum(positions, 1.5)[None] / 1.5 + 0.01 * RNG.standard_normal((60, 13))
    found = width_of(positions, apart, 1.2)
    assert found["low"] < found["value"] < found["high"] and found["value"] == pytest.approx(1.8, abs=0.03)
    assert found["high"] - found["low"] < 0.05


def test_region_never_left_has_no_width():
    assert width_of(DISTANCES, np.zeros((9, 3)), 1.0) == {"value": None, "low": None, "high": None}
    assert width_of(DISTANCES, np.full((9, 3), 2.0), 1.0) == {"value": 0, "low": 0, "high": 0}


def test_interval_beyond_the_last_step_is_open():
    apart = np.zeros((40, 3))
    apart[:, 2] = np.where(np.arange(40) % 2, 0, 2.02)
    found = width_of(DISTANCES, apart, 1.0)
    assert found["value"] is not None and found["low"] is not None and found["high"] is None


def test_uncertain_threshold_widens_the_interval():
    apart = np.tile([0.0, 1, 2], (40, 1)) + 0.1 * RNG.standard_normal((40, 3))
    known, told, open_ended = (width_of(DISTANCES, apart, 1.2, ends) for ends in (None, (1.0, 1.5), (1.0, np.inf)))
    assert told["low"] == pytest.approx(1.0, abs=0.04) and told["high"] == pytest.approx(1.5, abs=0.04)
    assert told["low"] < known["low"] < known["high"] < told["high"] and open_ended["high"] is None


def test_rows_have_mean_interval_and_good_share():
    apart = np.array([[1.0, 3], [1, 1], [1, 1], [1, 3]])
    first, second = rows_of(Bundle("x", np.array([0.0, 1]), apart[..., None]), apart, 2.0)
    assert (first["path"], first["position"], first["distance"], first["good"]) == ("x", 0, 1, 1)
    assert second["distance"] == 2 and second["good"] == 0.5 and second["low"] < 2 < second["high"]


def test_nearest_position_of_the_same_path_counts():
    lines = [
        {"path": path, "position": place, "distance": 10 * place, "good": 0.5} for path in "ab" for place in (0, 1)
    ]
    assert distance_at([*lines[:2], {**lines[3], "distance": 7}], "b", 0.9) == {"distance": 7, "good": 0.5}
    assert distance_at(lines, "a", 0.2)["distance"] == 0


def test_radii_are_about_the_mean():
    found = radii(LAW.mean + 10 * np.eye(3)[[0, 1, 2] * 20], LAW, 5.0)
    assert found == {"median": pytest.approx(2), "most": pytest.approx(2)}


def test_real_images_are_at_one():
    real = RNG.standard_normal((3000, 8))
    realism = KnnRealism.of(real[:2000].astype(np.float32), real[2000:2500].astype(np.float32), 5, 0.95)
    fresh = realism.distances(real[2500:])
    assert np.median(fresh) == pytest.approx(1, abs=0.06) and np.mean(fresh <= realism.threshold) == pytest.approx(
        0.95, abs=0.03
    )
    assert realism.distances(real[2500:] + 5).min() > realism.threshold
    assert len(realism.reference) == 1000


def test_scale_and_neighbors_share_no_image():
    real = RNG.standard_normal((400, 3))
    realism = KnnRealism.of(real, real, 1, 0.95)
    assert realism.distances(real[200:]).max() < 1e-5 < realism.distances(real[:200]).min()


def test_too_few_images_are_not_measurable():
    with pytest.raises(NotMeasurable, match="needs 400 training images, has 300"):
        KnnRealism.of(np.zeros((300, 2)), np.zeros((9, 2)), 200, 0.95)
