"""The section on t-SNE maps: its numbers, its figures and the pairs of models."""

import numpy as np
import pandas as pd
import pytest

from tests.analyses.sections import results_of, section
from tests.contract.reading import cells
from zpoints.measurement import Measurement
from zpoints.report.numbers import percent

RNG = np.random.default_rng(0)
SOURCE = {
    "kl_divergence": 2.5,
    "trustworthiness": 0.9,
    "neighbours_kept": 0.3,
    "hopkins": {"mean": 0.55, "low": 0.5, "high": 0.6},
    "silhouette": 0.4,
    "same": {"beyond_chance": {"cluster": 0.5, "Male": 0.4}},
}
CONTENT = {"points": 30, "neighbours_kept_by_chance": 0.01, "mu": SOURCE, "null": SOURCE}
CONTENT |= {"elliptical": SOURCE | {"neighbours_kept": 0.2}, "permuted": SOURCE | {"silhouette": 0.3}}
PAIR = {"a": "ae", "b": "vae", "points": 30, "residual": 0.1234, "residual_shuffled": 0.999}
PAIR |= {"neighbours": 0.5, "neighbours_by_chance": 0.01}


def results(maps, attribute="Wearing_<Hat>", pairs=(), left_out=()):
    columns = [
        "row",
        "x",
        "y",
        "null_x",
        "null_y",
        "radius",
        "cluster",
        *([f"attribute_{attribute}"] if attribute else []),
    ]
    table = pd.DataFrame(RNG.uniform(0, 5, (30 * maps, len(columns))), columns=columns)
    numbers = np.repeat(np.arange(1, maps + 1), 30)
    table = table.assign(map=numbers, recipe=[f"recipe <{number}>" for number in numbers])
    content = {"left_out": list(left_out), "maps": {str(number): CONTENT for number in range(1, maps + 1)}}
    measurement = Measurement(content, {"tsne": table})
    joint = Measurement({}, {"pairs": pd.DataFrame(pairs)}) if pairs else None
    return results_of("tsne", {"ae": measurement, "vae": measurement}, joint)


@pytest.mark.parametrize(("maps", "figures"), [(1, 1), (2, 2), (6, 3), (7, 4)])
def test_all_maps_have_figures(maps, figures):
    html, drawings = section("tsne", results(maps))
    assert html.count("<figure") == len(drawings) == figures and "by Wearing &lt;Hat&gt;" in html
    assert html.count(f"recipe &lt;{maps}&gt;") == 1
    assert drawings["tsne"].alt.endswith(f"Neighbours kept: {percent(0.3)} for ae and {percent(0.3)} for vae")
    line = [
        "30.0% Gaussian 30.0% ellipsoid 20.0% independent 30.0%",
        "1.0%",
        "0.55 0.50 to 0.60 Gaussian 0.55 ellipsoid 0.55 independent 0.55",
        "0.40 Gaussian 0.40 ellipsoid 0.40 independent 0.30",
    ]
    assert cells(html)[1:] == [["ae", *line], ["vae", *line]]


def test_data_without_attributes_has_none():
    html, _ = section("tsne", results(1, attribute=None, left_out=["<Male>"]))
    assert "Maps by radius R and by cluster" in html and "have no attribute &lt;Male&gt;." in html


def test_pairs_are_those_of_the_first_map():
    html, _ = section("tsne", results(2, pairs=[PAIR | {"map": 1}, PAIR | {"map": 2, "residual": 0.7}]))
    assert cells(html)[-1] == ["ae and vae", "0.123 shuffled 0.999", "50.0% by chance 1.0%"]
    assert "0.700" not in html
    assert "residual" not in section("tsne", results(2))[0]
