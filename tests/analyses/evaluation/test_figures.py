"""Scores of samplers: every model's dot stands where its number is, on the row of its sampler."""

import numpy as np

from zpoints.analyses.evaluation.figures import Panel, evaluation

COLORS = {"a": "#ff0000", "b": "#00ff00"}
ROWS = {"normal": "N(0, I)", "gaussian": "Gaussian"}


def score(value):
    return np.array([value, value - 0.1, value + 0.2])


KID = {"a": {"normal": score(5.0), "gaussian": score(1.0)}, "b": {"normal": score(2.0)}}
COVERAGE = {"a": {"normal": score(0.5)}, "b": {"gaussian": score(0.7)}}
PANELS = [Panel("face-KID", KID, [("real", 0.0), ("blurred", 2.3)]), Panel("coverage", COVERAGE)]


def of(axes, color, marker):
    return [line for line in axes.lines if line.get_color() == color and line.get_marker() == marker]


def test_dots_stand_at_their_values():
    for axes, panel in zip(evaluation(PANELS, ROWS, COLORS).axes, PANELS, strict=True):
        for model, color in COLORS.items():
            found = panel.scores[model]
            dots, spans = of(axes, color, "o"), of(axes, color, "None")
            for dot, span, (name, values) in zip(dots, spans, found.items(), strict=True):
                assert dot.get_xdata()[0] == values[0] and span.get_xdata().tolist() == values[1:].tolist()
                assert abs(dot.get_ydata()[0] - list(ROWS).index(name)) < 0.5
                assert set(span.get_ydata()) == {dot.get_ydata()[0]}


def test_rows_go_down_from_the_first():
    first, second = evaluation(PANELS, ROWS, COLORS).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["N(0, I)", "Gaussian"]
    low, high = first.get_ylim()
    assert low > high and second.get_ylim() == (low, high)
    assert of(first, COLORS["a"], "o")[0].get_ydata()[0] < of(first, COLORS["b"], "o")[0].get_ydata()[0]


def test_marks_are_dashed_lines_with_words():
    first, second = evaluation(PANELS, ROWS, COLORS).axes
    assert [text.get_text() for text in first.texts] == ["real", "blurred"] and not second.texts
    dashed = [line.get_xdata()[0] for line in first.lines if line.get_linestyle() == "--"]
    assert dashed == [0.0, 2.3] and (first.get_xlabel(), second.get_xlabel()) == ("face-KID", "coverage")


def test_no_scores_give_an_empty_figure(tmp_path):
    figure = evaluation([Panel("face-KID", {"a": {}})], {}, COLORS)
    figure.savefig(tmp_path / "empty.png")
    (axes,) = figure.axes
    assert not of(axes, COLORS["a"], "o")
