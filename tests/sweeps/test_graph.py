"""What DVC cannot do is told in a line: another DVC at work, a lock file that is damaged, a group that is missing."""

import json
import os
from pathlib import Path

import pytest
from dvc.repo import Repo

from zpoints.errors import UserError
from zpoints.sweeps.graph import stages

PIPELINE = """
stages:
  one: {cmd: "true", params: [data], outs: [one.txt]}
  measure: {matrix: {analysis: "${analyses}"}, params: [same], cmd: "measure ${item.analysis}"}
"""
LOCK = """schema: '2.0'
stages:
  one: {cmd: 'true', params: {params.yaml: {data: 2}}}
  measure@radius: {cmd: measure radius, params: {params.yaml: {same: 3}}}
  train@gone: {cmd: train gone, deps: [{path: src, hash: md5, md5: 0123456789abcdef0123456789abcdef, size: 3}]}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A DVC repository of two stages, in the working directory."""
    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True).close()
    Path("dvc.yaml").write_text(PIPELINE)
    Path("params.yaml").write_text("data: 1\nsame: 3\nanalyses: {radius: {}}\n")
    return tmp_path


def test_another_dvc_at_work_is_told_in_a_line(project):
    busy = {"write": {str(project / "one.txt"): {"pid": os.getppid(), "cmd": "dvc repro"}}, "read": {}}
    Path(".dvc/tmp").mkdir(exist_ok=True)
    Path(".dvc/tmp/rwlock").write_text(json.dumps(busy))
    Path("dvc.lock").write_text(LOCK)
    Path("one.txt").write_text("1")
    with pytest.raises(UserError) as caught:
        stages(project)
    (line,) = caught.value.args
    assert line.startswith("DVC: expected no other DVC at work on the same outs, received: ")
    assert f"(PID {os.getppid()}): dvc repro" in line and line.endswith("; wait for it, or stop it")


def test_a_lock_of_other_params_and_code_makes_stages_stale(project):
    Path("dvc.lock").write_text(LOCK)
    assert {stage.address: stage.stale for stage in stages(project)} == {"one": True, "measure@radius": False}


def test_what_stands_behind_a_stale_stage_is_stale(project):
    text = "stages:\n  one: {cmd: echo 1 > one.txt, params: [data], outs: [one.txt]}\n"
    Path("dvc.yaml").write_text(text + "  two: {cmd: cp one.txt two.txt, deps: [one.txt], outs: [two.txt]}\n")
    with Repo() as repo:
        repo.reproduce()
    assert not any(stage.stale for stage in stages(project))
    Path("params.yaml").write_text("data: 2\n")
    assert all(stage.stale for stage in stages(project))


CONFLICT = LOCK.replace("  measure", "<<<<<<< HEAD\n=======\n>>>>>>> other\n  measure")


@pytest.mark.parametrize("text", ["", "- 1\n", LOCK[:60], CONFLICT, "\xff"], ids=list("eltcb"))
def test_a_damaged_lock_is_named_with_what_to_do(project, text):
    Path("dvc.lock").write_text(text, encoding="latin-1")
    with pytest.raises(UserError) as caught:
        stages(project)
    (line,) = caught.value.args
    assert line.startswith("dvc.lock: expected what DVC wrote, received: ") and "; delete it: " in line


def test_a_missing_group_of_analyses_is_named(project):
    Path("params.yaml").write_text("data: 1\n")
    with pytest.raises(UserError, match=r"^params.yaml: analyses: expected a mapping, \{\} for none, received none$"):
        stages(project)


def test_an_empty_group_has_no_stages(project):
    Path("params.yaml").write_text("data: 1\nanalyses: {}\n")
    assert [stage.address for stage in stages(project)] == ["one"]
