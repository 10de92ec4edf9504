"""Values of axes in descending order, on a scale that shows what is there and no more."""

import numpy as np
import pytest

from zpoints.report.figures.scree import DECADES, ScreePanel, scree

COLORS = {"a": "#ff0000", "b": "#00ff00"}
VALUES = {"a": np.array([1.0, 5.0, 0.2]), "b": np.array([0.5, 0.6])}


def test_each_curve_falls():
    (axes,) = scree([ScreePanel("kl", VALUES)], "none", COLORS).axes
    lines = {line.get_color(): line for line in axes.lines}
    assert lines["#ff0000"].get_ydata().tolist() == [5, 1, 0.2] and lines["#ff0000"].get_xdata().tolist() == [1, 2, 3]
    assert lines["#00ff00"].get_ydata().tolist() == [0.6, 0.5] and axes.get_yscale() == "log"


def test_null_is_dashed_and_named():
    null = {"a": np.array([1.1, 0.9, 1.0])}
    figure = scree([ScreePanel("eigenvalue", VALUES, null)], "chance", COLORS)
    (dashed,) = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert dashed.get_ydata().tolist() == [1.1, 1.0, 0.9] and dashed.get_color() == COLORS["a"]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["a", "b", "mu", "chance"]
    bare = scree([ScreePanel("kl", VALUES)], "chance", COLORS)
    assert [text.get_text() for text in bare.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.parametrize("tiny", [0.0, -1e-9, 10.0 ** -(DECADES + 2)])
def test_tiny_values_do_not_stretch_the_scale(tiny):
    (axes,) = scree([ScreePanel("kl", {"a": np.array([1.0, 0.1, tiny])})], "none", COLORS).axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1.0, 0.1, np.nan])
    assert 0.05 < axes.get_ylim()[0] < 0.1 and 1 < axes.get_ylim()[1] < 2


def test_level_is_in_sight_and_zeros_are_drawn():
    (axes,) = scree([ScreePanel("balance", {"a": np.array([20.0, 30.0])}, level=1.0)], "none", COLORS).axes
    assert axes.get_ylim()[0] < 1 and axes.lines[-1].get_ydata() == [1.0, 1.0]
    (axes,) = scree([ScreePanel("kl", {"a": np.zeros(3)})], "none", COLORS).axes
    assert 0 < axes.get_ylim()[0] < axes.get_ylim()[1]
