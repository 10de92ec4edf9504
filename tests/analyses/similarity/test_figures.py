"""The matrix of pairs: each number in its square, in ink that can be read."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from zpoints.analyses.similarity.figures import SHADES, luminance, similarity
from zpoints.report.style import INK

NAMES = ["a", "b", "c"]
VALUES = np.array([[1, 0.95, 0.1], [0.95, 1, np.nan], [0.1, np.nan, 1]])


def test_each_number_stands_in_its_square_and_what_is_missing_stays_empty():
    (axes,) = similarity(NAMES, VALUES).axes
    found = {tuple(int(at) for at in text.get_position()): text.get_text() for text in axes.texts}
    assert found == {
        **dict.fromkeys([(0, 0), (1, 1), (2, 2)], "1"),
        **dict.fromkeys([(0, 1), (1, 0)], "0.950"),
        **dict.fromkeys([(0, 2), (2, 0)], "0.100"),
    }
    np.testing.assert_array_equal(axes.images[0].get_array().filled(np.nan), VALUES)
    assert axes.images[0].get_clim() == (0, 1)


@pytest.mark.parametrize("value", np.linspace(0, 1, 21))
def test_each_number_can_be_read_on_its_square(value):
    (axes,) = similarity(["a", "b"], np.array([[1, value], [value, 1]])).axes
    (ink,) = {text.get_color() for text in axes.texts if text.get_text() == f"{value:.3f}"}
    lights = sorted(luminance(colour) + 0.05 for colour in (to_rgb(ink), SHADES(float(value))[:3]))
    assert lights[1] / lights[0] >= 4.2


def test_luminance_is_that_of_the_standard():
    assert luminance((1, 1, 1)) == pytest.approx(1) and luminance((0, 0, 0)) == 0
    assert luminance(to_rgb("#777777")) == pytest.approx(0.1845, abs=1e-4)


def test_names_are_in_ink():
    (axes,) = similarity(NAMES, VALUES).axes
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert {label.get_text(): label.get_color() for label in labels} == dict.fromkeys(NAMES, INK)
