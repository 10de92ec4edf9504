"""What reruns when something changes: dvc.yaml as it is, real DVC, and stages that stand in for the real ones."""

import json
import shutil

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clones import JOINT, MODELS, TABLES, TIDY, clone, contents, few_questions, tiny
from tests.pipeline.declarations import GROUPS, ROOT
from tests.pipeline.stand_in import install

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A clone whose pipeline has run once. Each test leaves it as it found it: params back, all stages up to date."""
    lab = clone(tmp_path_factory.mktemp("stand_ins"), few_questions)
    install(lab.folder)
    ran, _ = lab.repro()
    assert ran == lab.all()
    return lab


@pytest.fixture(autouse=True)
def restore(lab):
    path, lock = lab.folder / "params.yaml", lab.folder / "dvc.lock"
    before, locked = path.read_text(), lock.read_text()
    yield
    path.write_text(before)
    if lock.read_text() != locked:
        ran, _ = lab.repro()
        assert not ran


def test_every_analysis_has_a_stage_for_each_model(lab):
    def ask_everything(params):
        shipped = YAML().load(ROOT / "params.yaml")
        tiny(shipped)
        params.update(shipped)

    lab.set(ask_everything)
    assert set(lab.run("dvc", "stage", "list", "--name-only").split()) == lab.all() | TIDY
    assert sum(stage.startswith("measure") for stage in lab.all()) > 20
    lab.run("git", "checkout", "params.yaml")


def test_a_second_repro_runs_nothing(lab):
    assert lab.repro() == (set(), set())


def test_a_changed_fact_is_named_and_reruns_that_model_and_the_joint_stages_alone(lab):
    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=5.0))
    diff = json.loads(lab.run("dvc", "params", "diff", "--json"))
    assert diff == {"params.yaml": {"models.vae_tiny.fact": {"old": 1e-5, "new": 5.0, "diff": 5.0 - 1e-5}}}
    ran, restored = lab.repro()
    assert ran == lab.of_model("vae_tiny") | lab.of_all_models() and not restored

    lab.set(lambda params: params["models"]["vae_tiny"].update(fact=1e-5))
    ran, restored = lab.repro()
    assert not ran, "going back trains nothing"
    assert "train@vae_tiny" in restored


def test_removed_analysis_leaves_nothing(lab):
    lab.set(lambda params: params["analyses"].pop("posterior"))
    ran, _ = lab.repro()
    assert ran == JOINT
    assert not list((lab.folder / "data").rglob("posterior*"))
    assert lab.repro() == (set(), set())


def test_page_is_rebuilt_for_what_it_shows(lab):
    """Directions, here; the test above is one of what it does not show."""
    lab.set(lambda params: params["analyses"]["attributes"].update(min_count=6))
    ran, _ = lab.repro("explore")
    measured = {f"{kind}-{model}" for kind in ("measure@attributes", "measure_directions@edits") for model in MODELS}
    assert ran == measured | {"gather", "explore"}


def test_words_of_a_section_redraw_the_report_alone(lab):
    path = lab.folder / "src/zpoints/analyses/radius/section.html"
    before = path.read_text()
    path.write_text(before + "<p>Another sentence.</p>\n")
    try:
        assert lab.stale() == TABLES
    finally:
        path.write_text(before)


def contents_of_tables(lab):
    return contents(lab.folder / "data/comparison"), contents(lab.folder / "data/latents")


def test_removed_model_reruns_nothing(lab):
    """A new entry runs the new model alone. Without it its leftovers go, and the joint stages are as they were before.

    The entry brings it back. What DVC did not write stays when it goes: a user's files beside the outs, and an out that
    was changed since.
    """

    def add(params):
        params["models"].update(second={**params["models"]["ae"], "seed": 1})

    without = contents_of_tables(lab)
    lab.set(add)
    ran, restored = lab.repro()
    assert ran == lab.of_model("second") | lab.of_all_models() and not restored
    second = contents_of_tables(lab)

    lab.set(lambda params: params["models"].pop("second"))
    assert lab.repro() == (set(), lab.of_all_models())
    assert contents_of_tables(lab) == without != second
    assert not list((lab.folder / "data").rglob("second*"))
    assert lab.repro() == (set(), set())

    lab.set(add)
    assert lab.repro() == (set(), lab.of_model("second") | lab.of_all_models())
    assert contents_of_tables(lab) == second

    latents = lab.folder / "data/latents"
    changed, own = latents / "second/digest.json", latents / "mine/mu.npy"
    changed.unlink()
    changed.write_text("changed by hand")
    own.parent.mkdir()
    own.write_bytes(b"z-points")
    lab.set(lambda params: params["models"].pop("second"))
    lab.repro("tidy")
    assert changed.read_text() == "changed by hand" and own.read_bytes() == b"z-points"
    assert not (lab.folder / "data/models/second").exists()
    shutil.rmtree(changed.parent)
    shutil.rmtree(own.parent)


# What is stale, before anything reruns: what stands behind it follows, as above.


@pytest.mark.parametrize(
    ("group", "name", "change"),
    [
        ("analyses", "radius", {"intervals": [[0, 2]]}),
        ("image_analyses", "curvature", {"images": 5}),
        ("sampler_analyses", "samples", {"images": 3}),
        ("direction_analyses", "edits", {"identity": 0.6}),
    ],
)
def test_changed_analysis_makes_it_alone_stale(lab, group, name, change):
    lab.set(lambda params: params[group][name].update(change))
    (entry,) = (entry for entry, served in GROUPS.items() if served == group)
    assert lab.stale() == {f"{entry}@{name}-{model}" for model in MODELS}


def test_changed_sampler_makes_the_sampler_analyses_alone_stale(lab):
    lab.set(lambda params: params["samplers"].update(uniform=[3]))
    served = lab.analyses("measure_samplers")
    assert lab.stale() == {f"measure_samplers@{name}-{model}" for name in served for model in MODELS} | {"explore"}


def test_guards_of_training_and_a_comment_rerun_nothing(lab):
    lab.set(lambda params: params["monitoring"].update(on_divergence="warn", divergence_factor=5.0, keep_epochs=[1]))
    path = lab.folder / "params.yaml"
    path.write_text("# another word\n" + path.read_text())
    assert lab.stale() == set()


def test_switched_off_analysis_alone_is_stale(lab):
    lab.set(lambda params: params["analyses"].update(posterior=None))
    assert lab.stale() == {f"measure@posterior-{model}" for model in MODELS}


def test_an_override_of_training_retrains_that_model_alone(lab):
    lab.set(lambda params: params["models"]["ae"].update(learning_rate=0.002))
    assert lab.stale() == {"train@ae"} | lab.of_all_models()
