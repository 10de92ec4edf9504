"""One unit of an attribute is one distance, whichever direction is added."""

import numpy as np
import pytest

from zpoints.errors import UserError
from zpoints.latents.arithmetic import step
from zpoints.latents.directions import Directions

DIRECTIONS = Directions("m", ("One", "Two"), np.array([[3.0, 4, 0], [1, 0, 0]]), np.array([[0, 0, 0.01], [0, 0, 0]]))


def test_mean_difference_is_added_unchanged():
    np.testing.assert_array_equal(step(DIRECTIONS, "One", "mean_difference"), [3, 4, 0])


def test_normal_has_the_length_of_mean_difference():
    np.testing.assert_allclose(step(DIRECTIONS, "One", "normal"), [0, 0, 5])
    np.testing.assert_array_equal(step(DIRECTIONS, "Two", "normal"), [0, 0, 0])


def test_unknown_names_are_refused():
    with pytest.raises(UserError, match="attribute: expected one of One, Two, received Three"):
        step(DIRECTIONS, "Three", "normal")
