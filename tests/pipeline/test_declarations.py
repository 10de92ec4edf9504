"""dvc.yaml tells the truth: each stage depends on the code it imports and the parameters it reads, and on no other."""

import ast

import pytest

from tests.pipeline import declarations
from tests.pipeline.declarations import (
    ROOT,
    blocks_read,
    declared,
    declared_files,
    declared_outs,
    imported_files,
    literal_paths,
    rewritten,
    stage_names,
)


@pytest.mark.parametrize("stage", stage_names())
def test_a_stage_declares_exactly_the_code_that_it_imports(stage):
    imported, listed = imported_files(stage), declared_files(stage)
    assert not imported - listed, f"dvc.yaml: {stage}: missing deps"
    assert not listed - imported, f"dvc.yaml: {stage}: needless deps"


@pytest.mark.parametrize("stage", stage_names())
def test_a_stage_declares_exactly_the_parameters_that_it_reads(stage):
    assert set(declared(stage).get("params", [])) == blocks_read(stage)


@pytest.mark.parametrize("stage", stage_names())
def test_a_stage_writes_its_declared_outs_and_reads_its_declared_inputs(stage):
    paths = literal_paths(stage)
    inputs = {path for path in declared(stage)["deps"] if path.startswith("data/")}
    for path in inputs | set(declared_outs(stage)):
        # Files of a measurement are named in the stage behind the folder's name.
        assert path in paths or path.rpartition("/")[0] in paths, f"{stage}: {path} is nowhere in the source"
    declared_all = inputs | set(declared_outs(stage))
    for path in paths:
        assert any(other == path or other.startswith(f"{path}/") for other in declared_all), f"{stage}: {path}"


@pytest.mark.parametrize("stage", stage_names())
def test_rewriting_a_stage_of_dvc_yaml_changes_nothing_where_all_is_declared(stage):
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    assert rewritten(text, stage) == text


def test_rewriting_mends_what_is_missing_and_what_is_needless():
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    needed = "        - src/zpoints/stats/radii.py\n"
    broken = text.replace(needed, "        - src/zpoints/models/networks.py\n", 1)
    assert broken != text and rewritten(broken, "radius") == text


def test_every_stage_of_the_folder_is_in_dvc_yaml_and_the_reverse():
    from ruamel.yaml import YAML

    entries = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert sorted(entries) == stage_names()


def test_packages_hold_no_code_in_their_init_files():
    for path in (ROOT / "src").rglob("__init__.py"):
        assert declarations.holds_docstring_only(path), path


def test_the_library_reads_no_yaml_but_in_the_reader_and_no_path_of_its_own():
    for path in (ROOT / "src").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert ("import YAML" in source) == (path.name == "reader.py"), path
        strings = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
        assert not any(isinstance(text, str) and text.startswith("data/") for text in strings), path


def test_a_needless_and_a_missing_dependency_are_both_seen(monkeypatch):
    real = declared("radius")
    code = [path for path in real["deps"] if path.startswith("src/")]
    broken = {**real, "deps": [path for path in real["deps"] if path != code[0]] + ["src/zpoints/models/networks.py"]}
    monkeypatch.setattr(declarations, "declared", lambda stage: broken)
    assert imported_files("radius") - declared_files("radius") == {code[0]}
    assert declared_files("radius") - imported_files("radius") == {"src/zpoints/models/networks.py"}
