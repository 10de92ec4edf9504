"""The pipeline as its users run it: a clone of the project, tiny params, real DVC and real stages.

What reruns when something changes is asked of stages that stand in for these: test_reruns.py.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clones import MODELS, TABLES, Lab, clone, contents, few_questions, tiny
from tests.pipeline.declarations import GROUPS, ROOT
from zpoints.analyses import discovery

pytestmark = pytest.mark.pipeline

# Commands, read from stdin, one after the other in a process that loads TensorFlow once; their exit codes and words.
IN_ONE_PROCESS = """
import contextlib, io, json, runpy, sys, traceback
answers = []
for name, *arguments in json.load(sys.stdin):
    sys.argv, printed = ["-m", *arguments], io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            runpy.run_module(f"stages.{name}", run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            traceback.print_exc()
            code = 1
    answers.append([code, printed.getvalue()])
json.dump(answers, sys.stdout)
"""


def fewer_questions(params) -> None:
    """Questions of z-points alone; one of each other kind is asked by hand below."""
    few_questions(params)
    params.update(image_analyses={}, sampler_analyses={}, direction_analyses={}, pair_analyses={})


def by_hand(lab: Lab, *commands: list[str]) -> list[tuple[int, str]]:
    """Exit code and words of each `python -m stages.NAME ARGUMENT...`, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS],
        cwd=lab.folder,
        env=lab.environment(),
        input=json.dumps(commands),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [(code, words) for code, words in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A clone whose pipeline has run once. Each test leaves it as it found it: params back, all stages up to date."""
    lab = clone(tmp_path_factory.mktemp("lab"), fewer_questions)
    ran, _ = lab.repro()
    assert ran == lab.all()
    return lab


@pytest.fixture(autouse=True)
def restore(lab):
    path = lab.folder / "params.yaml"
    before = path.read_text()
    yield
    if path.read_text() != before:
        path.write_text(before)
        ran, _ = lab.repro()
        assert not ran


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


def kill_when(lab: Lab, command: list[str], reached) -> bool:
    """Start a command, and kill it with all its processes once `reached` says so; False where it ended before."""
    with subprocess.Popen(
        command,
        cwd=lab.folder,
        env=lab.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while process.poll() is None and not reached():
            time.sleep(0.005)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def test_a_run_killed_at_any_moment_leaves_nothing_that_a_later_one_takes_for_a_result(lab):
    numbers = lab.json("data/measurements/vae_tiny/training/numbers.json")
    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=5.0))
    last = "measure@posterior-vae_tiny"  # behind training and encoding
    moments = (".resume/**/epoch_*", "data/models/.vae_tiny.partial-*", "data/latents/.vae_tiny.partial-*")
    killed = [kill_when(lab, ["dvc", "repro", last], lambda: any(lab.folder.glob(moment))) for moment in moments]  # noqa: B023
    assert any(killed), "every run ended before it could be killed"
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
    assert lab.json("data/measurements/vae_tiny/training/numbers.json") != numbers

    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=1e-5))
    assert lab.repro(last)[0] == set(), "going back trains nothing"
    assert lab.json("data/measurements/vae_tiny/training/numbers.json") == numbers


OVERRIDDEN = ["train", "vae_tiny", "-S", "training.epochs=2"]


@pytest.fixture(scope="module")
def ran_by_hand(lab, tmp_path_factory):
    """Every stage's command with an out of its own, a question of each kind among them: command, out, code, words."""
    params = YAML().load(ROOT / "params.yaml")
    tiny(params)
    path = tmp_path_factory.mktemp("by_hand") / "params.yaml"
    YAML().dump(params, path)
    plain = ["download", "prepare", "features", "compare", "report", "train ae", "encode ae"]
    asked = ["radius ae", "curvature ae", "samples ae", "edits ae", "similarity"]
    assert len({discovery.config_class(question.split()[0]).group for question in asked}) == len(GROUPS)
    commands = [command.split() for command in plain]
    commands += [["measure", *question.split(), "--params", str(path)] for question in asked]
    outs = [path.parent / "-".join(command[:3]) for command in commands]
    written = [[*command, "--out", str(out)] for command, out in zip(commands, outs, strict=True)]
    elsewhere = [*OVERRIDDEN, "--out", str(path.parent / "overridden")]
    *answers, refused, overridden = by_hand(lab, *written, OVERRIDDEN, elsewhere)
    return list(zip(commands, outs, answers, strict=True)), refused, (path.parent / "overridden", overridden)


def test_each_stage_runs_by_hand_into_a_folder_of_its_own(lab, ran_by_hand):
    for command, out, (code, words) in ran_by_hand[0]:
        assert code == 0 and any(out.iterdir()), f"{command}: {words}"
    assert lab.repro() == (set(), set())


HOSTILE_OUTS = ("", ".", "..", "/", "README.md", "README.md/below", "data", "src", "user")


def test_no_stage_replaces_what_is_not_its_out(lab):
    """Whatever stands at --out is kept, and the refusal is one line, before any work."""
    user = lab.folder / "user"
    user.mkdir(exist_ok=True)
    (user / "chapter.tex").write_text("years of work")
    files = contents(lab.folder)
    commands = [["download"], ["prepare"], ["train", "ae"], ["encode", "ae"], ["measure", "radius", "ae"], ["features"]]
    for code, words in by_hand(lab, *([*command, "--out", out] for out in HOSTILE_OUTS for command in commands)):
        assert code == 1 and "Traceback" not in words
        assert sum(line.startswith("error: ") for line in words.splitlines()) == 1
    assert contents(lab.folder) == files
    shutil.rmtree(user)


def test_a_run_with_overridden_params_needs_a_place_of_its_own(ran_by_hand):
    _, (code, words), (out, (written, told)) = ran_by_hand
    assert code == 1 and "--out" in words
    assert written == 0 and len((out / "training" / "history.csv").read_text().splitlines()) == 3, told


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


@pytest.fixture(scope="module")
def refusals(lab):
    """Exit code and words of each command of ERRORS."""
    return dict(zip(ERRORS, by_hand(lab, *(arguments for arguments, _ in ERRORS.values())), strict=True))


@pytest.mark.parametrize("name", ERRORS)
def test_what_a_user_can_cause_is_one_line_without_a_traceback(lab, refusals, name):
    code, output = refusals[name]
    lines = [line for line in output.splitlines() if line.startswith("error: ")]
    assert code == 1 and len(lines) == 1 and ERRORS[name][1] in lines[0]
    assert "Traceback" not in output
    assert not (lab.folder / "x").exists() and not list(lab.folder.rglob(".*.partial-*"))


# The promise of the house: a new question is one folder and one block of params.yaml, and touches no other file.
FILES = {
    "__init__.py": '"""How wide is the first axis?"""\n',
    "config.py": """
from zpoints.config.block import AnalysisConfig


class Config(AnalysisConfig):
    axis: int = 0
""",
    "method/__init__.py": '''
"""How wide is one axis?"""

from zpoints.analyses.width.config import Config
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement


def measure(latents: Latents, config: Config) -> Measurement:
    """The standard deviation of one axis over the training images."""
    return Measurement({"width": float(latents.mu[latents.rows("train"), config.axis].std())})
''',
    "presentation.py": """
from zpoints.report.metrics import Metric, MetricGroup

TITLE = "Width of an axis"
POSITION = 999
METRICS = MetricGroup("Width", (Metric("axis_width", "width", "width", "two", "Standard deviation of one axis."),))


def figures(results):
    return {}
""",
    "section.html": "<p>The first axis is {{ rows[models[0]].axis_width | fixed(2) }} wide.</p>\n",
}


def test_one_folder_and_one_block_add_a_question(lab, tmp_path):
    """And null in place of a block takes one away."""
    shutil.copytree(lab.folder, tmp_path / "clone")
    lab = Lab(tmp_path / "clone")
    before = set(lab.run("git", "status", "--porcelain").splitlines())
    folder = lab.folder / "src/zpoints/analyses/width"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"))
    lab.set(lambda params: params["analyses"].update(width={"axis": 0}, posterior=None))
    touched = set(lab.run("git", "status", "--porcelain").splitlines()) - before
    assert {line[3:] for line in touched} == {"params.yaml", "src/zpoints/analyses/width/"}

    ran, _ = lab.repro(*TABLES)
    assert ran == {f"measure@{name}-{model}" for name in ("width", "posterior") for model in MODELS} | TABLES
    rows = lab.json("data/comparison/models.json")
    assert all(rows[model]["axis_width"] > 0 for model in MODELS)
    page = (lab.folder / "data/report/index.html").read_text()
    assert '<section id="width">' in page and f"is {rows['ae']['axis_width']:.2f} wide" in page
    assert '<section id="radius">' in page and '<section id="posterior">' not in page
    assert "width" in lab.run(sys.executable, "-m", "stages.measure", "--help")
