"""params.yaml: what is wrong is named in one line; what is right is typed."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from zpoints.config.models import Models, VariationalEntry
from zpoints.config.reader import read
from zpoints.config.training import Training
from zpoints.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
QUICK, CELEBA, OWN = (ROOT / f"params{preset}.yaml" for preset in ("", ".celeba", ".folder"))


def content(path: Path):
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_both_shipped_files_are_valid_and_have_the_same_blocks():
    for path in (QUICK, CELEBA, OWN):
        read(path)
    assert content(QUICK).keys() == content(CELEBA).keys() == content(OWN).keys()


def test_the_celeba_file_is_the_experiment_of_the_posts():
    params = read(CELEBA)
    training, models = params[Training], params[Models]
    assert (training.epochs, training.batch_size, training.learning_rate) == (24, 128, 5e-4)
    facts = {name: getattr(models[name], "fact", None) for name in models}
    assert facts.items() >= {"ae": None, "vae_tiny": 1e-5, "vae": 5.0, "vae_dense": 5.0}.items()
    assert {models[name].z_dim for name in models} == {256}
    assert {models[name].filters for name in models} == {(32, 64, 128, 256)}


@pytest.mark.parametrize("number", ["1e-5", "1E-05", "0.00001", "1.0e-5"])
def test_numbers_are_read_as_yaml_1_2(number):
    entry = read(QUICK, [f"models.vae_tiny.fact={number}"])[Models]["vae_tiny"]
    assert isinstance(entry, VariationalEntry)
    assert entry.fact == 1e-5


def test_an_entry_overrides_training_for_itself_alone():
    params = read(QUICK, ["models.vae.epochs=3", "models.vae.learning_rate=0.002"])
    shared, models = params[Training], params[Models]
    assert models["vae"].training(shared) == shared.model_copy(update={"epochs": 3, "learning_rate": 0.002})
    assert models["ae"].training(shared) == shared


def test_a_null_overrides_where_null_has_a_meaning_and_nowhere_else():
    entry = read(QUICK, ["models.ae.order_seed=null", "models.ae.epochs=null"])[Models]["ae"]
    shared = read(QUICK, ["training.order_seed=3"])[Training]
    assert entry.training(shared) == shared.model_copy(update={"order_seed": None})


def test_a_question_has_its_block_or_a_line():
    params = read(QUICK, ["analyses.pca=null"])
    assert params.analysis("radius") is params.analyses["radius"]
    with pytest.raises(UserError, match=r"analyses\.pca: expected a block in the params file, received none"):
        params.analysis("pca")
    with pytest.raises(UserError, match=r"ANALYSIS: expected one of .*radius.*, received colour"):
        params.analysis("colour")


# Each fault: what is set, the key that must be named, and words of what was expected and received.
FAULTS = [
    ("models.ae.fact=5", "models.ae.fact", ["z_dim", "kind: ae", "unknown key fact"]),
    ('models.vae_tiny.fact="1e-5"', "models.vae_tiny.fact", ["a number", '"1e-5"']),
    ("models.vae_tiny.fact=-1", "models.vae_tiny.fact", ["at least 0", "-1"]),
    ("models.vae_tiny.fact=.nan", "models.vae_tiny.fact", ["finite", "NaN"]),
    ("models.vae_tiny.fact=true", "models.vae_tiny.fact", ["a number", "true"]),
    ("models.vae_tiny.epoch=3", "models.vae_tiny.epoch", ["epochs", "unknown key epoch"]),
    ("models.vae_tiny.epochs=0", "models.vae_tiny.epochs", ["at least 1", "0"]),
    ("models.ae.kind=vae", "models.ae.fact", ["a value", "none"]),
    ("models.ae.kind=gan", "models.ae", ["'ae', 'vae'", "gan"]),
    ("models.ae.z_dim=1.5", "models.ae.z_dim", ["a whole number", "1.5"]),
    ("models.ae.z_dim=3000", "models.ae.z_dim", ["at most the 2048 features", "images.size = 64", "3000"]),
    ("models.ae.filters=[8, 0]", "models.ae.filters.1", ["at least 1", "0"]),
    ("models.Ae={kind: ae}", "models.Ae", ["a name that matches", "Ae"]),
    ("models={}", "models", ["at least 1", "{}"]),
    ("images.size=50", "models.ae.filters", ["divides images.size = 50", "product 16"]),
    ("images.crop=[0, 1, 2]", "images.crop.3", ["a value", "none"]),
    ("images.crop=[0, 0, 10, 20]", "images.crop", ["square", "10 x 20"]),
    ("images.filter=nearest", "images.filter", ["lanczos", "nearest"]),
    ("split.train=1.5", "split.train", ["fraction", "1.5"]),
    ("split.train=0", "split.train", ["at least 1", "0"]),
    ("split.train=1.0", "split.train", ["between 0 and 1", "1.0"]),
    ("features.face=[0.2, 0.2, 0.2, 0.9]", "features.face", ["left < right", "0.9"]),
    ("split.by=official", "split.train", ["null", "0.9"]),
    ("split.train=null", "split.train", ["a count or a fraction", "null"]),
    ("training.epochs=two", "training.epochs", ["a whole number", "two"]),
    ("models.vae.fact_warmup_epochs=-1", "models.vae.fact_warmup_epochs", ["at least 0", "-1"]),
    ("models.ae.fact_warmup_epochs=1", "models.ae.fact_warmup_epochs", ["kind: ae", "unknown key"]),
    ("data.toy.imags=3", "data.toy.imags", ["images, seed", "unknown key imags"]),
    (
        "analyses.tsne.settings=[{perplexty: 30}]",
        "analyses.tsne.settings.0.perplexty",
        ["perplexity", "unknown key perplexty"],
    ),
    ("data.source=lsun", "data.source", ["toy", "lsun"]),
    ("analyses.radius.intervals=[[3, 2]]", "analyses.radius.intervals", ["from < to", "[3.0, 2.0]"]),
    ("samplers.uniform=[2, 2]", "samplers.uniform", ["each b once"]),
    ("analyses.raduis={}", "analyses.raduis", ["radius", "unknown key raduis"]),
    ("traning={}", "traning", ["training", "unknown key traning"]),
    ("data=null", "data", ["a mapping", "null"]),
    ("analyses={}", "analyses.attributes", ["directions direction_analyses.edits needs", "none"]),
    ("image_analyses=null", "image_analyses", ["{} for none", "null"]),
    ("analyses=null", "analyses", ["{} for none", "null"]),
    ("radius={}", "radius", ["this block as analyses.radius", "move it there"]),
    ("noise={}", "noise", ["this block as analyses.posterior", "move it there"]),
    ("sampling={}", "sampling", ["this block as samplers", "its old name"]),
]


@pytest.mark.parametrize(("override", "key", "words"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_one_line_with_key_expected_and_received(override, key, words):
    with pytest.raises(UserError) as caught:
        read(QUICK, [override])
    lines = [line for line in str(caught.value).splitlines() if f" {key}: " in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"{QUICK}: {key}: expected ") and ", received " in lines[0]
    for word in words:
        assert word in lines[0]


def test_a_missing_block_is_named(tmp_path):
    kept = content(QUICK)
    del kept["training"]
    path = tmp_path / "params.yaml"
    YAML().dump(kept, path)
    with pytest.raises(UserError, match="training: expected a block of this name, received none"):
        read(path)


@pytest.mark.parametrize("text", ["a: [1", "- 1", "", "a: 1\na: 2\n", "\x00", "a: !!python/object:os.system {}"])
def test_a_file_that_is_no_mapping_is_a_user_error(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"params\.yaml"):
        read(path)


@pytest.mark.parametrize("value", ["[" * 600, "!!int ''", '"\\ud800"', "&a [*a]", "a: b: c", "9" * 5000])
def test_a_value_that_is_no_yaml_names_its_key_in_one_line(value):
    with pytest.raises(UserError, match=r"\A--set-param models\.ae\.z_dim: line 1, column \d+: expected .*\Z"):
        read(QUICK, [f"models.ae.z_dim={value}"])


def test_a_missing_file_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match=r"absent\.yaml: expected a readable YAML file"):
        read(tmp_path / "absent.yaml")


@pytest.mark.parametrize(("key", "shown"), [("null", "null"), ("5", "5"), ("true", "true"), ("1.5", "1.5")])
def test_a_key_that_yaml_does_not_read_as_a_text_is_refused_since_dvc_fails_on_it(tmp_path, key, shown):
    path = tmp_path / "params.yaml"
    path.write_text(QUICK.read_text().replace("  radius:\n", f"  radius:\n    {key}: 1\n"))
    with pytest.raises(
        UserError, match=rf"params\.yaml: expected texts as keys under analyses.radius, received {shown};"
    ):
        read(path)


def test_keys_within_a_list_are_texts_too(tmp_path):
    (tmp_path / "params.yaml").write_text(QUICK.read_text().replace("  radius:\n", "  radius:\n    odd: [{5: 1}]\n"))
    with pytest.raises(UserError, match=r"expected texts as keys under analyses\.radius\.odd, received 5;"):
        read(tmp_path / "params.yaml")


def test_a_control_character_in_a_key_does_not_break_the_line(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(QUICK.read_text().replace("{images: 5000, seed: 0}", '{images: 5000, seed: 0, "\\x1e": 1}'))
    with pytest.raises(UserError) as raised:
        read(path)
    (line,) = str(raised.value).splitlines()
    assert "the unknown key \\x1e" in line


def dumped(block: dict) -> str:
    with io.StringIO() as text:
        YAML().dump(block, text)
        return text.getvalue()


BLOCKS = content(QUICK)
TEXTS = {name: dumped({name: block}) for name, block in BLOCKS.items()}
KEYS = [f"{block}.{key}" for block, keys in BLOCKS.items() for key in keys]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@pytest.mark.slow
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_any_value_at_any_key_is_either_valid_or_a_user_error(key, value, tmp_path_factory):
    block, name = key.split(".")
    changed = TEXTS | {block: dumped({block: BLOCKS[block] | {name: value}})}
    path = tmp_path_factory.mktemp("params") / "params.yaml"
    path.write_text("".join(changed.values()), encoding="utf-8")
    try:
        read(path)
    except UserError as error:
        assert all(", received " in line for line in str(error).splitlines())
