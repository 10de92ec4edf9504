"""The section on t-SNE maps, rendered by itself."""

from types import SimpleNamespace

import numpy as np
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.pipeline.declarations import ROOT
from tests.report.reading import cells
from zpoints.comparison.topic import find
from zpoints.comparison.tsne import TOPIC
from zpoints.report.style import colours
from zpoints.report import numbers
from zpoints.report.sections.tsne import context
from zpoints.report.sections.tsne import plates

RNG = np.random.default_rng(0)
SOURCE = {
    "kl_divergence": 2.5,
    "trustworthiness": 0.9,
    "neighbours_kept": 0.3,
    "hopkins": {"mean": 0.55, "low": 0.5, "high": 0.6},
    "same": {"beyond_chance": {"cluster": 0.5, "Male": 0.4}},
}
MEASUREMENT = {"maps": {"1": {"points": 30, "neighbours_kept_by_chance": 0.01, "mu": SOURCE, "null": SOURCE}}}


PAIR = {"a": "ae", "b": "vae", "points": 30, "residual": 0.1234, "residual_shuffled": 0.999}
PAIR |= {"neighbours": 0.5, "neighbours_by_chance": 0.01}


def inputs(maps, attribute=True, pairs=(), seed_alone=False):
    kinds = ("row", "x", "y", "null_x", "null_y", "radius", "cluster", *(["attribute_Male"] if attribute else []))
    columns = {kind: RNG.uniform(0, 5, 30 * maps) for kind in kinds}
    columns |= {"map": np.repeat(np.arange(1.0, maps + 1), 30)}
    columns |= {"recipe": np.repeat([f"recipe <{number}>" for number in range(1, maps + 1)], 30)}
    row = {column: value for one in TOPIC.quantities for column, value in one.values(MEASUREMENT).items()}
    return SimpleNamespace(
        rows={"ae": row, "vae": row},
        curves={"tsne": {"ae": columns, "vae": columns}},
        maps=list(pairs),
        similarity={"pairs": [{"a": "ae", "b": "vae", "seed_alone": seed_alone}]},
    )


def render(given):
    folder = ROOT / "src/zpoints/report"
    environment = Environment(
        loader=FileSystemLoader([folder, folder / "sections"]), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"percent": numbers.percent, "fixed": numbers.fixed}
    tints = colours(given.rows)
    shown = {
        name: {"source": "", "width": 1, "height": 1, "alt": one.alt} for name, one in plates(given, tints).items()
    }
    page = environment.get_template("tsne.html").render(
        **context(given), models=list(given.rows), rows=given.rows, tints=tints, plates=shown
    )
    return page, shown


def test_every_quantity_of_the_table_has_its_place_in_the_measurement():
    for one in TOPIC.quantities:
        assert find(MEASUREMENT, one.place.removesuffix(".*")) is not None, one.place
    row = inputs(1).rows["ae"]
    assert row["tsne_together_Male"] == 0.4 and row["tsne_hopkins_low"] == 0.5


@pytest.mark.parametrize(("maps", "figures"), [(1, 1), (2, 2), (6, 3), (7, 4)])
def test_all_maps_have_their_figures_and_are_named(maps, figures):
    page, shown = render(inputs(maps))
    assert page.count("<figure") == len(shown) == figures and "by Male" in page
    assert page.count(f"recipe &lt;{maps}&gt;") == 1
    line = ["30.0%", "30.0%", "1.0%", "0.55 0.50 to 0.60", "0.55"]
    assert cells(page)[1:] == [["ae", *line], ["vae", *line]]


def test_a_data_set_without_attributes_is_not_said_to_have_any():
    assert "Maps by radius R and by cluster" in render(inputs(1, attribute=False))[0]


@pytest.mark.parametrize(("seed_alone", "said"), [(True, "which differ in the seed alone"), (False, "here are none")])
def test_the_first_map_of_each_pair_is_told_with_what_chance_leaves_and_the_scale(seed_alone, said):
    page, _ = render(inputs(2, pairs=[PAIR | {"map": 1}, PAIR | {"map": 2, "residual": 0.7}], seed_alone=seed_alone))
    assert cells(page)[-1] == ["ae and vae", "0.123 shuffled 0.999", "50.0% by chance 1.0%"]
    assert "0.700" not in page and said in page


def test_one_model_alone_has_no_table_of_pairs():
    assert "residual" not in render(inputs(2))[0]
