"""What reruns when something changes: dvc.yaml as it is, real DVC, and stages that stand in for the real ones."""

import json

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clones import JOINT, MODELS, TABLES, clone, few_questions, tiny
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
    path = lab.folder / "params.yaml"
    before = path.read_text()
    yield
    if path.read_text() != before:
        path.write_text(before)
        ran, _ = lab.repro()
        # What a model that is no more has left below data/ is still part of what the joint stages depend on.
        assert not ran - lab.of_all_models()


def test_every_analysis_has_a_stage_for_each_model(lab):
    def ask_everything(params):
        shipped = YAML().load(ROOT / "params.yaml")
        tiny(shipped)
        params.update(shipped)

    lab.set(ask_everything)
    assert set(lab.run("dvc", "stage", "list", "--name-only").split()) == lab.all()
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
    served = lab.analyses("measure_samplers")
    assert ran == {f"measure_samplers@{name}-{model}" for name in served for model in MODELS} | JOINT


def test_guards_of_training_retrain_nothing(lab):
    lab.set(lambda params: params["monitoring"].update(on_divergence="warn", divergence_factor=5.0, keep_epochs=[1]))
    assert lab.repro() == (set(), set())


@pytest.mark.parametrize("how", ["removed", "null"])
def test_switched_off_analysis_reruns_the_joint_stages(lab, how):
    def switch_off(params):
        if how == "removed":
            del params["analyses"]["posterior"]
        else:
            params["analyses"]["posterior"] = None

    lab.set(switch_off)
    ran, _ = lab.repro()
    own = set() if how == "removed" else {"explore"} | {f"measure@posterior-{model}" for model in MODELS}
    assert ran == TABLES | own


def test_words_of_a_section_redraw_the_report_alone(lab):
    path = lab.folder / "src/zpoints/analyses/radius/section.html"
    before = path.read_text()
    path.write_text(before + "<p>Another sentence.</p>\n")
    try:
        ran, _ = lab.repro()
        assert ran == TABLES
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
