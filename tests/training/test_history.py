"""The history: its columns, and that each is what its name says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE, make_shards
from zpoints.artifacts import write_csv
from zpoints.config.training import Training
from zpoints.models.autoencoder import build, noise_key, unit_range
from zpoints.models.losses import kl_divergence
from zpoints.shards.store import Shards
from zpoints.training.fit import fit
from zpoints.training.history import ORDER, PROBE_IMAGES, Probe
from zpoints.training.input_pipeline import training_batches

pytestmark = pytest.mark.slow

TRAINING = Training(epochs=3, batch_size=8, learning_rate=1e-3)
WARM = VAE.model_copy(update={"fact": 0.5, "fact_warmup_epochs": 2.0, "eps_clip": 1.0})
OF_VAES = {"fact", "kl", "eps_max", "logvar_mean", "val_kl"}


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


@pytest.fixture(scope="module")
def trained(shards):
    return fit(WARM, TRAINING, shards, verbose=0)


@pytest.fixture(scope="module")
def by_hand(shards):
    """The first epoch of the same run, step by step: a list of weight, terms, gradient norm and epsilon of each."""
    model = build(WARM, shards.size, TRAINING.seed)
    optimizer = keras.optimizers.Adam(TRAINING.learning_rate)
    steps = []
    for pixels, step in training_batches(shards, shards.rows("train"), 8, TRAINING.seed, epochs=1):
        images, weight = unit_range(pixels), 0.5 * (int(step) + 1) / (2 * 4)
        epsilon = tf.random.stateless_normal((len(images), 4), noise_key(0, step))
        with tf.GradientTape() as tape:
            mu, logvar = model.encoder(images, training=True)
            z = mu + tf.exp(logvar / 2) * tf.clip_by_value(epsilon, -1, 1)
            faces = model.decoder(z, training=True)
            reco = tf.reduce_sum(keras.losses.binary_crossentropy(images, faces), axis=(1, 2))
            kl = kl_divergence(mu, logvar)
            loss = tf.reduce_mean(reco + weight * kl)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        norm = np.sqrt(sum(np.square(gradient.numpy(), dtype=np.float64).sum() for gradient in gradients))
        steps.append((weight, reco.numpy(), weight * kl.numpy(), norm, np.abs(epsilon.numpy()).max()))
    return steps


def test_the_columns_stand_in_a_readers_order(trained, shards, tmp_path):
    _, history = trained
    assert list(history[0]) == list(ORDER)
    assert [row["epoch"] for row in history] == [1, 2, 3]
    write_csv(tmp_path / "history.csv", history)
    assert (tmp_path / "history.csv").read_text().splitlines()[0] == ",".join(ORDER)


def test_columns_depend_on_kind_and_loss(shards):
    _, history = fit(AE.model_copy(update={"loss": "mse"}), TRAINING, shards, verbose=0)
    assert list(history[0]) == [name for name in ORDER if name not in OF_VAES | {"floor", "val_floor"}]
    assert history[0]["val_reco"] == pytest.approx(history[0]["val_mse"] * shards.size**2, rel=1e-5)


def test_terms_add_up_above_the_floor(trained):
    _, history = trained
    for row in history:
        assert row["total"] == pytest.approx(row["reco"] + row["kl"], rel=1e-6)
        assert row["val_total"] == pytest.approx(row["val_reco"] + row["val_kl"], rel=1e-6)
        assert row["val_reco"] > row["val_floor"] > 0 and row["reco"] > row["floor"] > 0
    assert history[-1]["val_reco"] < history[0]["val_reco"]


def test_terms_are_means_over_epoch_images(trained, by_hand):
    row = trained[1][0]
    for name, column in (("reco", 1), ("kl", 2)):
        assert row[name] == pytest.approx(np.concatenate([step[column] for step in by_hand]).mean(), rel=1e-4)


def test_gradient_norm_is_of_mean_total(trained, by_hand):
    norms = [step[3] for step in by_hand]
    assert trained[1][0]["grad_norm"] == pytest.approx(np.mean(norms), rel=1e-3)
    assert trained[1][0]["grad_norm_max"] == pytest.approx(max(norms), rel=1e-3)


def test_eps_max_is_before_clipping(trained, by_hand):
    assert trained[1][0]["eps_max"] == pytest.approx(max(step[4] for step in by_hand), rel=1e-6)
    assert trained[1][0]["eps_max"] > 1.0
    assert len({row["eps_max"] for row in trained[1]}) == 3


def test_fact_is_of_the_last_step(trained, by_hand):
    assert [row["fact"] for row in trained[1]] == [0.25, 0.5, 0.5]
    assert by_hand[-1][0] == 0.25


def test_validation_uses_full_fact_during_warmup(shards):
    model, (row,) = fit(WARM, TRAINING.model_copy(update={"epochs": 1}), shards, verbose=0)
    mu, logvar = model.encode(unit_range(shards.read(shards.rows("held_out"))))
    assert row["fact"] == 0.25
    assert row["val_kl"] == pytest.approx(0.5 * kl_divergence(mu, logvar).numpy().mean(), rel=1e-4)


def test_probe_uses_weights_of_epoch_end(trained, shards):
    model, history = trained
    mu, logvar = model.encode(unit_range(shards.read(shards.rows("held_out"))))
    radius = np.linalg.norm(mu, axis=1)
    last = history[-1]
    assert last["radius_mean"] == pytest.approx(radius.mean(), rel=1e-5)
    assert last["radius_max"] == pytest.approx(radius.max(), rel=1e-5)
    assert last["logvar_mean"] == pytest.approx(logvar.numpy().mean(), rel=1e-5)


def test_active_units_have_variance_above_threshold():
    model = build(AE, 16)
    *_, kernel, bias = model.encoder.weights
    images = np.random.default_rng(0).integers(0, 256, (PROBE_IMAGES, 16, 16, 3), np.uint8)
    spread = model.encode(unit_range(images))[0].numpy().std(axis=0)
    wanted = np.sqrt(np.array([0.0, 0.0099, 0.0101, 4.0]))
    kernel.assign(kernel.numpy() * wanted / spread)
    bias.assign(np.full(4, 100.0))  # a constant is not activity
    assert Probe(model, images).measure()["active_units"] == 2


def test_learning_rate_is_written_plainly(trained):
    assert [row["learning_rate"] for row in trained[1]] == [0.001] * 3
