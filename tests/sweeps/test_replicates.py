"""Numbers over trainings, on measurements that are written here."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from stages.replicates import replicates
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement
from zpoints.sweeps import provenance
from zpoints.sweeps.pairs import Member, measure
from zpoints.sweeps.replicates import Training, grouped, numbers_of, summarise
from zpoints.sweeps.tables import Tables

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = """
all: {base: [ae, vae], vary: {seed: [0, 1, 2]}}
fact: {base: [vae], vary: {fact: [0.5, 1, 5]}}
z: {base: [ae], vary: {z_dim: [16]}}
"""


def training(name, group, seed, **numbers):
    return Training(name, group, seed, {"kind": "ae"}, numbers)


def test_mean_std_and_interval_are_those_of_scipy():
    values = [16.5, 17.25, 15.0, 18.0]
    (line,) = summarise([training(f"ae-s{seed}", "ae", seed, radius_peak=value) for seed, value in enumerate(values)])
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (line.n, line.mean, line.std) == (4, pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)))
    assert (line.low, line.high) == (pytest.approx(low), pytest.approx(high))


def test_a_single_training_has_no_interval():
    (line,) = summarise([training("ae", "ae", 0, radius_peak=16.5)])
    assert (line.n, line.mean, line.std, line.low, line.high) == (1, 16.5, None, None, None)


def test_texts_and_missing_numbers_are_left_out():
    lines = summarise(
        [training("a", "a", 0, kind="ae", z_dim=64, x=1.0, ok=True), training("a-s1", "a", 1, x=3.0, y=2)]
    )
    assert {line.column: line.n for line in lines} == {"x": 2, "y": 1}


def test_replicates_differ_in_seeds_alone():
    settings = {
        "vae": {"fact": 5.0, "seed": 0, "order_seed": None},
        "vae-s3": {"fact": 5.0, "seed": 3, "order_seed": None},
        "vae-os2": {"fact": 5.0, "seed": 0, "order_seed": 2},
        "vae-f0.1-s3": {"fact": 0.1, "seed": 3, "order_seed": None},
        "vae-f0.1-s4": {"fact": 0.1, "seed": 4, "order_seed": None},
    }
    assert grouped(settings) == dict.fromkeys(["vae", "vae-s3", "vae-os2"], "vae") | dict.fromkeys(
        ["vae-f0.1-s3", "vae-f0.1-s4"], "vae-f0.1"
    )


def test_numbers_are_json():
    lines = summarise([training("a", "a", 0, x=1.0), training("a-s1", "a", 1, x=3.0)])
    content = json.loads(json.dumps(numbers_of(lines), allow_nan=False))
    assert content["unit"] == "training" and content["groups"]["a"]["x"]["mean"] == 2.0


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with measurements of ae and vae, each with the seeds 0 and 1, and two more values of fact and z_dim."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "sweeps.yaml").write_text(SWEEPS)

    def write(folder, seed, kl=None):
        numbers = {"held_out": {"reco_above_floor": 180.0 + seed, **({"kl": kl} if kl else {})}, "train": {}}
        Measurement(numbers).write(tmp_path / folder, "train")

    write("data/measurements/ae/training", 0)
    write("data/measurements/vae/training", 0, 160.0)
    write("data/sweeps/ae-s1/models/ae/training", 1)
    write("data/sweeps/vae-s1/models/vae/training", 1, 161.0)
    write("data/sweeps/vae-f0.5/models/vae/training", 3, 60.0)
    write("data/sweeps/vae-f1/models/vae/training", 3, 90.0)
    write("data/sweeps/ae-z16/models/ae/training", 5)
    for folder, peak in (
        ("measurements/ae", 8.0),
        ("sweeps/ae-s1/measurements/ae", 9.0),
        ("sweeps/ae-z16/measurements/ae", 4.0),
    ):
        Measurement({"mu": {"peak": peak}}).write(tmp_path / "data" / folder / "radius", "measure radius")
    Measurement.missing("too few").write(tmp_path / "data/sweeps/vae-s1/measurements/vae/radius", "measure radius")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_gathers_what_is_trained(project, capsys):
    replicates()
    assert "Not trained yet: vae_tiny, ae-s2, vae-s2" in capsys.readouterr().out
    folder = project / "data/replicates"
    table = pd.read_csv(folder / "replicates.csv").set_index(["group", "column"])
    assert table.loc[("ae", "radius_peak"), ["n", "mean"]].tolist() == [2, 8.5]
    assert table.loc[("vae", "held_out_above_floor"), ["n", "mean"]].tolist() == [2, 180.5]
    assert table.loc[("vae", "held_out_kl"), "analysis"].startswith("Training")
    assert len(pd.read_csv(folder / "trainings.csv")) == 7
    assert sorted(path.stem for path in (folder / "figures").iterdir()) == ["dots", "radius", "rate_distortion"]
    page = (folder / "index.html").read_text()
    assert (
        page.count("<img") == 3 and "7 trainings of 5 settings" in page and "http" not in page.replace("http-equiv", "")
    )


def test_numbers_that_claims_name_are_gathered(project):
    """Places in numbers.json beside the declared columns; the history; what identifies images and setting."""
    (project / "claims.yaml").write_text(
        "c: {row: 1, claim: c, test: range, number: 'radius:mu.odd.value', a: ae, low: 0, high: 1}\n"
    )
    numbers = {"mu": {"peak": 8.0, "odd": {"value": 0.25}}}
    Measurement(numbers).write(project / "data/measurements/ae/radius", "measure radius")
    history = pd.DataFrame({"epoch": [1, 2, 3, 4], "radius_mean": [1.0, 9.0, 18.0, 20.0], "warnings": [0, 0, 2, 1]})
    folder = project / "data/measurements/ae/training"
    Measurement({"held_out": {"reco_above_floor": 1.0}, "train": {}}, {"history": history}).write(folder, "train")
    replicates()
    table = pd.read_csv(project / "data/replicates/trainings.csv").set_index("model")
    assert table.loc["ae", ["radius:mu.odd.value", "radius_jump", "training_warnings"]].tolist() == [0.25, 2, 3]
    assert table.loc["ae", "image_size"] == 64 and json.loads(table.loc["ae", "setting"])["kind"] == "ae"


def test_saved_trainings_stay_and_are_replaced_by_name(project):
    replicates(save=Path("results"))
    before = pd.read_csv("results/trainings.csv").set_index("model")
    (project / "sweeps.yaml").write_text("z: {base: [ae], vary: {z_dim: [16]}}\n")
    for model in ("data/measurements/ae/training", "data/sweeps/ae-z16/models/ae/training"):
        Measurement({"held_out": {"reco_above_floor": 77.0}, "train": {}}).write(project / model, "train")
    replicates(save=Path("results"))
    after = pd.read_csv("results/trainings.csv").set_index("model")
    assert list(after.index) == list(before.index) and after.held_out_above_floor[["ae", "ae-z16"]].tolist() == [77, 77]
    kept = ["ae-s1", "vae-f0.5"]
    assert after.held_out_above_floor[kept].tolist() == before.held_out_above_floor[kept].tolist()
    assert json.loads(after.setting["ae-z16"])["z_dim"] == 16


def test_trainings_of_another_split_stand_beside(project):
    (project / "data/shards").mkdir()
    for split in ("a", "b", "a"):
        (project / "data/shards/split.npy").write_text(split)
        replicates(save=Path("results"))
    table = Tables.read(project / "results")
    names = [row["model"] for row in table.rows]
    assert len({row["split"] for row in table.rows}) == 2 and all(names.count(name) == 2 for name in names)
    assert len({unit for unit in table.units("ae", ())}) == len(table.units("ae", ()))


def test_pairs_are_those_of_one_split(tmp_path):
    (tmp_path / "trainings.csv").write_text("model,group,seed\nae,ae,0\n")
    lines = [
        f"ae,ae-s{seed},ae,0,ae,{seed},{split},{value}"
        for seed, split, value in ((1, "x", 5), (1, "y", 7), (2, "y", 8))
    ]
    (tmp_path / "pairs.csv").write_text("\n".join(["a,b,group_a,seed_a,group_b,seed_b,split,cka", *lines]))
    assert [pair["cka"] for pair in Tables.read(tmp_path).pairs] == [7, 8]


def test_commit_says_whether_code_was_changed(tmp_path):
    assert provenance.commit(tmp_path) is None
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("1\n")
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "notes").write_text("no code")
    assert re.fullmatch("[0-9a-f]{10}", provenance.commit(tmp_path))
    (tmp_path / "src/a.py").write_text("2\n")
    assert re.fullmatch(r"[0-9a-f]{10}\+", provenance.commit(tmp_path))


def test_images_and_their_split_are_told_apart(tmp_path):
    assert provenance.images(tmp_path) is None and provenance.split(tmp_path) is None
    first = {"index.json": '{"size": 64, "train": 9}', "ids.npy": "same", "split.npy": "same"}
    resplit = {"index.json": '{"size": 64, "train": 8}', "split.npy": "other"}
    found = []
    for changed in ({}, {"index.json": '{"size": 96, "train": 9}'}, {"ids.npy": "other"}, resplit):
        for name, content in (first | changed).items():
            (tmp_path / name).write_text(content)
        found.append((provenance.images(tmp_path), provenance.split(tmp_path)))
    assert len({images for images, _ in found}) == 3 and found[3][0] == found[0][0]
    assert [split == found[0][1] for _, split in found] == [True, True, True, False]
    assert all(re.fullmatch("[0-9a-f]{8}", digest) for pair in found for digest in pair)


def test_external_models_are_no_trainings(project):
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(
        text.replace("models:  ", "models:\n  pca: {kind: external, latents: x.npy, z_dim: 4}\n  #")
    )
    replicates()
    assert "pca" not in set(pd.read_csv(project / "data/replicates/trainings.csv").model)


def latents_of(folder, mu):
    folder.mkdir(parents=True)
    Latents.of(mu, split=np.arange(len(mu)) % 5 == 0).write(folder)


def test_pairs_see_rotations_and_radii(tmp_path):
    rng = np.random.default_rng(0)
    mu = rng.normal(size=(500, 6)) * [4, 3, 2, 1, 1, 1] + 5
    rotation = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    spaces = {"ae": mu, "ae-s1": mu @ rotation, "vae-s2": 2 * mu @ rotation, "vae-s3": rng.normal(size=(500, 6))}
    for name, points in spaces.items():
        latents_of(tmp_path / name, points)
    members = [
        Member(name, name.split("-")[0], int(name[-1]) if "-" in name else 0, tmp_path / name) for name in spaces
    ]
    lines = {(line["a"], line["b"]): line for line in measure(members)}
    assert len(lines) == 6
    rotated, doubled, other = lines["ae", "ae-s1"], lines["ae", "vae-s2"], lines["ae", "vae-s3"]
    assert rotated["procrustes_scaled"] == pytest.approx(0, abs=1e-6) and rotated["cka"] == pytest.approx(1, abs=1e-6)
    assert rotated["radius_wasserstein"] == pytest.approx(0, abs=1e-5) and rotated["neighbours"] > 0.99
    assert doubled["procrustes_scaled"] == pytest.approx(0, abs=1e-6) and doubled["radius_wasserstein"] > 5
    assert other["procrustes_scaled"] > 0.8 and other["cka"] < 0.1 and other["neighbours"] < 0.1
    assert measure([Member("a", "a", 0, tmp_path / "ae"), Member("b", "b", 0, tmp_path / "ae-s1")]) == []


def test_pairs_of_other_images_are_one_line(tmp_path):
    for name, count in (("a", 100), ("b", 90)):
        latents_of(tmp_path / name, np.random.default_rng(0).normal(size=(count, 3)))
    with pytest.raises(UserError, match="b: expected z-points of the 100 images of a"):
        measure([Member(name, name, seed, tmp_path / name) for seed, name in enumerate("ab")])


def test_trainings_of_other_images_are_not_mixed(tmp_path):
    (tmp_path / "trainings.csv").write_text("model,group,seed,data,x\nae,ae,0,0123,1\nae-s1,ae,1,4567,2\n")
    with pytest.raises(UserError, match="expected trainings of the same images, received 2 kinds: 0123, 4567"):
        Tables.read(tmp_path)


@pytest.mark.slow
def test_command_replaces_its_own_folder_alone(project):
    replicates()
    replicates()
    (project / "mine").mkdir()
    (project / "mine/thesis.tex").write_text("x")
    with pytest.raises(UserError, match="mine: expected a new or empty folder"):
        replicates(out=Path("mine"))


def test_nothing_trained_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "sweeps.yaml").write_text(SWEEPS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="expected trained models, received none"):
        replicates(["z"])
