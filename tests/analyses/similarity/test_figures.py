"""The matrix of pairs: each number in its square, in ink that can be read."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from zpoints.analyses.similarity.figures import SHADES, luminance, similarity

NAMES = ["a", "b", "c"]
VALUES = np.array([[1, 0.95, 0.1], [0.95, 1, np.nan], [0.1, np.nan, 1]])


def test_numbers_stand_in_their_squares():
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
def test_numbers_are_readable_on_their_squares(value):
    (axes,) = similarity(["a", "b"], np.array([[1, value], [value, 1]])).axes
    (ink,) = {text.get_color() for text in axes.texts if text.get_text() == f"{value:.3f}"}
    lights = sorted(luminance(color) + 0.05 for color in (to_rgb(ink), SHADES(float(value))[:3]))
    assert lights[1] / lights[0] >= 4.2


def test_luminance_is_that_of_wcag():
    assert luminance((1, 1, 1)) == pytest.approx(1) and luminance((0, 0, 0)) == 0
    assert luminance(to_rgb("#777777")) == pytest.approx(0.1845, abs=1e-4)


def test_names_are_no_formulas():
    (axes,) = similarity([r"$\frac{$", "b"], VALUES[:2, :2]).axes
    assert not any(label.get_parse_math() for label in (*axes.get_xticklabels(), *axes.get_yticklabels()))
    axes.figure.draw_without_rendering()
