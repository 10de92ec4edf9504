"""Q-Q plots draw distances, not their squares, and each model beside its own nulls."""

import numpy as np

from zpoints.analyses.gaussianity.figures import gaussianity

COLORS = {"a": "#ff0000", "b": "#00ff00"}


def law(scale):
    null = np.linspace(4, 25, 12)
    found = {}
    for part, factor in (("all", scale), ("core", 1.0)):
        found |= {part: factor * null, f"{part}_null": null, f"{part}_low": null - 1, f"{part}_high": null + 1}
    return found


def test_each_model_has_a_row_in_its_color():
    figure = gaussianity({"a": law(1.5), "b": law(2.0)}, COLORS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "a, all points",
        "a, core",
        "b, all points",
        "b, core",
    ]
    for axes, color in zip(figure.axes, ("#ff0000", "#ff0000", "#00ff00", "#00ff00"), strict=True):
        assert axes.lines[1].get_color() == color


def test_distances_are_drawn_against_the_nulls():
    figure = gaussianity({"b": law(2.0)}, COLORS)
    whole, core = figure.axes
    equal, own = whole.lines
    np.testing.assert_allclose(own.get_xdata(), np.sqrt(law(2.0)["all_null"]))
    np.testing.assert_allclose(own.get_ydata(), np.sqrt(2.0 * law(2.0)["all_null"]))
    np.testing.assert_array_equal(equal.get_xdata(), equal.get_ydata())
    np.testing.assert_allclose(core.lines[1].get_ydata(), core.lines[1].get_xdata())
    edges = whole.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([edges.min(), edges.max()], np.sqrt([3, 26]))
