"""The section on attributes and factors: the numbers of the probes, and none where there are none."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import zpoints.report
from tests.report.reading import cells
from zpoints.report.style import colours
from zpoints.report import numbers
from zpoints.report.sections.attributes import context
from zpoints.report.sections.attributes import plates
from zpoints.report.sections.attributes import probes
from zpoints.report.sections.attributes import shown


def probe(value):
    return np.array([value, value - 0.05, value + 0.02, 0.48, 0.45, 0.55])


COLUMNS = {"line": np.arange(6), "attribute Male": probe(0.91), "attribute Bald_Head": probe(0.61)}
FACTORS = {"factor age": probe(0.3)}
ROW = {"auc": 0.761, "auc_low": 0.75, "auc_high": 0.77, "auc_null": 0.499, "attributes_probed": 2}
ROW |= {"attributes_beyond_chance": 2, "attributes_beyond_chance_null": 0}
ROW |= {"factor_r2": 0.312, "disentanglement": 0.234, "disentanglement_null": 0.111}


def inputs(columns):
    return SimpleNamespace(rows={"ae": ROW, "vae": ROW}, curves={"probes": dict.fromkeys(("ae", "vae"), columns)})


def render(made):
    environment = Environment(
        loader=FileSystemLoader(Path(zpoints.report.__path__[0])), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"count": numbers.count, "fixed": numbers.fixed, "listing": numbers.listing}
    drawn = {name: {"source": "data:", "width": 1, "height": 1, "alt": ""} for name in plates(made, colours(made.rows))}
    names = {"plates": drawn, "rows": made.rows, "tints": colours(made.rows), "models": list(made.rows)}
    return environment.get_template("sections/attributes.html").render(**names, **context(made))


def test_the_numbers_of_each_kind_are_told_with_their_nulls():
    text = render(inputs(COLUMNS | FACTORS))
    for number in ("0.761", "0.499", "0.312", "0.234", "0.111"):
        assert text.count(number) == 2, number
    line = ["ae", "0.761 0.750 to 0.770", "0.499", "0.91 Male", "0.61 Bald Head", "2 of 2 shuffled 0"]
    assert line in cells(text)
    assert 'id="figure-attributes"' in text and 'id="figure-factors"' in text


@pytest.mark.parametrize(("columns", "kind"), [(COLUMNS, "attributes"), (FACTORS, "factors")])
def test_a_kind_that_is_not_there_is_not_spoken_of(columns, kind):
    made = inputs(columns)
    assert set(plates(made, colours(made.rows))) == {kind} and shown(made)
    assert render(made).count("<figure") == 1


def test_without_any_probe_there_is_no_section():
    assert not shown(inputs({"line": np.arange(6)}))
    assert probes(inputs(COLUMNS), "attribute")["ae"].keys() == {"Male", "Bald_Head"}
