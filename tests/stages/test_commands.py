"""The command layer: it starts light, lists itself, and turns what a user can cause into one line."""

import subprocess
import sys

import pytest
import typer

from stages import _command
from tests.pipeline.declarations import ROOT, stage_names
from zpoints.errors import UserError

HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "scipy", "numpy", "PIL"}


def python(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("stage", stage_names())
def test_help_answers_without_importing_anything_heavy(stage):
    code = (
        f"import sys; sys.argv = ['x', '--help']; import runpy\n"
        f"try: runpy.run_module('stages.{stage}', run_name='__main__')\n"
        f"except SystemExit as end: assert not end.code\n"
        f"print('heavy:', sorted({HEAVY!r} & set(sys.modules)))"
    )
    answer = python("-c", code).stdout
    assert "Usage:" in answer and "--out" in answer
    assert "heavy: []" in answer


def test_the_list_of_stages_has_a_line_for_each():
    lines = python("-m", "stages").stdout.splitlines()
    for stage in stage_names():
        (line,) = (line for line in lines if line.split()[:1] == [stage])
        assert len(line.split()) > 3


def run_stage(stage, capsys):
    with pytest.raises(SystemExit) as ended:
        _command.run(stage)
    return ended.value.code, capsys.readouterr()


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["stage"])


def test_a_user_error_is_a_line_for_each_fault_and_exit_code_1(capsys):
    def stage() -> None:
        raise UserError("params.yaml: a: expected 1, received 2\nparams.yaml: b: expected 3, received 4")

    code, printed = run_stage(stage, capsys)
    assert code == 1 and printed.out == ""
    assert printed.err.splitlines() == [
        "error: params.yaml: a: expected 1, received 2",
        "error: params.yaml: b: expected 3, received 4",
    ]


def test_a_full_disk_names_the_file_and_says_so(capsys):
    def stage() -> None:
        raise OSError(28, "No space left on device", "data/shards/shard_000.npy")

    code, printed = run_stage(stage, capsys)
    assert code == 1
    assert printed.err.count("\n") == 1
    assert "data/shards/shard_000.npy" in printed.err and "No space left on device" in printed.err


def test_a_fault_of_the_program_itself_keeps_its_traceback():
    def stage() -> None:
        raise AssertionError("a bug")

    with pytest.raises(AssertionError):
        _command.run(stage)


def test_a_stage_that_ends_well_ends_with_exit_code_0(capsys):
    def stage() -> None:
        typer.echo("done")

    code, printed = run_stage(stage, capsys)
    assert (code, printed.out) == (0, "done\n")
