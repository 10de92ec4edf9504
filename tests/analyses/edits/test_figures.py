"""Success against identity: every model's line goes through its numbers, its controls beside it."""

import numpy as np

from zpoints.analyses.edits.figures import tradeoff

COLORS = {"a": "#ff0000", "b": "#00ff00"}
PREFIXES = {"": "-", "faces_": "--", "random_": ":"}


def curves(shift):
    numbers = {"success": np.array([0.1, 0.5, 0.9]), "identity": np.array([1, 0.8, 0.5])}
    return {
        f"{prefix}{key}": values - shift - 0.01 * place
        for place, prefix in enumerate(PREFIXES)
        for key, values in numbers.items()
    }


PANELS = {"first": {"a": curves(0), "b": curves(0.05)}, "second": {"a": curves(0.02)}}


def test_lines_go_through_their_numbers():
    figure = tradeoff(PANELS, 0.7, COLORS)
    for axes, (title, models) in zip(figure.axes, PANELS.items(), strict=True):
        assert axes.get_title(loc="left") == title
        for name, columns in models.items():
            for prefix, style in PREFIXES.items():
                (line,) = (
                    line for line in axes.lines if line.get_color() == COLORS[name] and line.get_linestyle() == style
                )
                np.testing.assert_array_equal(line.get_xdata(), columns[f"{prefix}identity"])
                np.testing.assert_array_equal(line.get_ydata(), columns[f"{prefix}success"])
                assert line.get_marker() == ("None" if prefix else "o")


def test_panels_share_axes_and_a_threshold():
    first, second = tradeoff(PANELS, 0.7, COLORS).axes
    assert first.get_xlim() == second.get_xlim() and first.get_ylim() == second.get_ylim()
    assert all([0.7, 0.7] in [list(line.get_xdata()) for line in axes.lines] for axes in (first, second))
    (alone,) = tradeoff({"x": PANELS["second"]}, 0.7, COLORS).axes
    assert len(alone.lines) == 4


def test_legend_names_models_and_lines():
    (legend,) = tradeoff(PANELS, 0.7, COLORS).legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["a", "b", "direction of the attribute", "difference of two faces", "any direction"]
