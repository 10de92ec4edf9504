"""The report stage: both outs whole, reproducible to the byte, or one line that says why not."""

import subprocess
import sys

import pytest

from stages.report import report
from tests.pipeline.declarations import ROOT
from tests.report.run import make_run


@pytest.fixture
def options(tmp_path):
    params = make_run(tmp_path)
    folders = {name: tmp_path / name for name in ("comparison", "measurements", "samples", "similarity", "models")}
    return folders | {"params": params}


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_inputs_give_the_same_bytes(tmp_path, options):
    for name in ("one", "two"):
        report(**options, out=tmp_path / name)
    one = contents(tmp_path / "one")
    assert one == contents(tmp_path / "two")
    assert {"report/index.html", "figures/radius.png", "figures/samples_uniform_10.png"} <= set(one)


def test_a_missing_input_is_one_line_and_leaves_the_last_report_as_it_was(tmp_path, options):
    out = tmp_path / "out"
    report(**options, out=out)
    before = contents(out)
    missing = options["samples"] / "vae/normal.npy"
    missing.unlink()
    flags = [text for key, value in options.items() for text in (f"--{key}", str(value))]
    command = [sys.executable, "-m", "stages.report", *flags, "--out", str(out)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"error: {missing}: expected decoded images")
    assert contents(out) == before


def test_the_report_needs_neither_tensorflow_nor_pyplot(tmp_path, options):
    code = (
        "import sys, runpy\nruns = runpy.run_module('stages.report')\n"
        f"runs['report'](**{options | {'out': tmp_path / 'out'}!r})\n"
        "print({'tensorflow', 'keras', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path, PosixPath, WindowsPath\n{code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.stdout == "set()\n", ended.stderr
