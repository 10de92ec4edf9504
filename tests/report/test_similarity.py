"""The section on pairs of models: their numbers, and what a pair says that differs in its seed alone."""

import re
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import zpoints.report
from tests.report.reading import cells
from zpoints.report.style import colours
from zpoints.report import numbers
from zpoints.report.sections.similarity import MEASURES, context, plates, shown


def measure(value):
    return {"value": value, "low": value - 0.011, "high": value + 0.011, "null": 0.017}


def pair(a, b, seed_alone, value):
    return {"a": a, "b": b, "seed_alone": seed_alone, **{name: measure(value) for name in MEASURES}}


def inputs(*pairs):
    rows = {name: {} for name in ("ae", "ae_seed1", "vae")}
    return SimpleNamespace(rows=rows, similarity={"images": {"train": 4500, "held_out": 500}, "pairs": list(pairs)})


def render(made):
    environment = Environment(
        loader=FileSystemLoader(Path(zpoints.report.__path__[0])), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"count": numbers.count, "fixed": numbers.fixed}
    drawn = {"similarity": {"source": "data:", "width": 1, "height": 1, "alt": ""}}
    names = {"plates": drawn, "rows": made.rows, "tints": colours(made.rows)}
    return environment.get_template("sections/similarity.html").render(**names, **context(made))


def test_every_measure_of_a_pair_is_told_with_its_interval_and_null():
    text = render(inputs(pair("ae", "vae", False, 0.612)))
    assert text.count(">0.612<") == len(MEASURES) - 2 and text.count("0.601 to 0.623") == len(MEASURES) - 2
    line = cells(text)[1]
    assert line[:2] == ["ae and vae", "0.612 0.601 to 0.623 shuffled 0.017"] and "4,500" in text
    assert all("shuffled 0.0" in cell for cell in line[1:]) and len(line) == 1 + len(MEASURES)
    assert "no two of these models differ in the seed alone" in text


def test_a_pair_of_seeds_is_named_as_the_scale():
    text = render(inputs(pair("ae", "ae_seed1", True, 0.9), pair("ae", "vae", False, 0.6)))
    assert "same recipe with another seed" in text and text.count("ae_seed1</span>") == 2
    assert "ae_seed1 differ in alone" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_a_measure_that_a_pair_lacks_is_a_dash():
    lacking = {name: value for name, value in pair("ae", "vae", False, 0.6).items() if name != "unrotated"}
    assert f"<td>{numbers.MISSING}</td>" in render(inputs(lacking))


def test_the_figure_holds_every_pair_and_its_text_says_the_same():
    made = inputs(pair("ae", "vae", False, 0.612))
    drawing = plates(made, colours(made.rows))["similarity"]
    assert [text.get_text() for text in drawing.figure.axes[0].texts].count("0.612") == 2
    assert drawing.alt.endswith("ae and vae 0.612") and shown(made) and not shown(inputs())
