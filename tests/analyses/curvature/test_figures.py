"""The law of curvature and the laws of the radius: what is drawn is what was measured."""

import numpy as np
import pytest

from zpoints.analyses.curvature.figures import curvature
from zpoints.analyses.radius.figures import radius
from zpoints.report.style import save

TINTS = {"a": "#ff0000", "b": "#00ff00"}


def axes_of(*active):
    return {
        "predicted_at_mu": np.array([-3.0, -1.0, 0.0]),
        "logvar": np.array([-2.5, -1.5, 0.5]),
        "active": np.array(active, float),
    }


def test_each_axis_is_a_point_of_its_models_colour_and_hollow_where_it_is_not_active():
    (axes,) = curvature({"a": axes_of(1, 1, 0), "b": axes_of(1, 1, 1)}, TINTS).axes
    own = [line for line in axes.lines if line.get_color() == TINTS["a"]]
    assert [line.get_markerfacecolor() for line in own] == [TINTS["a"], "none"]
    assert own[0].get_xdata().tolist() == [-3, -1] and own[0].get_ydata().tolist() == [-2.5, -1.5]
    assert own[1].get_xdata().tolist() == [0] and own[1].get_ydata().tolist() == [0.5]


def test_the_law_is_the_diagonal_and_all_points_lie_within_the_axes():
    (axes,) = curvature({"a": axes_of(1, 1, 1)}, TINTS).axes
    diagonal = axes.lines[0]
    assert diagonal.get_linestyle() == ":" and list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xlim()[0] < -3 and axes.get_xlim()[1] > 0.5


@pytest.mark.parametrize(("active", "named"), [((1, 1, 0), True), ((1, 1, 1), False)])
def test_the_legend_tells_of_hollow_points_only_where_there_are_some(active, named):
    (legend,) = curvature({"a": axes_of(*active)}, TINTS).legends
    assert ("not active" in [text.get_text() for text in legend.get_texts()]) == named


def test_axes_that_all_agree_can_be_drawn(tmp_path):
    one = {"predicted_at_mu": np.zeros(1), "logvar": np.zeros(1), "active": np.ones(1)}
    for name in ("one.png", "two.png"):
        save(curvature({"a": one}, TINTS), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_the_gaussian_of_equal_moments_is_a_line_over_the_radii():
    centres = np.arange(80) * 0.5 + 0.25
    bell = np.exp(-0.5 * ((centres - 16) / 2) ** 2)
    law = {"radius": centres, "mu": bell / bell.sum(), "chi": bell / bell.sum()}
    wide = np.exp(-0.5 * ((centres - 17) / 3) ** 2)
    with_null = radius({"a": law | {"gaussian_mu": wide / wide.sum()}}, {"a": ""}, TINTS)
    without = radius({"a": law}, {"a": ""}, TINTS)
    (line,) = [patch for patch in with_null.axes[0].patches if patch.get_zorder() == 1 and not patch.get_fill()][1:]
    np.testing.assert_allclose(line.get_data().values, wide / wide.max())
    assert len(with_null.axes[0].patches) == len(without.axes[0].patches) + 1
    labels = [text.get_text() for text in with_null.legends[0].get_texts()]
    assert "Gaussian like mu" in labels
    assert "Gaussian like mu" not in [text.get_text() for text in without.legends[0].get_texts()]
