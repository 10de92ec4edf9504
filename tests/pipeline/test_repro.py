"""The pipeline as its users run it: a clone of the project, tiny params, and real DVC."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline.declarations import GROUPS, ROOT, analyses_of

pytestmark = pytest.mark.pipeline

MODELS = ("ae", "vae_tiny")
TABLES = {"compare", "report"}
JOINT = TABLES | {"explore"}  # what any measurement reaches
ALL_MODELS = JOINT | {f"measure_pairs@{name}" for name in analyses_of("measure_pairs")}  # what any model reaches


def cells(model: str) -> set[str]:
    """All stages of one model."""
    measured = {
        f"{entry}@{name}-{model}" for entry in GROUPS if entry != "measure_pairs" for name in analyses_of(entry)
    }
    return {f"train@{model}", f"encode@{model}"} | measured


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
        """Stages that ran, and stages that the run cache restored."""
        output = self.run("dvc", "repro", *targets)
        ran = set(re.findall(r"Running stage '([^']+)'", output))
        restored = set(re.findall(r"Stage '([^']+)' is cached - skipping run", output))
        return ran - restored, restored

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
    params["direction_analyses"]["edits"].update(images=10)
    params["pair_analyses"]["similarity"].update(n_neighbors=5)


def clone(folder: Path) -> Lab:
    """The project as a fresh clone would have it, with what is not committed yet, in a Git repository of its own."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ).stdout.split("\n")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    lab = Lab(folder)
    lab.set(tiny)
    lab.run("git", "init", "-q")
    lab.run("git", "add", "-A")
    lab.run("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "tiny params")
    return lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A clone whose pipeline has run once. Each test leaves it as it found it: params back, all stages up to date."""
    lab = clone(tmp_path_factory.mktemp("lab"))
    ran, _ = lab.repro()
    assert ran == {"download", "prepare", "features"} | cells("ae") | cells("vae_tiny") | ALL_MODELS
    return lab


@pytest.fixture(autouse=True)
def restore(lab):
    path = lab.folder / "params.yaml"
    before = path.read_text()
    yield
    if path.read_text() != before:
        path.write_text(before)
        ran, _ = lab.repro()
        # What a model that is no more has left below data/ is still part of what the joint stages depend on.
        assert not ran - ALL_MODELS


def test_a_second_repro_runs_nothing(lab):
    assert lab.repro() == (set(), set())


def test_dvc_finds_metrics_and_plots(lab):
    shown = json.loads(lab.run("dvc", "metrics", "show", "--json"))
    assert "data/metrics/vae_tiny.json" in json.dumps(shown)
    table = lab.run("dvc", "metrics", "show")
    assert max(map(len, table.splitlines())) <= 160 and len(table.splitlines()) == 1 + len(MODELS)
    (lab.folder / "plots").mkdir()
    lab.run("dvc", "plots", "show", "--out", "plots")
    page = (lab.folder / "plots" / "index.html").read_text()
    assert "vae_tiny" in page
    shutil.rmtree(lab.folder / "plots")


def test_a_changed_fact_is_named_and_reruns_that_model_and_the_joint_stages_alone(lab):
    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=5.0))
    diff = json.loads(lab.run("dvc", "params", "diff", "--json"))
    assert diff == {"params.yaml": {"models.vae_tiny.fact": {"old": 1e-5, "new": 5.0, "diff": 5.0 - 1e-5}}}
    ran, restored = lab.repro()
    assert ran == cells("vae_tiny") | ALL_MODELS and not restored
    assert lab.json("data/comparison/models.json")["vae_tiny"]["fact"] == 5.0
    before = lab.json("data/measurements/vae_tiny/training/numbers.json")

    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=1e-5))
    ran, restored = lab.repro()
    assert not ran, "going back trains nothing"
    assert "train@vae_tiny" in restored
    assert lab.json("data/measurements/vae_tiny/training/numbers.json") != before


@pytest.mark.parametrize(
    ("group", "name", "change"),
    [
        ("analyses", "radius", {"intervals": [[0, 2]]}),
        ("image_analyses", "curvature", {"images": 5}),
        ("sampler_analyses", "samples", {"images": 3}),
        ("direction_analyses", "edits", {"identity": 0.6}),
    ],
)
def test_changed_analysis_reruns_it_alone(lab, group, name, change):
    lab.set(lambda params: params[group][name].update(change))
    ran, _ = lab.repro()
    (entry,) = (entry for entry, served in GROUPS.items() if served == group)
    assert ran == {f"{entry}@{name}-{model}" for model in MODELS} | JOINT


def test_changed_sampler_reruns_the_sampler_analyses_alone(lab):
    lab.set(lambda params: params["samplers"].update(uniform=[3]))
    ran, _ = lab.repro()
    served = analyses_of("measure_samplers")
    assert ran == {f"measure_samplers@{name}-{model}" for name in served for model in MODELS} | JOINT


def test_guards_of_training_retrain_nothing(lab):
    lab.set(lambda params: params["monitoring"].update(on_divergence="warn", divergence_factor=5.0, keep_epochs=[1]))
    assert lab.repro() == (set(), set())


@pytest.mark.parametrize("how", ["removed", "null"])
def test_switched_off_analysis_leaves_table_and_report(lab, how):
    def switch_off(params):
        if how == "removed":
            del params["analyses"]["clusters"]
        else:
            params["analyses"]["clusters"] = None

    lab.set(switch_off)
    ran, _ = lab.repro()
    own = set() if how == "removed" else {"explore"} | {f"measure@clusters-{model}" for model in MODELS}
    assert ran == TABLES | own
    assert '<section id="clusters">' not in (lab.folder / "data/report/index.html").read_text()
    assert '<section id="radius">' in (lab.folder / "data/report/index.html").read_text()


def test_words_of_a_section_redraw_the_report_alone(lab):
    path = lab.folder / "src/zpoints/analyses/radius/section.html"
    before = path.read_text()
    path.write_text(before + "<p>Another sentence.</p>\n")
    try:
        ran, _ = lab.repro()
        assert ran == TABLES
        assert "Another sentence." in (lab.folder / "data/report/index.html").read_text()
    finally:
        path.write_text(before)
        lab.repro()


def test_a_comment_in_params_reruns_nothing(lab):
    path = lab.folder / "params.yaml"
    path.write_text("# another word\n" + path.read_text())
    assert lab.repro() == (set(), set())


def test_a_new_model_entry_runs_the_new_model_alone(lab):
    lab.set(lambda params: params["models"].update(vae={**params["models"]["vae_tiny"], "fact": 5.0}))
    ran, _ = lab.repro("train", "encode", "measure@radius-vae")
    assert ran == {"train@vae", "encode@vae", "measure@radius-vae"}


def test_an_override_of_training_retrains_that_model_alone(lab):
    lab.set(lambda params: params["models"]["ae"].update(learning_rate=0.002))
    ran, _ = lab.repro("train")
    assert ran == {"train@ae"}


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder but the timings."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "speed.csv")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_run_killed_at_any_moment_leaves_nothing_that_a_later_one_takes_for_a_result(lab):
    lab.set(lambda params: params["models"]["vae_tiny"].update(seed=7))
    killed = 0
    last = "measure@posterior-vae_tiny"  # behind training and encoding
    for seconds in (2.0, 6.0, 9.0, 14.0):
        with subprocess.Popen(
            ["dvc", "repro", last],
            cwd=lab.folder,
            env=lab.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                killed += 1
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert killed, "every run ended before it could be killed"
    # DVC does not write its lock file whole or not at all, as the README says.
    status = lab.try_to("dvc", "status")
    if status.returncode and "dvc.lock" in status.stdout:
        (lab.folder / "dvc.lock").unlink()
    lab.repro(last)
    resumed = contents(lab.folder / "data")
    lab.run("dvc", "repro", "--force", "--single-item", "train@vae_tiny")
    lab.repro(last)
    assert contents(lab.folder / "data") == resumed
    assert not list(lab.folder.rglob(".*.partial-*"))


def by_hand():
    """Arguments of every stage's command, for one model."""
    plain = [["download"], ["prepare"], ["features"], ["compare"], ["report"], ["train", "ae"], ["encode", "ae"]]
    for entry in GROUPS:
        model = [] if entry == "measure_pairs" else ["ae"]
        plain += [["measure", name, *model] for name in analyses_of(entry)]
    return plain


def test_each_stage_runs_by_hand_into_a_folder_of_its_own(lab, tmp_path):
    def run(arguments):
        out = tmp_path / "-".join(arguments)
        lab.run(sys.executable, "-m", f"stages.{arguments[0]}", *arguments[1:], "--out", str(out))
        assert any(out.iterdir()), arguments

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(run, by_hand()))) > 20
    assert lab.repro() == (set(), set())


HOSTILE_OUTS = ("", ".", "..", "/", "README.md", "README.md/below", "data", "src", "user")


@pytest.mark.parametrize("out", HOSTILE_OUTS)
def test_no_stage_replaces_what_is_not_its_out(lab, out):
    """Whatever stands at --out is kept, and the refusal is one line, before any work."""
    user = lab.folder / "user"
    user.mkdir(exist_ok=True)
    (user / "chapter.tex").write_text("years of work")
    files = contents(lab.folder)

    def run(arguments):
        return lab.try_to(sys.executable, "-m", f"stages.{arguments[0]}", *arguments[1:], "--out", out)

    commands = [["download"], ["prepare"], ["train", "ae"], ["encode", "ae"], ["measure", "radius", "ae"], ["features"]]
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(run, commands):
            assert done.returncode == 1 and "Traceback" not in done.stdout
            assert sum(line.startswith("error: ") for line in done.stdout.splitlines()) == 1
    assert contents(lab.folder) == files
    shutil.rmtree(user)


def test_a_run_with_overridden_params_needs_a_place_of_its_own(lab, tmp_path):
    command = (sys.executable, "-m", "stages.train", "vae_tiny", "-S", "training.epochs=2")
    assert "--out" in lab.run(*command, ok=False)
    lab.run(*command, "--out", str(tmp_path / "model"))
    assert len((tmp_path / "model" / "training" / "history.csv").read_text().splitlines()) == 3
    assert lab.repro() == (set(), set())


ERRORS = {
    "an unknown model": (["train", "gan"], "MODEL: expected one of ae, vae_tiny, received gan"),
    "a wrong key": (["measure", "radius", "ae", "-S", "models.ae.fact=5", "--out", "x"], "models.ae.fact: expected"),
    "a missing params file": (["prepare", "--params", "absent.yaml"], "absent.yaml: expected a readable YAML file"),
    "another model's params": (
        ["encode", "vae_tiny", "-S", "models.vae_tiny.fact=3", "--out", "x"],
        "trained with fact = 3.0",
    ),
    "a missing archive": (
        ["download", "-S", "data.source=celeba", "-S", "data.archive=absent.zip", "--out", "x"],
        "absent.zip",
    ),
    "missing latents": (["measure", "posterior", "ae", "--latents", "absent"], "absent/ae/index.json: expected"),
    "an unknown analysis": (["measure", "colour", "ae"], "ANALYSIS: expected one of"),
    "a model that is missing": (["measure", "radius"], "MODEL: expected a name"),
    "too many training images": (["prepare", "-S", "split.train=170000", "--out", "x"], "split.train: expected"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_a_user_can_cause_is_one_line_without_a_traceback(lab, name):
    arguments, message = ERRORS[name]
    output = lab.run(sys.executable, "-m", f"stages.{arguments[0]}", *arguments[1:], ok=False)
    lines = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and message in lines[0]
    assert "Traceback" not in output
    assert not (lab.folder / "x").exists() and not list(lab.folder.rglob(".*.partial-*"))
