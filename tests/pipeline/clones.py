"""The project as its users have it: a clone with tiny params, in which real DVC runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dvc.repo import Repo
from ruamel.yaml import YAML

from tests.pipeline.declarations import GROUPS, ROOT

MODELS = ("ae", "vae_tiny")
TABLES = {"compare", "report"}
TIDY = {"tidy"}
JOINT = TABLES | {"gather"}  # what any measurement reaches


class Lab:
    """A clone with params of its own; `repro` tells which stages ran, were restored, or were left alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, ok: bool = True) -> str:
        """Output of a command in the clone, stdout and stderr; an unexpected exit code fails the test."""
        done = self.try_to(*command)
        assert (done.returncode == 0) == ok, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-4000:]}"
        return done.stdout

    def try_to(self, *command: str) -> subprocess.CompletedProcess:
        """A command in the clone, whatever its exit code; stdout holds stderr too."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @staticmethod
    def environment() -> dict[str, str]:
        """The environment in which `python` and `dvc` are those that run this test."""
        return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def repro(self, *targets: str) -> tuple[set[str], set[str]]:
        """Stages that ran, and stages that the run cache restored; `tidy`, which any entry makes run, is left out."""
        output = self.run("dvc", "repro", *targets)
        ran = set(re.findall(r"Running stage '([^']+)'", output))
        restored = set(re.findall(r"Stage '([^']+)' is cached - skipping run", output))
        return ran - restored - TIDY, restored

    def stale(self) -> set[str]:
        """Stages whose dependencies or params have changed, by themselves: not what stands behind them, nor `tidy`.

        As `dvc status` tells, without its start.
        """
        with Repo(str(self.folder)) as repo:
            return {name.rpartition(":")[2] for name in repo.status()} - TIDY

    def analyses(self, entry: str) -> list[str]:
        """The analyses that an entry of dvc.yaml serves with these params."""
        return list(YAML(typ="safe").load(self.folder / "params.yaml")[GROUPS[entry]])

    def of_model(self, model: str) -> set[str]:
        """All stages of one model."""
        entries = [entry for entry in GROUPS if entry != "measure_pairs"]
        measured = {f"{entry}@{name}-{model}" for entry in entries for name in self.analyses(entry)}
        return {f"train@{model}", f"encode@{model}"} | measured

    def of_all_models(self) -> set[str]:
        """The stages that any model reaches."""
        return JOINT | {"explore"} | {f"measure_pairs@{name}" for name in self.analyses("measure_pairs")}

    def all(self) -> set[str]:
        """Every stage."""
        own = [self.of_model(model) for model in MODELS]
        return {"download", "prepare", "features"}.union(*own) | self.of_all_models()

    def set(self, change) -> None:
        """Change params.yaml in place, as a user's editor would."""
        yaml = YAML()
        path = self.folder / "params.yaml"
        params = yaml.load(path.read_text())
        change(params)
        yaml.dump(params, path)

    def json(self, path: str) -> dict:
        """A measurement."""
        return json.loads((self.folder / path).read_text())


def tiny(params) -> None:
    """Two small models on a few small toy faces."""
    params["data"]["toy"]["images"] = 420  # a score needs 100 on each side, and others for its units
    params["split"]["train"] = 0.5
    params["images"]["size"] = 16
    params["training"].update(epochs=1, batch_size=64)
    entry = {"z_dim": 4, "filters": [4, 8]}
    params["models"] = {"ae": {"kind": "ae", **entry}, "vae_tiny": {"kind": "vae", "fact": 1e-5, **entry}}
    params["samplers"].update(uniform=[2], core=None, mixture=2, jitter=None)
    params["features"].update(images=100, scaler_images=100)
    questions = params["analyses"]
    questions["pca"].update(n_neighbors=5)
    questions["gaussianity"].update(n_repeats=2)
    questions["clusters"].update(k=[2, 3, 4], k_labels=4, n_silhouette=20)
    questions["tsne"].update(points=[20], settings=[{"perplexity": 4, "iterations": 8}], n_neighbors=3)
    params["image_analyses"]["paths"].update(n_pairs=2, n_starts=2, n_reference=200)
    params["sampler_analyses"]["samples"].update(images=4)
    params["direction_analyses"]["edits"].update(images=10, n_train=200, strengths=[1])
    params["pair_analyses"]["similarity"].update(n_neighbors=5)


def few_questions(params) -> None:
    """As `tiny`, with one question of each kind, and what the edits are made of."""
    tiny(params)
    for group, names in {"analyses": ("radius", "posterior", "attributes"), "sampler_analyses": ("samples",)}.items():
        params[group] = {name: params[group][name] for name in names}
    params["image_analyses"] = {"curvature": {**params["image_analyses"]["curvature"], "images": 4, "n_draws": 2}}


def clone(folder: Path, change=tiny) -> Lab:
    """The project as a fresh clone would have it, with what is not committed yet, in a Git repository of its own."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ).stdout.split("\n")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    lab = Lab(folder)
    lab.set(change)
    lab.run("git", "init", "-q")
    lab.run("git", "add", "-A")
    lab.run("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "tiny params")
    return lab


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder but the timings."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "speed.csv")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
