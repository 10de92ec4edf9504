"""Ways through the latent space: their ends, their steps, and where they lead."""

import numpy as np
import pytest

from zpoints.latents.traversals import WAYS, isotropic, linear, shaped, spherical, units, walk
from zpoints.stats.reference_distributions import Gaussian

RNG = np.random.default_rng(0)
A, B, CENTRE = (RNG.standard_normal(16).astype(np.float32) for _ in range(3))


@pytest.mark.parametrize("way", WAYS.values())
def test_a_way_begins_and_ends_where_it_should(way):
    points = way(A, B, 7, CENTRE)
    assert points.shape == (7, 16) and points.dtype == np.float32
    np.testing.assert_allclose(points[[0, -1]], [A, B], atol=1e-5)
    np.testing.assert_allclose(way(B, A, 7, CENTRE), points[::-1], atol=1e-5)


def test_a_straight_line_has_equal_steps():
    steps = np.diff(linear(A, B, 5, CENTRE), axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to((B - A) / 4, (4, 16)), atol=1e-6)


def test_an_arc_turns_by_equal_angles_about_its_centre_and_its_radius_changes_evenly():
    about = spherical(A, B, 6, CENTRE) - CENTRE
    np.testing.assert_allclose(np.diff(np.linalg.norm(about, axis=1), n=2), 0, atol=1e-5)
    cosines = (units(about)[1:] * units(about)[:-1]).sum(axis=1)
    np.testing.assert_allclose(cosines, cosines[0], atol=1e-5)
    # It stays in the plane of the three points.
    assert np.linalg.matrix_rank(about, tol=1e-3) == 2


def test_an_arc_keeps_its_distance_where_a_line_cuts_through():
    ends = np.eye(8, dtype=np.float32)[:2]
    zero = np.zeros(8)
    assert np.linalg.norm(spherical(*ends, 3, zero)[1]) == pytest.approx(1)
    assert np.linalg.norm(linear(*ends, 3, zero)[1]) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize("end", [A, -A, 3 * A, 0 * A, A * (1 + 1e-6)])
def test_ends_that_leave_no_arc_to_choose_are_joined_by_a_line(end):
    points = spherical(A, end.astype(np.float32), 5, np.zeros(16))
    np.testing.assert_allclose(points, linear(A, end, 5, np.zeros(16)), atol=1e-4)


def test_a_walk_goes_as_far_as_it_is_told():
    one = walk(A, B, np.array([-1.0, 0, 2]))
    np.testing.assert_allclose(one, [A - B, A, A + 2 * B], atol=1e-5)
    many = walk(np.stack([A, B]), np.stack([B, CENTRE]), np.array([0.0, 3]))
    np.testing.assert_allclose(many, [[A, A + 3 * B], [B, B + 3 * CENTRE]], atol=1e-5)
    assert one.dtype == many.dtype == np.float32


def test_directions_have_length_one_and_their_law():
    law = Gaussian(np.full(3, 7.0), np.diag([3.0, 1, 0]))
    even, own = isotropic(4000, 3, (5,)), shaped(law, 4000, (5,))
    for vectors in (even, own):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    np.testing.assert_allclose(np.square(even).mean(axis=0), 1 / 3, atol=0.02)
    # E[9x² / (9x² + y²)] of two normals is 3 / (3 + 1).
    np.testing.assert_allclose(np.square(own).mean(axis=0), [0.75, 0.25, 0], atol=0.02)
    np.testing.assert_array_equal(even, isotropic(4000, 3, (5,)))
    assert not np.array_equal(even, isotropic(4000, 3, (6,)))
    assert (units(np.zeros((1, 3))) == 0).all()
