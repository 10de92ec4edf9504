"""The metric of a training: its numbers, and beta in the units of other repositories."""

import numpy as np
import pytest
import tensorflow as tf

from tests.lab import AE, VAE, make_shards
from zpoints.models.losses import RECONSTRUCTION, kl_divergence
from zpoints.config.training import Training
from zpoints.shards.store import Shards
from zpoints.training.fit import fit
from zpoints.training.summary import beta
from zpoints.training.summary import beta_line
from zpoints.training.summary import summary

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


def test_with_bce_three_times_the_total_is_the_textbooks_bernoulli_elbo_with_this_beta():
    spec = VAE.model_copy(update={"fact": 0.7})
    p = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    bce = -(IMAGES * np.log(p) + (1 - IMAGES) * np.log1p(-p)).sum(axis=(1, 2, 3))
    kl = 0.5 * (np.square(MU) + np.exp(LOGVAR) - 1 - LOGVAR).sum(axis=1)
    np.testing.assert_allclose(3 * total(spec), bce + beta(spec) * kl, rtol=1e-5)


def test_with_mse_one_and_a_half_totals_are_half_the_squared_error_and_this_beta():
    spec = VAE.model_copy(update={"fact": 0.7, "loss": "mse"})
    sse = np.square(IMAGES - 1 / (1 + np.exp(-LOGITS.astype(np.float64)))).sum(axis=(1, 2, 3))
    kl = 0.5 * (np.square(MU) + np.exp(LOGVAR) - 1 - LOGVAR).sum(axis=1)
    np.testing.assert_allclose(1.5 * total(spec), 0.5 * sse + beta(spec) * kl, rtol=1e-5)


def test_the_beta_line_speaks_of_the_loss_in_use_alone_and_an_ae_has_none():
    bce = beta_line(VAE.model_copy(update={"fact": 5.0}))
    mse = beta_line(VAE.model_copy(update={"fact": 2e-2, "loss": "mse", "fact_warmup_epochs": 3.0}))
    assert bce is not None and "fact = 5:" in bce and "beta = 15 of BCE" in bce and "SSE" not in bce
    assert mse is not None and "fact = 0.02, reached over 3 epochs:" in mse
    assert "beta = 0.03 of 0.5 * SSE" in mse and "BCE" not in mse
    assert beta_line(AE) is beta(AE) is None


def test_the_summary_holds_the_parameters_and_the_last_epoch(trained):
    model, history = trained
    result, last = summary(model, history), history[-1]
    assert result["parameters"]["total"] == model.encoder.count_params() + model.decoder.count_params()
    assert result["held_out"]["reco_above_floor"] == last["val_reco"] - last["val_floor"]
    assert result["train"]["reco"] == last["reco"] and result["epochs"] == 2
    assert result["beta"] == beta(VAE) and result["train"]["fact"] == VAE.fact
    for name in ("radius_mean", "radius_max", "logvar_mean", "active_units"):
        assert result["held_out"][name] == last[name] and name not in result["train"]
