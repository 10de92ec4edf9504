"""Distances along paths: a panel for each kind, a line for each model, and the level that real images keep."""

import numpy as np

from zpoints.analyses.paths.figures import Panel, journeys

TINTS = {"a": "#ff0000", "b": "#00ff00"}
NOTES = ("from an image", "from a draw")


def path(distance):
    values = np.array([1, distance, 2 * distance])
    return {"position": np.array([0.0, 1, 2]), "distance": values, "low": values - 0.1, "high": values + 0.2}


DRAWN = {
    "a": {"own": path(1.1), "other": path(1.2), "alone": path(1.3)},
    "b": {"own": path(1.4), "other": path(1.5)},
}
PANELS = [Panel("One", "x", "own", "other"), Panel("Two", "y", "alone"), Panel("Three", "z", "own")]


def of(axes, colour, style):
    return [line for line in axes.lines if line.get_color() == colour and line.get_linestyle() == style]


def test_a_line_and_its_interval_go_through_their_numbers():
    one, two, *_ = journeys(DRAWN, PANELS, 1.25, NOTES, TINTS).axes
    for name, colour in TINTS.items():
        (own,), (other,) = of(one, colour, "-"), of(one, colour, "--")
        np.testing.assert_array_equal(own.get_ydata(), DRAWN[name]["own"]["distance"])
        np.testing.assert_array_equal(other.get_ydata(), DRAWN[name]["other"]["distance"])
        np.testing.assert_array_equal(own.get_xdata(), [0, 1, 2])
    bands = [band.get_paths()[0].get_extents() for band in one.collections]
    np.testing.assert_allclose([(band.y0, band.y1) for band in bands], [(0.9, 2.4), (0.9, 3.0)])
    assert one.get_title(loc="left") == "One" and two.get_xlabel() == "y"


def test_a_path_that_a_model_lacks_is_drawn_for_the_others():
    two = journeys(DRAWN, PANELS, 1.25, NOTES, TINTS).axes[1]
    assert len(of(two, TINTS["a"], "-")) == 1 and not of(two, TINTS["b"], "-") and not of(two, TINTS["a"], "--")


def test_the_level_is_in_every_panel_on_one_scale_and_no_panel_is_left_over():
    axes = journeys(DRAWN, PANELS, 1.25, NOTES, TINTS).axes
    assert [panel.get_visible() for panel in axes] == [True, True, True, False]
    assert all([1.25, 1.25] in [list(line.get_ydata()) for line in panel.lines] for panel in axes[:3])
    assert len({panel.get_ylim() for panel in axes[:3]}) == 1


def test_the_legend_explains_dashes_only_where_there_are_some():
    def texts(panels):
        (legend,) = journeys(DRAWN, panels, 1.25, NOTES, TINTS).legends
        return [text.get_text() for text in legend.get_texts()]

    level = "95% of real images"
    assert texts(PANELS) == ["a", "b", level, *NOTES] and texts(PANELS[1:]) == ["a", "b", level]
