"""The metric of a training: its numbers, and beta in the units of other repositories."""

import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE, make_shards
from zpoints.config.training import Training
from zpoints.models.losses import RECONSTRUCTION, kl_divergence
from zpoints.shards.store import Shards
from zpoints.training.fit import fit
from zpoints.training.summary import beta, beta_line, summary, tables

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
IMAGES = RNG.random((5, 6, 6, 3)).astype(np.float32)
LOGITS = RNG.standard_normal((5, 6, 6, 3)).astype(np.float32)
MU, LOGVAR = RNG.standard_normal((2, 5, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    shards = Shards.open(make_shards(tmp_path_factory.mktemp("shards")))
    return fit(VAE, Training(epochs=2, batch_size=8), shards, verbose=0)


def total(spec):
    """Our loss of each image."""
    reco, _ = RECONSTRUCTION[spec.loss](tf.constant(IMAGES), tf.constant(LOGITS))
    return (reco + spec.fact * kl_divergence(MU, LOGVAR)).numpy()


def test_bce_total_is_textbook_elbo_over_three():
    spec = VAE.model_copy(update={"fact": 0.7})
    p = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    bce = -(IMAGES * np.log(p) + (1 - IMAGES) * np.log1p(-p)).sum(axis=(1, 2, 3))
    kl = 0.5 * (np.square(MU) + np.exp(LOGVAR) - 1 - LOGVAR).sum(axis=1)
    np.testing.assert_allclose(3 * total(spec), bce + beta(spec) * kl, rtol=1e-5)


def test_mse_total_is_gaussian_elbo_scaled():
    spec = VAE.model_copy(update={"fact": 0.7, "loss": "mse"})
    sse = np.square(IMAGES - 1 / (1 + np.exp(-LOGITS.astype(np.float64)))).sum(axis=(1, 2, 3))
    kl = 0.5 * (np.square(MU) + np.exp(LOGVAR) - 1 - LOGVAR).sum(axis=1)
    np.testing.assert_allclose(1.5 * total(spec), 0.5 * sse + beta(spec) * kl, rtol=1e-5)


def test_beta_line_names_the_loss_in_use():
    bce = beta_line(VAE.model_copy(update={"fact": 5.0}))
    mse = beta_line(VAE.model_copy(update={"fact": 2e-2, "loss": "mse", "fact_warmup_epochs": 3.0}))
    assert bce is not None and "fact = 5:" in bce and "beta = 15 of BCE" in bce and "SSE" not in bce
    assert mse is not None and "fact = 0.02, reached over 3 epochs:" in mse
    assert "beta = 0.03 of 0.5 * SSE" in mse and "BCE" not in mse
    assert beta_line(AE) is beta(AE) is None


def test_summary_holds_parameters_and_last_epoch(trained):
    model, history = trained
    result, last = summary(model, history), history[-1]
    assert result["parameters"]["total"] == model.encoder.count_params() + model.decoder.count_params()
    assert result["held_out"]["reco_above_floor"] == last["val_reco"] - last["val_floor"]
    assert result["train"]["reco"] == last["reco"] and result["epochs"] == 2
    assert result["beta"] == beta(VAE) and result["train"]["fact"] == VAE.fact
    for name in ("radius_mean", "radius_max", "logvar_mean", "active_units"):
        assert result["held_out"][name] == last[name] and name not in result["train"]


def test_tables_are_history_parameters_and_speed(trained):
    model, history = trained
    speed = [{"epoch": 1, "seconds": 2.0, "images_per_second": 13.0}]
    rows = tables(model, history, speed)
    assert rows["history"] == history and rows["speed"] == speed
    assert list(rows["parameters"][0]) == ["part", "layer", "output", "parameters"]
    assert sum(row["parameters"] for row in rows["parameters"]) == model.count_params()
