"""Attributes with any names, through the measurements, the table, the figures and the report."""

import json

import pytest

from tests.contract.lab import Lab
from tests.contract.test_report import DATA
from zpoints.analyses import discovery
from zpoints.report.comparison import write_comparison, write_metrics
from zpoints.report.page import write_report
from zpoints.report.results import Run

pytestmark = pytest.mark.slow
SCRIPT = "<script>alert(1)</script>"
ATTRIBUTES = ("$\\frac{$", "Male/Female", "../x\0", SCRIPT)
FACTORS = ("x" * 300, "a,b\r\n\x1b[2J\"c'")
MODEL = "vae"


@pytest.fixture(scope="module")
def hostile_lab(built_lab, tmp_path_factory):
    """A laboratory with other names of labels, and all measured that looks at labels."""
    folder = tmp_path_factory.mktemp("hostile") / "lab"
    lab = built_lab.copy(folder)
    index = json.loads((folder / "shards" / "index.json").read_text())
    index |= {"attributes": list(ATTRIBUTES), "factors": list(FACTORS)}
    (folder / "shards" / "index.json").write_text(json.dumps(index))
    edited = {"attributes": ATTRIBUTES, "analogies": ((ATTRIBUTES[0], ATTRIBUTES[1]),)}
    analyses = lab.params.analyses | {"edits": lab.params.analyses["edits"].model_copy(update=edited)}
    lab = Lab(folder, type(lab.params)(lab.params._blocks, analyses))
    lab.write_reasons()
    for name in ("attributes", "tsne", "edits"):
        assert {"labels", "directions"} & discovery.needs(discovery.measure_function(name))
        lab.measure(name, MODEL)
    return lab


def test_names_of_attributes_are_never_paths_formulas_or_code(hostile_lab, tmp_path):
    measurements = hostile_lab.folder / "measurements"
    before = {path for path in hostile_lab.folder.parent.rglob("*")}
    spoilt = measurements / MODEL / "tsne" / "numbers.json"
    spoilt.write_text(json.dumps(json.loads(spoilt.read_text()) | {"left_out": ["\x1b[2J"]}))
    folders = [tmp_path / name for name in ("comparison", "metrics", "figures", "page")]
    for folder in folders:
        folder.mkdir()
    run = Run(hostile_lab.params, measurements)
    write_comparison(run, folders[0])
    write_metrics(run, folders[1])
    write_report(Run(hostile_lab.params, measurements, folders[0]), DATA, *folders[2:])
    html = (folders[3] / "index.html").read_bytes().decode()
    assert html.count("<script") == 1 and "&lt;script&gt;alert(1)" in html
    assert "Male/Female" in html and "$\\frac{$" in html
    assert not set(html) & set("\0\x1b")
    names = {path.name for path in tmp_path.rglob("*")}
    assert not any(len(name) > 100 or set(name) & set("$\\<>\0\x1b") for name in names)
    assert {path for path in hostile_lab.folder.parent.rglob("*")} == before
