"""The plane of rate and distortion: each model's dots stand where its numbers are."""

from zpoints.analyses.rate_distortion.figures import Point, plane

COLORS = {"ae": "#ff0000", "vae": "#00ff00"}
POINTS = {"ae": Point(None, 200.0, None), "vae": Point(9.0, 300.0, 400.0)}


def test_dots_stand_at_their_values():
    axes = plane(POINTS, COLORS).axes[0]
    dots = {
        (line.get_xdata()[0], line.get_ydata()[0]): line.get_markerfacecolor()
        for line in axes.lines
        if line.get_marker() == "o"
    }
    assert dots == {(9.0, 300.0): "white", (9.0, 400.0): COLORS["vae"]}
    assert axes.get_ylim()[0] == 0 and axes.get_xlim()[0] < 9 < axes.get_xlim()[1]


def test_model_without_a_rate_is_a_line():
    (across,) = [line for line in plane(POINTS, COLORS).axes[0].lines if line.get_color() == COLORS["ae"]]
    assert set(across.get_ydata()) == {200.0}


def test_collapsed_model_stands_at_rate_0():
    axes = plane({"vae": Point(0.0, 300.0, 300.0)}, COLORS).axes[0]
    assert axes.get_xscale() == "linear" and axes.get_xlim()[0] < 0 < axes.get_xlim()[1]
