"""Distances along paths: a panel for each kind, a line for each model, and the threshold of real images."""

import numpy as np
import pandas as pd

from tests.analyses.sections import results_of, section
from zpoints.analyses.paths.figures import Panel, path_curves
from zpoints.measurement import Measurement

COLORS = {"a": "#ff0000", "b": "#00ff00"}
NOTES = ("from an image", "from a draw")


def path(distance):
    values = np.array([1, distance, 2 * distance])
    return {"position": np.array([0.0, 1, 2]), "distance": values, "low": values - 0.1, "high": values + 0.2}


DRAWN = {
    "a": {"own": path(1.1), "other": path(1.2), "alone": path(1.3)},
    "b": {"own": path(1.4), "other": path(1.5)},
}
PANELS = [Panel("One", "x", "own", "other"), Panel("Two", "y", "alone"), Panel("Three", "z", "own")]


def of(axes, color, style):
    return [line for line in axes.lines if line.get_color() == color and line.get_linestyle() == style]


def test_lines_and_bands_go_through_their_numbers():
    one, two, *_ = path_curves(DRAWN, PANELS, 1.25, NOTES, COLORS).axes
    for name, color in COLORS.items():
        (own,), (other,) = of(one, color, "-"), of(one, color, "--")
        np.testing.assert_array_equal(own.get_ydata(), DRAWN[name]["own"]["distance"])
        np.testing.assert_array_equal(other.get_ydata(), DRAWN[name]["other"]["distance"])
        np.testing.assert_array_equal(own.get_xdata(), [0, 1, 2])
    bands = [band.get_paths()[0].get_extents() for band in one.collections]
    np.testing.assert_allclose([(band.y0, band.y1) for band in bands], [(0.9, 2.4), (0.9, 3.0)])
    assert one.get_title(loc="left") == "One" and two.get_xlabel() == "y"


def test_missing_path_of_one_model_is_skipped():
    two = path_curves(DRAWN, PANELS, 1.25, NOTES, COLORS).axes[1]
    assert len(of(two, COLORS["a"], "-")) == 1 and not of(two, COLORS["b"], "-") and not of(two, COLORS["a"], "--")


def test_threshold_is_in_every_panel():
    axes = path_curves(DRAWN, PANELS, 1.25, NOTES, COLORS).axes
    assert [panel.get_visible() for panel in axes] == [True, True, True, False]
    assert all([1.25, 1.25] in [list(line.get_ydata()) for line in panel.lines] for panel in axes[:3])
    assert len({panel.get_ylim() for panel in axes[:3]}) == 1


def test_legend_explains_dashes_where_there_are_some():
    def texts(panels):
        (legend,) = path_curves(DRAWN, panels, 1.25, NOTES, COLORS).legends
        return [text.get_text() for text in legend.get_texts()]

    threshold = "95% of real images"
    assert texts(PANELS) == ["a", "b", threshold, *NOTES] and texts(PANELS[1:]) == ["a", "b", threshold]


def test_open_interval_of_a_width_has_no_upper_end():
    table = pd.DataFrame([{"path": "images_shaped", "position": 8.0, "distance": 1, "low": 1, "high": 1}])
    width = {"value": 2, "low": 1.5}
    shown = [
        section("paths", results_of("paths", {"ae": Measurement(numbers, {"paths": table})}))[0]
        for numbers in ({"threshold": 1.2, "width": {"images_shaped": width | {"high": high}}} for high in (3, None))
    ]
    assert "1.50 to 3.00" in shown[0] and "1.50 or more" in shown[1]
