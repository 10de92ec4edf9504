"""The matrix of pairs: each number in its square, in ink that can be read."""

import numpy as np
from matplotlib.colors import to_rgb

from zpoints.figures.similarity import similarity

TINTS = {"a": "#ff0000", "b": "#00ff00", "c": "#0000ff"}
VALUES = np.array([[1, 0.95, 0.1], [0.95, 1, np.nan], [0.1, np.nan, 1]])


def test_each_number_stands_in_its_square_and_what_is_missing_stays_empty():
    (axes,) = similarity(list(TINTS), VALUES, TINTS).axes
    found = {tuple(int(at) for at in text.get_position()): text.get_text() for text in axes.texts}
    assert found == {
        **dict.fromkeys([(0, 0), (1, 1), (2, 2)], "1"),
        **dict.fromkeys([(0, 1), (1, 0)], "0.950"),
        **dict.fromkeys([(0, 2), (2, 0)], "0.100"),
    }
    np.testing.assert_array_equal(axes.images[0].get_array().filled(np.nan), VALUES)
    assert axes.images[0].get_clim() == (0, 1)


def test_numbers_are_white_on_dark_squares_alone():
    (axes,) = similarity(list(TINTS), VALUES, TINTS).axes
    inks = {text.get_text(): to_rgb(text.get_color()) for text in axes.texts}
    assert inks["0.950"] == (1, 1, 1) and max(inks["0.100"]) < 0.5


def test_names_have_their_models_colours():
    (axes,) = similarity(list(TINTS), VALUES, TINTS).axes
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert {label.get_text(): label.get_color() for label in labels} == TINTS
