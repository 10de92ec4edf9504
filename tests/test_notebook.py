"""Questions asked of arrays in memory: the pipeline's numbers, short reprs, and the examples of docs/notebook.md."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import zpoints
from tests.lab import make_latents, make_shards
from zpoints.analyses import discovery
from zpoints.errors import UserError
from zpoints.measurement import NotMeasurable

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/notebook.md").read_text(encoding="utf-8"), re.S)
POINTS = np.random.default_rng(0).standard_normal((400, 6)).astype(np.float32)
LABELS = pd.DataFrame({"right": POINTS[:, 0] > 0, "sign": np.sign(POINTS[:, 1]), "height": POINTS[:, 2]})
KEYS = {
    "radius": {"bootstrap": 100, "null_points": 2000},
    "clusters": {"k": [2, 3, 4], "k_labels": 4, "n_init": 2, "n_nulls": 3, "n_silhouette": 60},
    "tsne": {"points": [100], "settings": [{"perplexity": 5, "iterations": 8}]},
}
Z_ONLY = [name for name in discovery.names() if discovery.config_class(name).group == "analyses"]


@pytest.mark.slow
def test_examples_of_the_docs_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("shards", "latents/vae"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    make_shards(tmp_path / "data/shards", images=400, size=8)
    make_latents(tmp_path / "data/latents/vae", POINTS, np.full_like(POINTS, -2), POINTS)
    assert len(EXAMPLES) == 5
    names: dict = {}
    for example in EXAMPLES:
        exec(example, names)
        assert names["found"].numbers
    assert (tmp_path / "similarity.png").stat().st_size > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", Z_ONLY)
def test_numbers_equal_the_measure_functions(name):
    latents = zpoints.Latents.of(POINTS, np.full_like(POINTS, -2), split=np.arange(400) % 4 == 0)
    labels = zpoints.Labels.of_frame(LABELS)
    keys = KEYS.get(name, {})
    found = zpoints.measure(name, latents, labels=LABELS, **keys)
    function = discovery.measure_function(name)
    given = {
        "latents": latents,
        "labels": labels,
        "config": discovery.config_class(name).model_validate(keys, strict=False),
    }
    expected = function(**{key: given[key] for key in discovery.needs(function)})
    assert found.numbers == expected.numbers
    for table, frame in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[table], frame)
    assert len(repr(found)) < 200 and repr(found).startswith(name)


@pytest.mark.parametrize("name", ["components", "posterior", "attributes"])
def test_figures_show_the_points(name):
    found = zpoints.measure(name, zpoints.Latents.of(POINTS, np.full_like(POINTS, -2)), labels=LABELS)
    figure = found.figure()
    assert figure.axes and figure is not found.figures()
    with pytest.raises(UserError, match=r"figure: expected one of .*, received nothing"):
        found.figure("nothing")


@pytest.mark.slow
def test_tensorflow_is_not_imported():
    code = (
        "import sys, zpoints; assert 'numpy' not in sys.modules\n"
        "import numpy as np\n"
        "zpoints.measure('components', np.random.default_rng(0).standard_normal((60, 3)), subsample=20).figure()\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_held_out_points_only_where_needed():
    assert len(zpoints.measure("attributes", POINTS, labels=LABELS, min_count=5).points["z"].rows("held_out")) == 40
    assert not len(zpoints.measure("components", POINTS).points["z"].rows("held_out"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zpoints.Latents.of(POINTS[0]), r"mu: expected an array \(images, z_dim\), received shape \(6,\)"),
        (lambda: zpoints.Latents.of(POINTS * np.nan), "mu: expected finite numbers"),
        (lambda: zpoints.Latents.of([["a"]]), "mu: expected an array of numbers"),
        (lambda: zpoints.Latents.of(POINTS, POINTS[:5]), r"logvar: expected shape \(400, 6\)"),
        (lambda: zpoints.Latents.of(POINTS, z=POINTS), "z: expected logvar as well"),
        (lambda: zpoints.Latents.of(POINTS, split=[0, 1]), "split: expected 0"),
        (lambda: zpoints.Latents.of(POINTS, split=np.full(400, 2)), "split: expected 0"),
        (lambda: zpoints.measure("components", POINTS, subsampel=3), "subsampel: expected one of"),
        (lambda: zpoints.measure("components", POINTS, subsample=3), "^subsample: expected at least 20, received 3"),
        (lambda: zpoints.measure("gaussianity", POINTS, n_nulls=5), "n_nulls: expected at least 19, which alpha"),
        (lambda: zpoints.measure("colour", POINTS), "ANALYSIS: expected one of"),
        (lambda: zpoints.measure("samples", POINTS), "samples: expected model, samplers, shards"),
        (lambda: zpoints.measure("similarity", POINTS), "similarity: expected arrays by name"),
        (lambda: zpoints.measure("clusters", POINTS, labels=LABELS[:9]), "labels: expected a row for each of 400"),
        (lambda: zpoints.Labels.of_frame(pd.DataFrame({"name": ["a"]})), "labels: column name: expected numbers"),
    ],
)
def test_faults_are_one_line(call, message):
    with pytest.raises(UserError, match=message) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_too_few_points_say_how_many_are_needed():
    with pytest.raises(NotMeasurable, match="needs 8 training images, has 5"):
        zpoints.measure("components", POINTS[:5])


def test_levels_tell_attributes_from_factors():
    labels = zpoints.Labels.of_frame(LABELS)
    assert labels.attribute_names == ("right", "sign") and labels.factor_names == ("height",)
    assert labels.attributes.dtype == np.uint8 and set(labels.attributes[:, 1]) == {0, 1}
