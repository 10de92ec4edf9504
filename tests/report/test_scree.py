"""Values of axes in descending order, on a scale that shows what is there and no more."""

import numpy as np
import pytest

from zpoints.report.figures.scree import DECADES, Panel, ranked

TINTS = {"a": "#ff0000", "b": "#00ff00"}
OWN = {"a": np.array([1.0, 5.0, 0.2]), "b": np.array([0.5, 0.6])}


def test_each_curve_falls_whatever_the_order_of_the_axes():
    (axes,) = ranked([Panel("kl", OWN)], "none", TINTS).axes
    found = {line.get_color(): line for line in axes.lines}
    assert found["#ff0000"].get_ydata().tolist() == [5, 1, 0.2] and found["#ff0000"].get_xdata().tolist() == [1, 2, 3]
    assert found["#00ff00"].get_ydata().tolist() == [0.6, 0.5] and axes.get_yscale() == "log"


def test_a_null_is_dashed_and_named_and_otherwise_there_is_none():
    null = {"a": np.array([1.1, 0.9, 1.0])}
    figure = ranked([Panel("eigenvalue", OWN, null)], "chance", TINTS)
    (dashed,) = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert dashed.get_ydata().tolist() == [1.1, 1.0, 0.9] and dashed.get_color() == TINTS["a"]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["a", "b", "mu", "chance"]
    bare = ranked([Panel("kl", OWN)], "chance", TINTS)
    assert [text.get_text() for text in bare.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.parametrize("tiny", [0.0, -1e-9, 10.0 ** -(DECADES + 2)])
def test_an_axis_with_next_to_nothing_does_not_stretch_the_scale(tiny):
    (axes,) = ranked([Panel("kl", {"a": np.array([1.0, 0.1, tiny])})], "none", TINTS).axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1.0, 0.1, np.nan])
    assert 0.05 < axes.get_ylim()[0] < 0.1 and 1 < axes.get_ylim()[1] < 2


def test_the_level_is_in_sight_and_nothing_at_all_still_has_axes():
    (axes,) = ranked([Panel("balance", {"a": np.array([20.0, 30.0])}, level=1.0)], "none", TINTS).axes
    assert axes.get_ylim()[0] < 1 and axes.lines[-1].get_ydata() == [1.0, 1.0]
    (axes,) = ranked([Panel("kl", {"a": np.zeros(3)})], "none", TINTS).axes
    assert 0 < axes.get_ylim()[0] < axes.get_ylim()[1]
