"""sweeps.yaml: names say what differs, equal settings are one model, and every fault is a line before anything runs."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from zpoints.config.reader import read
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError
from zpoints.sweeps.folders import Layout, files_of, write_files
from zpoints.sweeps.settings import models_of, read_sweeps, resolved

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = Layout(Path("sweeps"), Path("data/sweeps"), Path("data"))


@pytest.fixture(scope="module")
def params():
    return read(ROOT / "params.yaml")


@pytest.fixture
def read_text(tmp_path, params):
    def inner(text):
        (tmp_path / "sweeps.yaml").write_text(text)
        return read_sweeps(tmp_path / "sweeps.yaml", params)

    return inner


def names(sweeps, params, *wanted):
    return [model.name for model in models_of(wanted or tuple(sweeps), sweeps, params)]


def test_names_say_what_differs_from_params(read_text, params):
    sweeps = read_text(
        "s: {base: [ae, vae], vary: {seed: [0, 3]}}\n"
        "f: {base: [vae], vary: {fact: [1.0e-6, 0.3333, 5, 20], seed: [2]}}\n"
        "o: {base: [ae], vary: {batch_norm: [batch], filters: [[8, 16]], learning_rate: [2.0e-4], extra_dense: [32]}}\n"
    )
    assert names(sweeps, params, "s") == ["ae", "ae-s3", "vae", "vae-s3"]
    assert names(sweeps, params, "f") == ["vae-f1e-6-s2", "vae-f0.3333-s2", "vae-s2", "vae-f20-s2"]
    assert names(sweeps, params, "o") == ["ae-filters8x16-batch_norm_batch-extra_dense_32-lr0.0002"]


def test_settings_of_params_are_not_trained_twice(read_text, params):
    sweeps = read_text("f: {base: [vae], vary: {fact: [1.0e-5, 5.0], seed: [0, 1]}}\n")
    found = {model.name: model.is_base for model in models_of(("f",), sweeps, params)}
    assert found == {"vae_tiny": True, "vae_tiny-s1": False, "vae": True, "vae-s1": False}


def test_sweeps_that_meet_share_a_training(read_text, params):
    sweeps = read_text(
        "a: {base: [vae], vary: {seed: [1, 2]}, analyses: [radius]}\n"
        "b: {base: [vae], vary: {fact: [5.0], seed: [2, 3]}, analyses: [pca]}\n"
    )
    models = models_of(("a", "b"), sweeps, params)
    assert [model.name for model in models] == ["vae-s1", "vae-s2", "vae-s3"]
    assert models[1].analyses == ("radius", "pca") and models[1].sweeps == ("a", "b")


def test_different_settings_have_different_names(read_text, params):
    values = [1e-6, 1e-5, 0.1, 0.10000000000000002, 1.0, 10.0, 1e6]
    text = json.dumps({"f": {"base": ["vae"], "vary": {"fact": values, "z_dim": [1, 11], "seed": [1, 11]}}})
    sweeps = read_text(text)
    models = models_of(("f",), sweeps, params)
    assert len({model.name for model in models}) == len(models) == len(values) * 4
    assert len({json.dumps(resolved(model.entry, params)) for model in models}) == len(models)


def test_more_seeds_change_no_name_and_no_file(read_text, params, tmp_path):
    few = read_text("s: {base: [ae], vary: {seed: [1, 2]}}\n")
    many = read_text("s: {base: [ae], vary: {seed: [4, 3, 2, 1]}}\n")
    small, large = (
        files_of(models_of(("s",), sweeps, params), LAYOUT, ROOT / "dvc.yaml", ROOT / "params.yaml")
        for sweeps in (few, many)
    )
    assert small.items() <= large.items() and len(large) == 8


def test_a_model_is_named_after_one_of_its_kind(tmp_path):
    models = "models={ae: {kind: ae, z_dim: 8, filters: [8]}, vae: {kind: vae, z_dim: 16, filters: [4], fact: 1}}"
    params = read(ROOT / "params.yaml", [models])
    (tmp_path / "sweeps.yaml").write_text("s: {base: [ae], vary: {z_dim: [16], filters: [[4]]}}\n")
    sweeps = read_sweeps(tmp_path / "sweeps.yaml", params)
    assert names(sweeps, params) == ["ae-z16-filters4"]


FAULTS = {
    "s: {base: [ae], vary: {layers: [stock], strategy: [mirrored]}}": "vary for ae.strategy: expected none with layers",
    "s: {base: [gan]}": "s.base: expected names from ae, vae_tiny, vae, received gan",
    "s: {base: []}": "s.base: expected at least 1 entries, received []",
    "s: {vary: {seed: [1]}}": "s.base: expected a value, received none",
    "s: {base: [ae], vary: {fact: [1.0]}}": "s.vary.fact: expected one of batch_norm, ",
    "s: {base: [ae], vary: {z_dim: [0]}}": "s.vary.z_dim: expected at least 1, received 0 for ae",
    "s: {base: [ae], vary: {z_dim: [60000]}}": "s.vary for ae",
    "s: {base: [ae], vary: {seed: [-1]}}": "s.vary.seed: expected at least 0, received -1 for ae",
    "s: {base: [ae], vary: {seed: []}}": "s.vary.seed: expected at least 1 value, received []",
    "s: {base: [ae], vary: {seed: [1, 1]}}": "s.vary.seed: expected each value once",
    "s: {base: [ae], vary: {seed: 3}}": "s.vary.seed: expected a list, received 3",
    "s: {base: [ae], vary: {kind: [vae]}}": "s.vary.kind: expected a key that can vary",
    "s: {base: [ae], vary: {colour: [1]}}": "received the unknown key colour for ae",
    "s: {base: [ae], analyses: [colour]}": "s.analyses: expected names from",
    "s: {base: [ae], analyses: [similarity]}": "s.analyses: expected names from",
    "s: {base: [ae], analyses: [edits]}": "s.analyses: expected attributes as well",
    "s: {base: [ae], seeds: [1]}": "s.seeds: expected one of analyses, base, vary, received the unknown key seeds",
    "S: {base: [ae]}": "S: expected a name that matches",
    f"s: {{base: [ae], vary: {{seed: {list(range(2001))}}}}}": "s.vary: expected at most 2000 models, received 2001",
    "s: 3": "s: expected a mapping, received 3",
    "[1]": "expected a mapping of sweeps, received list",
    "": "expected a mapping of sweeps, received NoneType",
    "s: {base: [ae": "expected YAML 1.2",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_lines_that_name_the_key(read_text, text):
    with pytest.raises(UserError) as caught:
        read_text(text + "\n")
    assert all("\n" not in line for line in caught.value.args)
    assert any(FAULTS[text] in line for line in caught.value.args), caught.value.args


def test_models_of_other_programs_are_no_base(tmp_path, params):
    text = (ROOT / "params.yaml").read_text()
    external = "models:\n  pca: {kind: external, latents: x.npy, z_dim: 4}\n  #"
    (tmp_path / "params.yaml").write_text(text.replace("models:  ", external))
    params = read(tmp_path / "params.yaml")
    (tmp_path / "sweeps.yaml").write_text("s: {base: [pca, ae], vary: {seed: [1]}}\n")
    with pytest.raises(UserError) as caught:
        read_sweeps(tmp_path / "sweeps.yaml", params)
    wanted = "s.base: expected names from ae, vae_tiny, vae, received pca, which another program made"
    assert caught.value.args == (f"{tmp_path / 'sweeps.yaml'}: {wanted}",)
    (tmp_path / "sweeps.yaml").write_text("s: {base: [ae], vary: {seed: [1]}}\n")
    assert names(read_sweeps(tmp_path / "sweeps.yaml", params), params) == ["ae-s1"]


def test_shipped_sweeps_fit_both_params_files():
    for name in ("params.yaml", "params.celeba.yaml"):
        params = read(ROOT / name)
        sweeps = read_sweeps(ROOT / "sweeps.yaml", params)
        assert {"seeds", "splits", "fact", "z_dim", "controls", "dense", "noiseless", "epsilon"} == set(sweeps)
        assert len(names(sweeps, params)) == len(set(names(sweeps, params)))
    assert "vae_tiny-eps_clip_null-s1" in names(sweeps, params, "epsilon")
    assert names(sweeps, params, "dense") == ["vae_dense", "vae_dense-s1", "vae_dense-s2"]
    assert names(sweeps, params, "noiseless") == ["vae_noiseless", "vae_noiseless-s1", "vae_noiseless-s2"]
    assert "vae_tiny_affine-s2" in names(sweeps, params, "controls")


def test_two_settings_of_one_name_are_refused(tmp_path):
    params = read(ROOT / "params.celeba.yaml")
    (tmp_path / "sweeps.yaml").write_text("s: {base: [vae_noiseless], vary: {fact: [0.0, -0.0]}}\n")
    sweeps = read_sweeps(tmp_path / "sweeps.yaml", params)
    with pytest.raises(UserError, match="s: expected settings with names of their own, received vae_noiseless for two"):
        models_of(("s",), sweeps, params)


def test_an_unknown_sweep_is_named(read_text, params):
    sweeps = read_text("s: {base: [ae]}\n")
    with pytest.raises(UserError, match="SWEEP: expected one of s, received x"):
        models_of(("x",), sweeps, params)


def test_no_two_stages_share_an_out(read_text, params):
    analyses = "[attributes, edits, samples]"
    sweeps = read_text(f"s: {{base: [ae, vae], vary: {{seed: [1, 2], z_dim: [16, 64]}}, analyses: {analyses}}}\n")
    models = models_of(("s",), sweeps, params)
    files = files_of(models, LAYOUT, ROOT / "dvc.yaml", ROOT / "params.yaml")
    pipelines = [YAML(typ="safe").load(text) for path, text in files.items() if path.name == "dvc.yaml"]
    outs = [out for content in pipelines for stage in content["stages"].values() for out in stage["outs"]]
    assert len(outs) == len(set(outs)) and all(out.startswith("data/sweeps/") for out in outs)
    others = [f"{a}/" for a in outs]
    assert not any(b.startswith(a) for a in others for b in outs)


def test_own_params_are_those_of_the_project_with_another_entry(read_text, params, tmp_path):
    sweeps = read_text("s: {base: [vae], vary: {fact: [0.1], seed: [4]}}\n")
    (model,) = models_of(("s",), sweeps, params)
    files = files_of([model], LAYOUT, ROOT / "dvc.yaml", ROOT / "params.yaml")
    write_files({tmp_path / path: text for path, text in files.items()})
    own = tmp_path / "sweeps/vae-f0.1-s4/params.json"
    read(own)  # is valid
    shared = load_yaml(ROOT / "params.yaml")
    assert json.loads(own.read_text()) == shared | {
        "models": {"vae": shared["models"]["vae"] | {"fact": 0.1, "seed": 4}}
    }

    before = own.stat().st_mtime_ns
    write_files({tmp_path / path: text for path, text in files.items()})
    assert own.stat().st_mtime_ns == before
