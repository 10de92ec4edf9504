"""The section on attributes and factors: the numbers of the probes, and none where there are none."""

import pandas as pd
import pytest

from tests.analyses.sections import results_of, section
from tests.contract.reading import cells
from zpoints.measurement import Measurement

NAMES = {"attribute": {"Male": 0.91, "Bald_<Head>": 0.61}, "factor": {"age": 0.3}}
ATTRIBUTES = {"auc": {"mean": 0.761, "low": 0.75, "high": 0.77}, "null": {"mean": 0.499}, "probed": 2}
ATTRIBUTES |= {"beyond_chance": 2, "null_beyond_chance": 0}
FACTORS = {"r2": {"mean": 0.312}, "disentanglement": {"value": 0.234, "null": 0.111}}
NUMBERS = {"attributes": ATTRIBUTES, "factors": FACTORS}


def probe(kind, name, value):
    ends = {"low": value - 0.05, "high": value + 0.02, "null": 0.48, "chance_low": 0.45, "chance_high": 0.55}
    return {"kind": kind, "name": name, "value": value, **ends}


def render(*kinds):
    rows = [probe(kind, name, value) for kind in kinds for name, value in NAMES[kind].items()]
    measurement = Measurement(NUMBERS, {"attributes": pd.DataFrame(rows)})
    return section("attributes", results_of("attributes", {"ae": measurement, "vae": measurement}))


def test_numbers_stand_with_their_nulls():
    html, drawings = render("attribute", "factor")
    for number in ("0.761", "0.499", "0.312", "0.234", "0.111"):
        assert html.count(f">{number}") == 2, number
    line = [
        "ae",
        "0.761 0.750 to 0.770",
        "\N{EN DASH}",
        "0.499",
        "0.91 Male",
        "0.61 Bald &lt;Head&gt;",
        "2 of 2 shuffled 0 detectable from AUC \N{EN DASH}",
    ]
    assert line in cells(html)
    assert drawings["attributes"].alt.endswith("Mean over them: 0.761 for ae and 0.761 for vae")
    assert 'id="figure-attributes"' in html and 'id="figure-factors"' in html


@pytest.mark.parametrize("kind", ["attribute", "factor"])
def test_missing_kind_is_not_mentioned(kind):
    html, drawings = render(kind)
    assert set(drawings) == {f"{kind}s"} and html.count("<figure") == 1
