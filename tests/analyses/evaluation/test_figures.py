"""Scores of samplers: every model's dot stands where its number is, on the row of its sampler."""

import numpy as np

from zpoints.analyses.evaluation.figures import Panel, evaluation

TINTS = {"a": "#ff0000", "b": "#00ff00"}
ROWS = {"normal": "N(0, I)", "gaussian": "Gaussian"}


def score(value):
    return np.array([value, value - 0.1, value + 0.2])


KID = {"a": {"normal": score(5.0), "gaussian": score(1.0)}, "b": {"normal": score(2.0)}}
COVERAGE = {"a": {"normal": score(0.5)}, "b": {"gaussian": score(0.7)}}
PANELS = [Panel("face-KID", KID, [("real", 0.0), ("blurred", 2.3)]), Panel("coverage", COVERAGE)]


def of(axes, colour, marker):
    return [line for line in axes.lines if line.get_color() == colour and line.get_marker() == marker]


def test_a_dot_stands_at_its_value_in_its_interval_on_its_row():
    for axes, panel in zip(evaluation(PANELS, ROWS, TINTS).axes, PANELS, strict=True):
        for model, colour in TINTS.items():
            found = panel.scores[model]
            dots, spans = of(axes, colour, "o"), of(axes, colour, "None")
            for dot, span, (name, values) in zip(dots, spans, found.items(), strict=True):
                assert dot.get_xdata()[0] == values[0] and span.get_xdata().tolist() == values[1:].tolist()
                assert abs(dot.get_ydata()[0] - list(ROWS).index(name)) < 0.5
                assert set(span.get_ydata()) == {dot.get_ydata()[0]}


def test_rows_go_down_from_the_first_and_so_do_models_within_a_row():
    first, second = evaluation(PANELS, ROWS, TINTS).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["N(0, I)", "Gaussian"]
    low, high = first.get_ylim()
    assert low > high and second.get_ylim() == (low, high)
    assert of(first, TINTS["a"], "o")[0].get_ydata()[0] < of(first, TINTS["b"], "o")[0].get_ydata()[0]


def test_marks_are_dashed_lines_with_their_words():
    first, second = evaluation(PANELS, ROWS, TINTS).axes
    assert [text.get_text() for text in first.texts] == ["real", "blurred"] and not second.texts
    dashed = [line.get_xdata()[0] for line in first.lines if line.get_linestyle() == "--"]
    assert dashed == [0.0, 2.3] and (first.get_xlabel(), second.get_xlabel()) == ("face-KID", "coverage")


def test_nothing_scored_is_an_empty_figure(tmp_path):
    figure = evaluation([Panel("face-KID", {"a": {}})], {}, TINTS)
    figure.savefig(tmp_path / "empty.png")
    (axes,) = figure.axes
    assert not of(axes, TINTS["a"], "o")
