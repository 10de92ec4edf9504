"""The table of `status`, from files that a run leaves."""

import json
import os

import pytest

from zpoints.errors import UserError
from zpoints.sweeps import progress

ADDRESSES = ["sweeps/ae-s1/dvc.yaml:train", "sweeps/ae-s1/dvc.yaml:encode"]


@pytest.fixture
def folder(tmp_path):
    progress.begin(tmp_path, [("ae-s1", address, False) for address in ADDRESSES])
    return tmp_path


def line(folder, now=None):
    (found,) = progress.table(folder, now)
    return found


def test_states_follow_the_stages(folder):
    assert line(folder).state == "waiting" and (line(folder).done, line(folder).total) == (0, 2)
    progress.note_state(folder, ADDRESSES[0], "running")
    assert (line(folder).state, line(folder).note) == ("running", "train")
    progress.note_state(folder, ADDRESSES[0], "done")
    progress.note_state(folder, ADDRESSES[1], "failed")
    assert (line(folder).state, line(folder).done) == ("failed", 1)
    assert line(folder).note.endswith("ae-s1.encode.log")
    progress.note_state(folder, ADDRESSES[1], "done")
    assert (line(folder).state, line(folder).done) == ("done", 2)


def test_training_shows_its_epoch_and_time(folder):
    progress.note_state(folder, ADDRESSES[0], "running")
    begun = json.loads((folder / "ae-s1.train.state").read_text())["time"]
    (folder / "ae-s1.train.log").write_text("Epoch 1/9\nloss 3\nEpoch 2/9\nloss 2\nEpoch 5/9\nloss")
    assert line(folder, now=begun + 50).note == "train, epoch 5 of 9, about 50 s left"
    (folder / "ae-s1.train.log").write_text("Epoch 1/9\nloss")  # how long one takes is not known yet
    assert line(folder, now=begun + 50).note == "train, epoch 1 of 9"
    assert progress.epoch(folder / "none.log") is None


def test_stages_of_a_dead_run_are_interrupted(folder):
    progress.note_state(folder, ADDRESSES[0], "running")
    content = json.loads((folder / "tasks.json").read_text())
    for gone in ({"pid": 2**22 + 1}, {"pid": os.getpid(), "started": 1.0}):  # no process, or another one of this number
        (folder / "tasks.json").write_text(json.dumps(content | gone))
        assert line(folder).state == "interrupted"


@pytest.mark.parametrize(
    ("file", "change", "key"),
    [
        ("tasks.json", {"pid": None}, "pid"),
        ("tasks.json", {"pid": 10**30}, "pid"),
        ("tasks.json", {"tasks": [{"model": "ae"}]}, "tasks.0.address"),
        ("tasks.json", {"tasks": [{"model": "ae", "address": "../secret", "done": False}]}, "tasks.0.address"),
        ("tasks.json", {"tasks": [{"model": "ae", "address": "a" * 300, "done": False}]}, "tasks.0.address"),
        ("ae-s1.train.state", {"state": "gone"}, "state"),
        ("ae-s1.train.state", {"time": "now"}, "time"),
    ],
)
def test_damaged_states_are_named(folder, file, change, key):
    progress.note_state(folder, ADDRESSES[0], "running")
    content = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(content | change))
    with pytest.raises(UserError) as error:
        progress.table(folder)
    assert error.value.args[0].startswith(f"{folder / file}: {key}: expected ")


def test_a_new_run_removes_what_an_earlier_one_said(folder):
    progress.note_state(folder, ADDRESSES[0], "failed")
    (folder / "ae-s1.train.log").write_text("error: no\n")
    progress.begin(folder, [("ae-s1", address, True) for address in ADDRESSES])
    assert line(folder).state == "done" and not list(folder.glob("*.log"))
