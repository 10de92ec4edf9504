"""What the report reads is held against what it should be; each fault names its file."""

import json
import shutil

import numpy as np
import pytest

from tests.report.run import PICTURES, SIZE, folders, inputs, make_run
from zpoints.errors import UserError
from zpoints.report.inputs import read_inputs


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    make_run(root)
    return root


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def test_all_models_are_read_in_the_order_of_params(run):
    found = inputs(run)
    curves = (found.curves["history"], found.curves["radius"], found.curves["pca"])
    for part in (found.rows, *curves, found.drawn, found.used, found.layers, found.pictures):
        assert list(part) == ["ae", "vae_tiny", "vae"]
    assert list(found.curves["logvar"]) == ["vae_tiny", "vae"]
    assert found.samplers == ("normal", "uniform_2", "uniform_10", "shell", "diagonal", "gaussian", "bootstrap")


def test_a_column_that_a_model_has_not_is_left_out_for_it(run):
    found = inputs(run)
    history, radius = found.curves["history"], found.curves["radius"]
    assert "kl" not in history["ae"] and "kl" in history["vae_tiny"]
    assert "floor" not in history["vae"] and "floor" in history["ae"]
    assert "z" not in radius["ae"] and radius["vae"]["z"].dtype == np.float64


FILES = [
    "comparison/maps.json",
    "comparison/models.json",
    "comparison/history.csv",
    "comparison/radius.csv",
    "comparison/logvar.csv",
    "comparison/components_histogram.csv",
    "comparison/pca.csv",
    "comparison/scores.csv",
    "measurements/prepare.json",
    "measurements/vae/samples.json",
    "models/vae/model.json",
    "models/vae/parameters.csv",
    "samples/vae/originals.npy",
    "samples/vae/reconstructions.npy",
    "samples/vae/uniform_10.npy",
]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfenothing"])
def test_a_missing_or_damaged_file_is_named(run, file, content):
    if content is None:
        (run / file).unlink()
    else:
        (run / file).write_bytes(content)
    with pytest.raises(UserError) as error:
        inputs(run)
    assert str(error.value).startswith(f"{run / file}: expected ")
    assert "received" in str(error.value) and "\n" not in str(error.value)


WRONG = {
    "not a picture": np.zeros((PICTURES, SIZE), np.uint8),
    "another size": np.zeros((PICTURES, 8, 8, 3), np.uint8),
    "floats": np.zeros((PICTURES, SIZE, SIZE, 3)),
    "fewer": np.zeros((3, SIZE, SIZE, 3), np.uint8),
    "objects": np.array([{}]),
}


@pytest.mark.parametrize("kind", ["originals", "reconstructions", "normal"])
@pytest.mark.parametrize("wrong", WRONG)
def test_pictures_of_another_shape_are_refused(run, kind, wrong):
    np.save(run / f"samples/vae_tiny/{kind}.npy", WRONG[wrong])
    with pytest.raises(
        UserError, match=f"vae_tiny/{'(originals|reconstructions)' if kind == 'originals' else kind}.npy"
    ):
        inputs(run)


def test_originals_that_are_not_the_same_for_all_models_are_refused(run):
    path = run / "samples/vae/originals.npy"
    np.save(path, 255 - np.load(path))
    with pytest.raises(UserError, match=r"vae/originals\.npy: expected the images of ae"):
        inputs(run)


@pytest.mark.parametrize("text", ["nan", "inf", "many"])
def test_what_is_no_number_in_a_curve_is_refused(run, text):
    path = run / "comparison/radius.csv"
    head, first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([head, first.replace("0.5", text, 1), *rest]))
    with pytest.raises(UserError, match=r"radius\.csv: expected .*radius of ae"):
        inputs(run)


def test_a_model_that_was_not_compared_yet_is_named(run):
    with pytest.raises(
        UserError, match=r"models\.json: expected a row for each model in params, received none for new"
    ):
        read_inputs(["ae", "new"], ["normal"], folders(run))


@pytest.mark.parametrize("value", ["many", None, [1]])
def test_a_table_that_holds_no_number_where_one_belongs_is_refused(run, value):
    path = run / "comparison/models.json"
    rows = json.loads(path.read_text())
    rows["vae"]["radius_peak"] = value
    path.write_text(json.dumps(rows))
    with pytest.raises(UserError, match=r"models\.json: expected vae\.radius_peak, a number"):
        inputs(run)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("both", "half", r"analogies\.0\.both, a number"),
        ("x", 3, r"analogies\.0\.x, a text"),
        ("", {}, "analogies, a list"),
    ],
)
def test_an_analogy_that_is_not_whole_is_refused(run, key, value, named):
    path = run / "measurements/vae/edits.json"
    content = json.loads(path.read_text())
    if key:
        content["analogies"][0][key] = value
    else:
        content["analogies"] = value
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=rf"vae/edits\.json: expected {named}"):
        inputs(run)


@pytest.mark.parametrize(
    "change", [lambda pairs: pairs[1:], lambda pairs: pairs[::-1], lambda pairs: [*pairs, pairs[0]]]
)
def test_maps_that_are_not_of_all_pairs_are_told(run, change):
    path = run / "comparison/maps.json"
    path.write_text(json.dumps({"pairs": change(json.loads(path.read_text())["pairs"])}))
    with pytest.raises(UserError, match=r"maps.json: expected an entry for each of 3 pairs at map 1; run `dvc repro`"):
        inputs(run)
