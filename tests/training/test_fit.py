"""A run of training: its floors, and the folder it is kept in."""

import json
import shutil

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.models.losses import entropy
from zpoints.models.autoencoder import unit_range
from zpoints.errors import UserError
from zpoints.config.training import Training
from zpoints.shards.store import Shards
from zpoints.training.fit import fit
from zpoints.training.fit import mean_entropy
from zpoints.training.model_folder import describe
from zpoints.training.model_folder import fingerprint
from zpoints.training.model_folder import load
from zpoints.training.model_folder import refuse_other_params
from zpoints.training.model_folder import save

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
    save(path, trained[0], TRAINING, trained[1])
    return path


def test_the_last_row_is_what_the_returned_weights_give(trained, shards):
    model, history = trained
    rows = shards.rows("held_out")
    again = model.evaluate(x=_pairs(shards, rows), verbose=0, return_dict=True)
    assert again["reco"] == pytest.approx(history[-1]["val_reco"], rel=1e-5)


def _pairs(shards, rows):
    from zpoints.training.input_pipeline import held_out_batches

    return held_out_batches(shards, rows, TRAINING.batch_size)


def test_the_floor_is_the_mean_entropy_whatever_the_chunks(shards):
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
    save(tmp_path, trained[0], TRAINING, trained[1])
    assert fingerprint(tmp_path) == fingerprint(folder)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_model_trained_with_other_params_is_refused(folder):
    refuse_other_params(folder, "vae", VAE, TRAINING)
    refuse_other_params(folder, "vae", VAE, TRAINING.model_copy(update={"keep_epochs": (1,), "on_divergence": "warn"}))
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
def test_a_damaged_model_is_a_user_error_that_names_the_file(folder, tmp_path, damage, how):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / damage
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(UserError, match=damage):
        load(tmp_path)


def test_weights_of_another_shape_are_a_user_error(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    description = describe(tmp_path)
    description["model"]["z_dim"] = 5
    (tmp_path / "model.json").write_text(json.dumps(description))
    with pytest.raises(UserError, match=r"encoder\.weights\.h5"):
        load(tmp_path)
