"""Probes: every model's dot stands where its number is, on the row of its label."""

import numpy as np

from zpoints.analyses.attributes.figures import attributes
from zpoints.report.style import RULE

COLORS = {"a": "#ff0000", "b": "#00ff00"}


def probe(value):
    return np.array([value, value - 0.05, value + 0.02, 0.48, 0.45, 0.55])


PROBES = {"a": {"Male": probe(0.9), "Bald_Head": probe(0.7)}, "b": {"Male": probe(0.8), "Bald_Head": probe(0.6)}}


def of(axes, color, marker):
    return [line for line in axes.lines if line.get_color() == color and line.get_marker() == marker]


def test_best_label_is_on_top():
    (axes,) = attributes(PROBES, "AUC", 0.5, COLORS).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bald Head", "Male"]
    assert axes.get_ylim() == (-0.6, 1.6) and axes.get_xlabel() == "AUC"


def test_dots_stand_at_their_values():
    (axes,) = attributes(PROBES, "AUC", 0.5, COLORS).axes
    heights = {}
    for model, color in COLORS.items():
        dots, spans = of(axes, color, "o"), of(axes, color, "None")
        for dot, span, place, name in zip(dots, spans, (0, 1), ("Bald_Head", "Male"), strict=True):
            value = PROBES[model][name]
            assert dot.get_xdata()[0] == value[0] and span.get_xdata().tolist() == [value[1], value[2]]
            heights[model, name] = dot.get_ydata()[0]
            assert abs(heights[model, name] - place) < 0.5 and set(span.get_ydata()) == {heights[model, name]}
    assert heights["a", "Male"] > heights["b", "Male"]


def test_chance_and_null_are_drawn():
    (axes,) = attributes(PROBES, "AUC", 0.5, COLORS).axes
    bands = [band.get_paths()[0].get_extents() for band in axes.collections]
    assert [(band.x0, band.x1) for band in bands] == [(0.45, 0.55)] * 2
    assert all(
        band.get_facecolor()[0][:3].tolist() == [int(RULE[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        for band in axes.collections
    )
    assert len([line for line in axes.lines if line.get_marker() == "|"]) == 4
    low, high = axes.get_xlim()
    assert low < 0.45 and high >= 1


def test_label_of_one_model_alone():
    probes = {"a": PROBES["a"], "b": {"Male": probe(0.8)}}
    (axes,) = attributes(probes, "AUC", 0.5, COLORS).axes
    assert len(of(axes, COLORS["a"], "o")) == 2 and len(of(axes, COLORS["b"], "o")) == 1


def test_probe_below_chance_is_in_sight():
    (axes,) = attributes({"a": {"x": np.array([-0.4, -0.6, -0.2, 0, -0.01, 0.01])}}, "R²", 0, COLORS).axes
    assert axes.get_xlim()[0] < -0.6


def test_names_are_no_formulas():
    name = "$\\frac{$"
    (axes,) = attributes({name: {name: probe(0.9)}}, "AUC", 0.5, {name: "#ff0000"}).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [name]
    axes.figure.draw_without_rendering()
