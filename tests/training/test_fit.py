"""A run of training: its floors, and the folder it is kept in."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE, make_shards
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.models.autoencoder import unit_range
from zpoints.models.losses import entropy
from zpoints.models.model_folder import fingerprint, load, refuse_other_params, save
from zpoints.shards.store import Shards
from zpoints.training.fit import fit, mean_entropy

pytestmark = pytest.mark.slow

TRAINING = Training(epochs=3, batch_size=8, learning_rate=1e-2)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


@pytest.fixture(scope="module")
def trained(shards):
    return fit(VAE, TRAINING, shards, verbose=0)


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    save(path, trained[0], TRAINING)
    return path


def test_last_row_matches_returned_weights(trained, shards):
    model, history = trained
    rows = shards.rows("held_out")
    again = model.evaluate(x=_pairs(shards, rows), verbose=0, return_dict=True)
    assert again["reco"] == pytest.approx(history[-1]["val_reco"], rel=1e-5)


def _pairs(shards, rows):
    from zpoints.training.input_pipeline import held_out_batches

    return held_out_batches(shards, rows, TRAINING.batch_size)


def test_floor_is_mean_entropy_for_any_chunks(shards):
    rows = shards.rows("train")
    assert mean_entropy(shards, rows, chunk=5) == pytest.approx(entropy(shards.read(rows)).mean(), rel=1e-12)


def test_the_seed_fixes_a_run(shards, trained):
    again, _ = fit(VAE, TRAINING, shards, verbose=0)
    other, _ = fit(VAE, TRAINING.model_copy(update={"seed": 1}), shards, verbose=0)
    for one, two, three in zip(*(model.get_weights() for model in (trained[0], again, other)), strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.ndim == 1 or (one != three).any()


def test_a_saved_model_comes_back_the_same(trained, folder, shards):
    images = unit_range(shards.read(shards.rows("held_out")))
    np.testing.assert_array_equal(load(folder)(images), trained[0](images))


def test_the_same_weights_make_the_same_files(trained, folder, tmp_path):
    save(tmp_path, trained[0], TRAINING)
    assert fingerprint(tmp_path) == fingerprint(folder)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_model_trained_with_other_params_is_refused(folder):
    refuse_other_params(folder, "vae", VAE, TRAINING)
    for spec, training, words in (
        (VAE.model_copy(update={"fact": 5.0}), TRAINING, r"fact = 5\.0 .* received one trained with 0\.01"),
        (VAE, TRAINING.model_copy(update={"epochs": 4}), "epochs = 4 .* received one trained with 3"),
        (VAE.model_copy(update={"fact_warmup_epochs": 1.0}), TRAINING, r"fact_warmup_epochs = 1\.0 .* with 0\.0"),
        (AE, TRAINING, "trained with .*kind|trained with .*eps_clip"),
    ):
        with pytest.raises(UserError, match=words):
            refuse_other_params(folder, "vae", spec, training)


@pytest.mark.parametrize("damage", ["model.json", "encoder.weights.h5", "decoder.weights.h5"])
@pytest.mark.parametrize("how", ["missing", "truncated"])
def test_damaged_model_names_the_file(folder, tmp_path, damage, how):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / damage
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(UserError, match=damage):
        load(tmp_path)


def changed(folder, tmp_path, change):
    """A copy of the model whose model.json was changed, the digests of its weights kept."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    content = json.loads((tmp_path / "model.json").read_text())
    change(content)
    (tmp_path / "model.json").write_text(json.dumps(content))
    return tmp_path


HOSTILE = {
    "format: expected 2": lambda content: content.update(format=1),
    "size: expected less than or equal to 512": lambda content: content.update(size=10**9),
    "seed: expected less than or equal to 9223372036854775807": lambda content: content["training"].update(seed=10**30),
    "training: expected every key, received none for batch_size": lambda content: content.update(training={}),
    "model: expected every key": lambda content: content["model"].pop("batch_norm"),
    "z_dim: expected a valid integer": lambda content: content["model"].update(z_dim=1e9),
    "a network of at most 268435456 parameters": lambda content: content.update(
        size=512, model=content["model"] | {"filters": [4096] * 6}
    ),
    "product divides images.size = 16": lambda content: content["model"].update(filters=[4] * 8),
    "at most the 128 features": lambda content: content["model"].update(z_dim=65536),
    "weights.decoder: expected a value": lambda content: content["weights"].pop("decoder"),
    "keep_epochs": lambda content: content["training"].update(keep_epochs=[]),
    "other bytes": lambda content: content["weights"].update(encoder=64 * "0"),
    "encoder.weights.h5: expected the weights that model.json": lambda content: content["model"].update(z_dim=5),
    "decoder.weights.h5: expected the weights": lambda content: content["training"].update(layers="stock"),
}


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_description_is_one_line(words, folder, tmp_path):
    with pytest.raises(UserError) as caught:
        load(changed(folder, tmp_path, HOSTILE[words]))
    assert words in str(caught.value) or (words.startswith("decoder") and "encoder.weights.h5" in str(caught.value))
    assert len(str(caught.value)) < 500 and "\n" not in str(caught.value)


def test_zeroed_weights_are_refused(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    weights = tmp_path / "decoder.weights.h5"
    content = bytearray(weights.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    weights.write_bytes(content)
    with pytest.raises(UserError, match=r"decoder\.weights\.h5: expected the weights .*, received other bytes"):
        load(tmp_path)


def test_stock_model_saves_and_loads(shards, trained, tmp_path):
    stock = TRAINING.model_copy(update={"layers": "stock", "epochs": 1})
    model, history = fit(VAE, stock, shards, verbose=0)
    save(tmp_path, model, stock)
    images = unit_range(shards.read(shards.rows("held_out")))
    np.testing.assert_array_equal(load(tmp_path)(images), model(images))
    assert history[0]["val_total"] == pytest.approx(trained[1][0]["val_total"], rel=1e-5)


def test_exhausted_memory_is_one_line(shards, monkeypatch):
    def exhaust(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor\nmore")

    monkeypatch.setattr("zpoints.training.fit.Probe", exhaust)
    with pytest.raises(UserError, match=r"^training\.batch_size: .* received 8 \(OOM when allocating tensor\)"):
        fit(AE, TRAINING, shards, verbose=0)


def test_order_seed_decides_the_order_alone(shards, monkeypatch):
    read, seen = Shards.read, []
    monkeypatch.setattr(Shards, "read", lambda self, rows: seen.append(tuple(rows)) or read(self, rows))
    batches, noise, weights = [], [], []
    for seed, order_seed in ((0, None), (0, 0), (0, 5), (1, 5)):
        seen.clear()
        seeds = {"epochs": 1, "seed": seed, "order_seed": order_seed}
        model, history = fit(VAE, TRAINING.model_copy(update=seeds), shards, verbose=0)
        batches.append({*seen})
        noise.append(history[0]["eps_max"])
        weights.append(model.get_weights()[0])
    assert batches[0] == batches[1] != batches[2] == batches[3]
    assert noise[0] == noise[1] == noise[2] != noise[3]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[2] - weights[3]).max() > 0.01  # an epoch of other images moves them by less


def test_noiseless_vae_trains_as_an_ae_does(shards):
    control = VAE.model_copy(update={"fact": 0.0, "eps_factor": 0.0})
    (ae, losses), (vae, others) = (fit(spec, TRAINING, shards, verbose=0) for spec in (AE, control))
    assert [epoch["reco"] for epoch in losses] == [epoch["reco"] for epoch in others]
    for one, other in zip(ae.decoder.get_weights(), vae.decoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    images = tf.constant(shards.read(shards.rows("held_out")))
    np.testing.assert_array_equal(ae.encode(images)[0], vae.encode(images)[0])
