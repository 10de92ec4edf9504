"""The whole examination, on machines that are not there, and the command on this one."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.doctor.test_lines import ANSWER
from tests.machine import write_disk, write_mounts, write_settings
from tests.pipeline.declarations import ROOT
from zpoints.doctor.examination import examine
from zpoints.doctor.report import as_json


@pytest.fixture
def project(tmp_path):
    project = tmp_path / "project"
    (project / ".dvc").mkdir(parents=True)
    for file in ("params.yaml", "pyproject.toml", ".dvc/config"):
        shutil.copy(ROOT / file, project / file)
    return project


@pytest.fixture
def root(tmp_path):
    """A machine whose only disk is a USB one, with Linux's own settings."""
    root = tmp_path / "root"
    write_mounts(root, ("8:1", "/", "ext4", "/dev/sdb1"))
    write_disk(root, "8:1", "pci0/usb2/2-1/host6/block/sdb", True, rotational=1)
    write_settings(root / "proc")
    return root


def look(project, root, *paths, answer=None):
    return examine(project / "params.yaml", paths, project, root, lambda: answer or ANSWER)


def named(findings):
    return {finding.subject: finding for finding in findings}


def test_a_usb_disk_is_told_with_what_mends_it(project, root):
    found = named(look(project, root))
    assert found["data"].text == "USB (ext4 on /dev/sdb1)"
    assert "copying to data (USB) will stall" in found["unwritten pages"].text
    assert {subject for subject, line in found.items() if line.state == "problem"} <= {"memory"}


def test_a_machine_that_tells_nothing_gets_lines_and_no_traceback(project, tmp_path):
    found = named(look(project, tmp_path / "nothing"))
    assert "unwritten pages" not in found and found["data: room"].numbers["needed_bytes"] > 0


def test_every_line_is_one_line_and_plain_json(project, root, tmp_path):
    findings = look(project, root, tmp_path)
    assert not any("\n" in finding.line() for finding in findings)
    for one, said in zip(findings, json.loads(as_json(findings)), strict=True):
        assert one.line() == f"{said['state']:<8} {said['subject']}: {said['text']}"
    assert len({finding.subject for finding in findings}) == len(findings)


def test_too_little_room_is_a_problem_that_says_what_for_and_what_is_assumed(project, root, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10_000_000}))
    line = named(look(project, root))["data: room"]
    assert line.state == "problem" and line.text.startswith("expected room for ")
    assert "shards 61 MB" in line.text and "received 10 MB free" in line.text and "assumed: 9.2 kB a toy" in line.text


def test_copies_are_counted_where_no_link_works(project, root):
    before = named(look(project, root))["data: room"]
    (project / ".dvc/config").write_text("[cache]\n    type = copy\n")
    after = named(look(project, root))["data: room"]
    assert "more for copies in the cache" in after.text and "copies" not in before.text
    assert after.numbers["needed_bytes"] > 1.9 * before.numbers["needed_bytes"]


def test_broken_params_are_a_line_for_each_fault_and_the_rest_is_looked_at(project, root):
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(text.replace("  size: 64", "  size: wide").replace("seed: 0", "seed: x", 1))
    findings = look(project, root)
    faults = [finding for finding in findings if finding.subject.endswith("params.yaml")]
    assert len(faults) == 2 and {fault.state for fault in faults} == {"problem"}
    assert faults[0].text.startswith(("images.size: expected", "data.toy.seed: expected"))
    assert named(findings)["data: room"].numbers["needed_bytes"] is None
    assert "TensorFlow" in named(findings)


def test_other_disks_are_held_against_a_copy_of_all_outs(project, root, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    found = named(look(project, root, other, tmp_path / "none"))
    assert found[str(other)].state == "OK" and found[f"{other}: room"].numbers["needed_bytes"] > 300e6
    assert "work here" in found[f"{other}: links"].text
    assert f"{other} (USB)" in found["unwritten pages"].text
    assert found[str(tmp_path / "none")].state == "problem"
    assert not list(other.iterdir())


def test_a_cache_on_another_disk_is_looked_at_as_well(project, root):
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(project).st_dev:
        pytest.skip("needs a second file system")
    (project / ".dvc/config").write_text("[cache]\n    type = hardlink,symlink\n    dir = /dev/shm/no_such_cache\n")
    found = named(look(project, root))
    assert found["links"].numbers["chosen"] == "symlink" and "hardlink" not in found["links"].numbers["works"]
    assert found["cache: room"].numbers["needed_bytes"] > found["data: room"].numbers["needed_bytes"] > 0
    assert not os.path.exists("/dev/shm/no_such_cache")


def test_kaggle_s_small_files_are_counted_where_they_will_lie(project, root, tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))
    text = (project / "params.yaml").read_text()
    text = text.replace("source: toy ", "source: celeba ").replace("mirror: archive ", "mirror: kaggle ")
    (project / "params.yaml").write_text(text)
    found = named(look(project, root))
    assert found[f"{tmp_path / 'kaggle'}: files"].numbers["needed_files"] == 202_599


def command(project, *options):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    words = [sys.executable, "-m", "stages.doctor", *options]
    return subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True)


def tree(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_command_ends_with_0_where_nothing_is_wrong_and_leaves_nothing(project):
    (project / "data").mkdir()
    before = tree(project).keys()
    done = command(project, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == any(line["state"] == "problem" for line in found)  # a small machine has one
    assert {"TensorFlow", "GPUs", "precision"} <= {line["subject"] for line in found}
    assert not done.stderr and tree(project).keys() == before


def test_the_command_ends_with_1_on_a_problem_in_plain_lines(project):
    before = tree(project)
    (project / "params.yaml").unlink()
    done = command(project)
    assert done.returncode == 1 and not done.stderr
    assert "problem  params.yaml: expected a readable YAML file, received" in done.stdout
    assert {line.split()[0] for line in done.stdout.splitlines()} <= {"OK", "note", "problem"}
    assert tree(project).keys() == before.keys() - {project / "params.yaml"}
