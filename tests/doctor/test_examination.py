"""The whole examination, and the command."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest
import typer

from stages.doctor import doctor
from tests.machine import write_disk, write_settings
from tests.pipeline.declarations import ROOT
from zpoints.doctor import disks, examination
from zpoints.doctor.examination import examine
from zpoints.doctor.finding import Finding, as_json, size


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project on a machine whose only disk is a USB one, with Linux's own settings."""
    write_disk(tmp_path / "sys", "pci0/usb2/2-1/host6/block/sdb", 1, partition=True)
    write_settings(tmp_path / "vm")
    monkeypatch.setattr(disks, "SYS", tmp_path / "sys")
    monkeypatch.setattr(disks, "VM", tmp_path / "vm")
    partition = SimpleNamespace(mountpoint="/", device="/dev/sdb1", fstype="ext4")
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [partition])
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=24e9, available=20e9))
    monkeypatch.setattr(examination, "check_tensorflow", lambda: [Finding("TensorFlow", "OK", "2.21.0")])
    project = tmp_path / "project"
    (project / ".dvc").mkdir(parents=True)
    for file in ("params.yaml", ".dvc/config"):
        shutil.copy(ROOT / file, project / file)
    return project


def look(project, *paths):
    findings = examine(project / "params.yaml", project, project / "data", paths)
    return {finding.subject: finding for finding in findings}


def replace_params(project, old, new):
    text = (project / "params.yaml").read_text()
    assert old in text
    (project / "params.yaml").write_text(text.replace(old, new, 1))


def test_finding_is_one_plain_line():
    assert Finding("data", "OK", "here").line() == "OK       data: here"
    assert Finding("a\nb", "problem", "c\x1b[31m", "mend it").line() == "problem  a\\nb: c\\x1b[31m; mend it"
    assert [size(count) for count in (5.62e9, 1e9, 5.3e6, 0)] == ["5.6 GB", "1.0 GB", "5 MB", "0 MB"]


def test_json_holds_text_advice_and_numbers():
    finding = Finding("data", "note", "slow", "wait", {"free": 3})
    expected = {"subject": "data", "state": "note", "text": "slow", "advice": "wait", "free": 3}
    assert json.loads(as_json([finding])) == [expected]


def test_usb_disk_stalls_and_gets_advice(project, tmp_path):
    found = look(project, tmp_path)
    assert found["data"].text.startswith("USB (ext4 on /dev/sdb1)") and found["data"].numbers["needed_bytes"] > 300e6
    assert found[str(tmp_path)].numbers["needed_bytes"] > 300e6
    assert f"copying to data (USB) and {tmp_path} (USB) will stall" in found["unwritten pages"].text
    others = ["unwritten pages", "memory", "TensorFlow"]
    assert list(found) == [str(project / "params.yaml"), "data", "DVC links", str(tmp_path), *others]
    json.loads(as_json(list(found.values())))


def test_full_disk_says_what_for(project, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000_000))
    finding = look(project)["data"]
    assert finding.state == "problem" and "10 MB free" in finding.text and "shards 61 MB" in finding.text
    assert finding.advice.startswith("free ")


def test_a_path_takes_a_copy_of_finished_outs_too(project, tmp_path):
    (project / "data/models").mkdir(parents=True)
    (project / "data/models/weights.h5").write_bytes(bytes(10**7))
    found = look(project, tmp_path)
    assert found[str(tmp_path)].numbers["needed_bytes"] == found["data"].numbers["needed_bytes"] + 10**7


def test_copies_need_twice_the_room(project):
    before = look(project)["data"].numbers["needed_bytes"]
    (project / ".dvc/config").write_text("[cache]\n    type = copy\n")
    assert look(project)["data"].numbers["needed_bytes"] > 1.9 * before


def test_broken_params_are_a_line_each(project):
    replace_params(project, "  size: 64", "  size: wide")
    replace_params(project, "images: 5000, seed: 0", "images: 5000, seed: x")
    findings = examine(project / "params.yaml", project, project / "data", ())
    faults = [finding.text for finding in findings if finding.subject.endswith("params.yaml")]
    assert sorted(fault.split(": expected")[0] for fault in faults) == ["data.toy.seed", "images.size"]
    assert {finding.subject: finding for finding in findings}["data"].numbers["needed_bytes"] is None


def test_split_larger_than_the_images_is_a_problem(project):
    replace_params(project, "train: 0.9", "train: 5000")
    finding = look(project)[str(project / "params.yaml")]
    assert finding.state == "problem" and "fewer than the 5,000 images, received 5,000" in finding.text
    replace_params(project, "train: 5000", "train: 4999")
    assert look(project)[str(project / "params.yaml")].state == "OK"


def test_cache_on_another_disk_has_a_line(project):
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(project).st_dev:
        pytest.skip("needs a second file system")
    (project / ".dvc/config").write_text("[cache]\n    type = hardlink,symlink\n    dir = /dev/shm/no_such_cache\n")
    found = look(project)
    assert "linked by symlink" in found["DVC links"].text
    assert found["cache"].numbers["needed_bytes"] > found["data"].numbers["needed_bytes"] > 0
    assert not os.path.exists("/dev/shm/no_such_cache")


def test_path_that_is_no_folder_is_a_problem(project, tmp_path):
    assert look(project, tmp_path / "none")[str(tmp_path / "none")].state == "problem"
    assert "received a file" in look(project, project / "params.yaml")[str(project / "params.yaml")].text


@pytest.mark.slow
def test_command_prints_json_and_changes_nothing(project):
    before = {*project.rglob("*")}
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    words = [sys.executable, "-m", "stages.doctor", "--json"]
    process = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True)
    findings = {finding["subject"]: finding for finding in json.loads(process.stdout)}
    assert process.returncode == any(finding["state"] == "problem" for finding in findings.values())
    assert {"data", "memory", "GPUs"} <= findings.keys() and isinstance(findings["GPUs"]["gpus"], list)
    assert findings["TensorFlow"]["state"] == "OK" and "precision auto would be" in findings["TensorFlow"]["text"]
    assert not process.stderr and {*project.rglob("*")} == before


def test_command_fails_on_a_problem_in_plain_lines(project, monkeypatch, capsys):
    (project / "params.yaml").unlink()
    monkeypatch.chdir(project)
    with pytest.raises(typer.Exit) as ended:
        doctor()
    assert ended.value.exit_code == 1
    printed = capsys.readouterr().out
    assert "problem  params.yaml: expected a readable YAML file, received" in printed
    assert {line.split()[0] for line in printed.splitlines()} <= {"OK", "note", "problem"}
