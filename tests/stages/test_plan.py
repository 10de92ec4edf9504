"""What `make repro` says before it starts."""

from pathlib import Path

from stages import plan
from zpoints.config.yaml import load_yaml
from zpoints.sweeps import graph
from zpoints.sweeps.graph import Stage

ROOT = Path(__file__).resolve().parents[2]


def test_plan_counts_stages_by_kind():
    line = plan.described(["train@ae", "train@vae", "measure@pca-ae", "report"], 9, None)
    assert line.startswith("4 of 9 stages to run: train (2), measure, report. ") and "About" not in line


def test_a_slower_machine_takes_longer():
    ones, twos = (plan.described(["train@ae"] * 30, 30, slower) for slower in (1, 2))
    assert ones.endswith("About 12 min here.") and twos.endswith("About 25 min here.")


def test_every_stage_of_the_pipeline_has_its_seconds():
    assert set(plan.SECONDS) == set(load_yaml(ROOT / "dvc.yaml")["stages"])


def test_restored_and_fresh_stages_are_not_announced(monkeypatch, capsys):
    found = [
        Stage("prepare", "", (), stale=False, cached=False),
        Stage("train@ae", "", ("prepare",), stale=True, cached=True),
    ]
    monkeypatch.setattr(graph, "stages", lambda folder: found)
    plan.plan(ROOT / "params.celeba.yaml")
    found.append(Stage("report", "", ("train@ae",), stale=True, cached=False))
    plan.plan(ROOT / "params.celeba.yaml")
    assert capsys.readouterr().out.splitlines() == [
        "Nothing to run: all 2 stages are up to date.",
        "1 of 3 stages to run: report. Each tells the time left while it runs.",
    ]
