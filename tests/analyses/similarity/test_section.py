"""The section on pairs of models: their numbers, and the pairs that differ in their seed alone."""

import re

from tests.analyses.sections import results_of, section
from tests.contract.reading import cells
from zpoints.analyses.similarity.presentation import MEASURES
from zpoints.measurement import Measurement
from zpoints.report import numbers

MODELS = ["ae", "ae_seed1", "vae"]


def pair(a, b, seed_alone, value):
    measure = {"value": value, "low": value - 0.011, "high": value + 0.011, "null": 0.017}
    return {"a": a, "b": b, "seed_alone": seed_alone, **dict.fromkeys(MEASURES, measure)}


def render(*pairs):
    content = {"models": MODELS, "images": {"train": 4500, "held_out": 500}, "pairs": list(pairs)}
    return section("similarity", results_of("similarity", {}, Measurement(content), MODELS))


def test_measures_stand_with_interval_and_null():
    html, _ = render(pair("ae", "vae", False, 0.612))
    assert html.count(">0.612<") == html.count("0.601 to 0.623") == len(MEASURES) - 2
    line = cells(html)[1]
    assert line[:2] == ["ae and vae", "0.612 0.601 to 0.623 shuffled 0.017"] and "4,500" in html
    assert all("shuffled 0.0" in cell for cell in line[1:]) and len(line) == 1 + len(MEASURES)
    assert "no two of these models differ in the seed alone" in html


def test_pair_of_seeds_is_named():
    html, _ = render(pair("ae", "ae_seed1", True, 0.9), pair("ae", "vae", False, 0.6))
    assert "same recipe with another seed" in html and html.count("ae_seed1</span>") == 2
    assert "ae_seed1 differ in alone" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_missing_measure_is_a_dash():
    lacking = {name: value for name, value in pair("ae", "vae", False, 0.6).items() if name != "unrotated"}
    assert f"<td>{numbers.MISSING}</td>" in render(lacking)[0]


def test_figure_and_text_hold_every_pair():
    _, drawings = render(pair("ae", "vae", False, 0.612))
    drawing = drawings["similarity"]
    assert [text.get_text() for text in drawing.figure.axes[0].texts].count("0.612") == 2
    assert drawing.alt.endswith("ae and vae 0.612")


def test_pair_that_cannot_be_measured_is_named_with_its_reason():
    lacking = {"a": "ae", "b": "ae_seed1", "seed_alone": True, "not_measurable": "needs z-points that differ"}
    html, drawings = render(lacking, pair("ae", "vae", False, 0.6))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    assert "Not measurable: ae and ae_seed1 (needs z-points that differ)" in text and len(cells(html)) == 2
    assert "no two of these models differ in the seed alone" in text
    assert drawings["similarity"].alt.endswith(": ae and vae 0.600")
