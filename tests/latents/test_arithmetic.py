"""One unit of an attribute is one distance, whichever direction is added."""

import numpy as np
import pytest

from zpoints.errors import UserError
from zpoints.latents.directions import Directions
from zpoints.latents.arithmetic import step

WAYS = Directions("m", ("One", "Two"), np.array([[3.0, 4, 0], [1, 0, 0]]), np.array([[0, 0, 0.01], [0, 0, 0]]))


def test_a_mean_difference_is_added_as_it_is():
    np.testing.assert_array_equal(step(WAYS, "One", "mean_difference"), [3, 4, 0])


def test_a_normal_is_added_at_the_length_of_the_mean_difference():
    np.testing.assert_allclose(step(WAYS, "One", "normal"), [0, 0, 5])
    np.testing.assert_array_equal(step(WAYS, "Two", "normal"), [0, 0, 0])


def test_unknown_names_are_refused():
    with pytest.raises(UserError, match="attribute: expected one of One, Two, received Three"):
        step(WAYS, "Three", "normal")
