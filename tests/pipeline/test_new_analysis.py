"""The promise of the house: a new question is one folder and one block of params.yaml, and touches no other file."""

import json
import subprocess

import pytest

from tests.pipeline.test_repro import clone

pytestmark = pytest.mark.pipeline

FILES = {
    "__init__.py": '"""How wide is the first axis?"""\n',
    "config.py": """
from zpoints.config.block import AnalysisConfig


class Config(AnalysisConfig):
    axis: int = 0
""",
    "method/__init__.py": '''
"""How wide is one axis?"""

from zpoints.analyses.width.config import Config
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement


def measure(latents: Latents, config: Config) -> Measurement:
    """The standard deviation of one axis over the training images."""
    return Measurement({"width": float(latents.mu[latents.rows("train"), config.axis].std())})
''',
    "presentation.py": """
from zpoints.report.metrics import Metric, MetricGroup

TITLE = "Width of an axis"
POSITION = 999
METRICS = MetricGroup("Width", (Metric("axis_width", "width", "width", "two", "Standard deviation of one axis."),))


def figures(results):
    return {}
""",
    "section.html": "<p>The first axis is {{ rows[models[0]].axis_width | fixed(2) }} wide.</p>\n",
}


def test_one_folder_and_one_block_add_a_question(tmp_path):
    lab = clone(tmp_path)
    folder = lab.folder / "src/zpoints/analyses/width"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"))

    def alone(params):
        params["analyses"] = {"width": {"axis": 0}}
        for group in ("image_analyses", "sampler_analyses", "direction_analyses", "pair_analyses"):
            params[group] = {}

    lab.set(alone)
    touched = subprocess.run(
        ["git", "status", "--porcelain"], cwd=lab.folder, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    assert sorted(line[3:] for line in touched) == ["params.yaml", "src/zpoints/analyses/width/"]

    ran, _ = lab.repro("compare", "report")
    assert {"measure@width-ae", "measure@width-vae_tiny"} <= ran
    assert not any("radius" in stage for stage in ran)
    rows = lab.json("data/comparison/models.json")
    assert all(rows[model]["axis_width"] > 0 for model in ("ae", "vae_tiny"))
    page = (lab.folder / "data/report/index.html").read_text()
    assert '<section id="width">' in page and f"is {rows['ae']['axis_width']:.2f} wide" in page
    assert "width" in lab.run("python", "-m", "stages.measure", "--help")

    lab.set(lambda params: params["analyses"]["width"].update(axis=1))
    ran, _ = lab.repro("compare", "report")
    assert ran == {"measure@width-ae", "measure@width-vae_tiny", "compare", "report"}
    assert json.loads(lab.run("dvc", "params", "diff", "--json"))["params.yaml"]
