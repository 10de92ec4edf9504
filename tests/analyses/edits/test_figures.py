"""Success against identity: every model's line goes through its numbers, and its nulls beside it."""

import numpy as np

from zpoints.analyses.edits.figures import tradeoff

TINTS = {"a": "#ff0000", "b": "#00ff00"}
PREFIXES = {"": "-", "faces_": "--", "random_": ":"}


def curves(shift):
    numbers = {"success": np.array([0.1, 0.5, 0.9]), "identity": np.array([1, 0.8, 0.5])}
    return {
        f"{prefix}{key}": values - shift - 0.01 * place
        for place, prefix in enumerate(PREFIXES)
        for key, values in numbers.items()
    }


PANELS = {"first": {"a": curves(0), "b": curves(0.05)}, "second": {"a": curves(0.02)}}


def test_each_line_goes_through_its_own_numbers():
    figure = tradeoff(PANELS, 0.7, TINTS)
    for axes, (title, models) in zip(figure.axes, PANELS.items(), strict=True):
        assert axes.get_title(loc="left") == title
        for name, columns in models.items():
            for prefix, style in PREFIXES.items():
                (line,) = (
                    line for line in axes.lines if line.get_color() == TINTS[name] and line.get_linestyle() == style
                )
                np.testing.assert_array_equal(line.get_xdata(), columns[f"{prefix}identity"])
                np.testing.assert_array_equal(line.get_ydata(), columns[f"{prefix}success"])
                assert line.get_marker() == ("None" if prefix else "o")


def test_panels_share_their_axes_and_the_level_is_a_line():
    first, second = tradeoff(PANELS, 0.7, TINTS).axes
    assert first.get_xlim() == second.get_xlim() and first.get_ylim() == second.get_ylim()
    assert all([0.7, 0.7] in [list(line.get_xdata()) for line in axes.lines] for axes in (first, second))
    (alone,) = tradeoff({"x": PANELS["second"]}, None, TINTS).axes
    assert len(alone.lines) == 3


def test_the_legend_names_every_model_and_every_kind_of_line():
    (legend,) = tradeoff(PANELS, 0.7, TINTS).legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["a", "b", "direction of the attribute", "difference of two faces", "any direction"]
