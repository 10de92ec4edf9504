"""dvc.yaml tells the truth: each stage declares the folders that its code imports, and no others."""

import ast

import pytest
from ruamel.yaml import YAML

from tests.pipeline import declarations
from tests.pipeline.declarations import (
    GROUPS,
    PARAMS_OF_INPUT,
    ROOT,
    analyses_of,
    covers,
    declared_code,
    entries,
    imported_code,
    needs_of,
)

CELLS = [(entry, name) for entry in GROUPS for name in analyses_of(entry)] + [
    (entry, "") for entry in entries() if entry not in GROUPS
]


def faults(entry, analysis):
    """Imported files that no dependency covers, and dependencies that cover no imported file."""
    imported, declared = imported_code(entry, analysis), declared_code(entry, analysis)
    missing = {file for file in imported if not any(covers(path, file) for path in declared)}
    # A shared entry serves several analyses: a dependency must be of use to one of them.
    others = analyses_of(entry) if entry in GROUPS else [analysis]
    used = {file for name in others for file in imported_code(entry, name)} | imported
    needless = {path for path in declared if not any(covers(path, file) for file in used)}
    return missing, needless


@pytest.mark.parametrize(("entry", "analysis"), CELLS)
def test_declared_folders_are_the_imported_ones(entry, analysis):
    missing, needless = faults(entry, analysis)
    assert not missing, f"dvc.yaml: {entry}: missing deps"
    assert not needless, f"dvc.yaml: {entry}: needless deps"


def test_missing_and_needless_dependencies_are_seen(monkeypatch):
    real = entries()
    code = "src/zpoints/stats"
    deps = [path for path in real["measure"]["deps"] if path != code] + ["src/zpoints/training"]
    monkeypatch.setattr(declarations, "entries", lambda: {**real, "measure": {**real["measure"], "deps": deps}})
    missing, needless = faults("measure", "radius")
    assert missing and all(covers(code, file) for file in missing)
    assert needless == {"src/zpoints/training"}


@pytest.mark.parametrize("entry", GROUPS)
def test_shared_params_are_those_of_the_inputs(entry):
    own = f"{GROUPS[entry]}.${{item.analysis}}"
    needed = {key for name in analyses_of(entry) for need in needs_of(name) for key in PARAMS_OF_INPUT.get(need, ())}
    if "features" in needed:
        needed = {key for key in needed if not key.startswith("features.")}
    assert set(entries()[entry]["params"]) == needed | {own}


def test_train_depends_on_the_code_that_its_resume_key_hashes():
    from zpoints.training.resume import WEIGHTS_CODE

    assert {f"src/zpoints/{path}" for path in WEIGHTS_CODE} == declared_code("train")


def test_every_stage_has_a_file_and_the_reverse():
    from stages._hand import BY_HAND

    files = {path.stem for path in (ROOT / "stages").glob("[!_]*.py")} - set(BY_HAND)
    assert {"measure" if name in GROUPS else name for name in entries()} == files


def test_dvc_yaml_fits_two_hundred_lines():
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) < 200


def test_all_params_files_have_the_same_questions():
    files = [YAML(typ="safe", pure=True).load(path.read_text()) for path in sorted(ROOT.glob("params*.yaml"))]
    questions = [{key: set(content[key] or ()) for key in GROUPS.values()} for content in files]
    assert len(files) == 3 and all(own == questions[0] for own in questions)


def test_the_library_knows_no_path_of_the_pipeline():
    for path in (ROOT / "src").rglob("*.py"):
        strings = {node.value for node in ast.walk(declarations.parsed(path)) if isinstance(node, ast.Constant)}
        assert not any(isinstance(text, str) and text.startswith("data/") for text in strings), path


def test_report_and_compare_know_no_analysis_by_name():
    from zpoints.analyses import discovery

    names = set(discovery.presented()) - {"training"}  # also the name of a block of params.yaml
    for path in [*(ROOT / "src/zpoints/report").glob("*"), ROOT / "stages/compare.py", ROOT / "stages/report.py"]:
        if path.is_file():
            words = set(path.read_text(encoding="utf-8").replace("_", " ").split('"'))
            assert not names & words, path
