"""A sweep as its users run it: two workers and real trainings, one killed and one that cannot work."""

import json
import re
import subprocess
import sys
import time

import psutil
import pytest

from tests.pipeline.clones import clone

pytest.importorskip("distributed")
pytestmark = pytest.mark.pipeline

SWEEPS = """
toy: {base: [ae], vary: {seed: [0, 1]}, analyses: [radius]}
bad: {base: [ae], vary: {strategy: [multi_worker]}, analyses: []}
one: {base: [ae], vary: {seed: [1]}, analyses: []}
"""
EPOCHS = 12


def smaller(params):
    params["data"]["toy"]["images"] = 150
    params["training"].update(epochs=EPOCHS)


def sweep(lab, *arguments, ok=True):
    return lab.run(sys.executable, "-m", "stages.sweep", *arguments, ok=ok)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = clone(tmp_path_factory.mktemp("swept"))
    lab.set(smaller)
    (lab.folder / "sweeps.yaml").write_text(SWEEPS)
    return lab


def kill_worker_of(log, epoch):
    """Wait until the training that writes this log is in an epoch, and kill the Dask worker that runs it."""
    deadline = time.monotonic() + 900
    while not log.exists() or f"Epoch {epoch}/{EPOCHS}" not in log.read_text():
        assert time.monotonic() < deadline, "the training did not begin"
        time.sleep(0.05)
    state = [
        process
        for process in psutil.process_iter()
        if any("sweeps/command.py" in part for part in safely(process.cmdline, []))
        and any("ae-s1/dvc.yaml:train" in part for part in safely(process.cmdline, []))
    ]
    (guard,) = (process for process in state if process.cwd() == str(log.parents[2]))
    guard.parent().kill()


def safely(function, default):
    try:
        return function()
    except psutil.Error:
        return default


def test_a_sweep_survives_a_killed_worker_and_a_bad_setting(lab):
    plan = sweep(lab, "plan", "toy", "bad")
    assert "3 models: 3 trainings" in plan
    command = [sys.executable, "-m", "stages.sweep", "run", "toy", "bad", "--cpus", "2", "--gpus", "none"]
    with subprocess.Popen(
        command, cwd=lab.folder, env=lab.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        log = lab.folder / "sweeps/logs/ae-s1.train.log"
        kill_worker_of(log, 4)
        output, _ = process.communicate()
    assert process.returncode == 1 and "Traceback" not in output
    assert "1 stages failed, 1 that need them did not run, the rest is done" in output, output
    assert re.search(r"failed +sweeps/ae-strategy_multi_worker/dvc.yaml:train +error: ", output), output

    text = log.read_text()
    assert text.count(f"Epoch 1/{EPOCHS}") == 1 and f"Epoch {EPOCHS}/{EPOCHS}" in text, "it resumed"

    lines = {line["name"]: line["state"] for line in json.loads(sweep(lab, "status", "--json"))}
    assert lines.pop("ae-strategy_multi_worker") == "failed" and set(lines.values()) == {"done"} and len(lines) == 3
    for name in ("data", "data/sweeps/ae-s1"):
        assert (lab.folder / name / "measurements/ae/radius/numbers.json").exists()

    # A killed training ends as one that is left alone.
    script = ["-m", "stages.train", "ae", "--params", "sweeps/ae-s1/params.json", "--out", "alone"]
    lab.run(sys.executable, *script)
    weights = ["encoder.weights.h5", "decoder.weights.h5"]
    for name in weights:
        assert (lab.folder / "alone" / name).read_bytes() == (
            lab.folder / "data/sweeps/ae-s1/models/ae" / name
        ).read_bytes()


def test_a_second_run_does_nothing(lab):
    assert "Everything is up to date." in sweep(lab, "run", "toy", "one")
    assert "2 models: 0 trainings, 0 stages to run" in sweep(lab, "plan", "toy")
    assert "didn't change, skipping" in lab.run("dvc", "repro", "sweeps/ae-s1/dvc.yaml:measure-radius")


def test_replicates_gather_the_trainings(lab):
    lab.run(sys.executable, "-m", "stages.replicates", "toy")
    group = lab.json("data/replicates/numbers.json")["groups"]["ae"]
    assert group["radius_peak"]["n"] == 2 and group["held_out_reco"]["std"] > 0


def test_another_clone_with_the_same_cache_trains_nothing(lab, tmp_path):
    other = clone(tmp_path)
    other.set(smaller)
    (other.folder / "sweeps.yaml").write_text(SWEEPS)
    other.run("dvc", "cache", "dir", "--local", str(lab.folder / ".dvc/cache"))
    sweep(other, "run", "one", "--cpus", "1", "--gpus", "none")
    logs = list((other.folder / "sweeps/logs").glob("*.log"))
    assert len(logs) == 5 and all("is cached - skipping run" in path.read_text() for path in logs)


def test_bad_settings_are_lines_before_anything_runs(lab):
    (lab.folder / "sweeps.yaml").write_text(SWEEPS + "wrong: {base: [ae], vary: {fact: [1]}}\n")
    try:
        output = sweep(lab, "run", "toy", ok=False)
        assert output.startswith("error: sweeps.yaml: wrong.vary.fact: expected") and len(output.splitlines()) == 1
    finally:
        (lab.folder / "sweeps.yaml").write_text(SWEEPS)
