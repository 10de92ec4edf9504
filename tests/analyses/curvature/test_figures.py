"""The law of curvature: what is drawn is what was measured."""

import numpy as np
import pytest

from zpoints.analyses.curvature.figures import curvature

COLORS = {"a": "#ff0000", "b": "#00ff00"}


def axes_of(*active):
    return {
        "predicted_at_mu": np.array([-3.0, -1.0, 0.0]),
        "logvar": np.array([-2.5, -1.5, 0.5]),
        "active": np.array(active, float),
    }


def test_inactive_axes_are_hollow_points():
    (axes,) = curvature({"a": axes_of(1, 1, 0), "b": axes_of(1, 1, 1)}, COLORS).axes
    active, inactive = [line for line in axes.lines if line.get_color() == COLORS["a"]]
    assert [line.get_markerfacecolor() for line in (active, inactive)] == [COLORS["a"], "none"]
    assert active.get_xdata().tolist() == [-3, -1] and active.get_ydata().tolist() == [-2.5, -1.5]
    assert inactive.get_xdata().tolist() == [0] and inactive.get_ydata().tolist() == [0.5]


def test_law_is_the_diagonal():
    (axes,) = curvature({"a": axes_of(1, 1, 1)}, COLORS).axes
    diagonal = axes.lines[0]
    assert diagonal.get_linestyle() == ":" and list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xlim()[0] < -3 and axes.get_xlim()[1] > 0.5


@pytest.mark.parametrize(("active", "named"), [((1, 1, 0), True), ((1, 1, 1), False)])
def test_legend_names_hollow_points(active, named):
    (legend,) = curvature({"a": axes_of(*active)}, COLORS).legends
    assert ("not active" in [text.get_text() for text in legend.get_texts()]) == named


def test_single_axis_is_drawn():
    axis = {"predicted_at_mu": np.zeros(1), "logvar": np.zeros(1), "active": np.ones(1)}
    curvature({"a": axis}, COLORS).draw_without_rendering()
