"""The noise of a VAE whose axes are known, and of a plain autoencoder, which has none."""

import numpy as np
import pytest

from tests.analyses.sections import results_of, section
from zpoints.analyses import posterior
from zpoints.latents.store import Latents


@pytest.fixture
def latents():
    rng = np.random.default_rng(0)
    mu = rng.standard_normal((900, 6)) * [3, 1, 1, 1, 1, 0.01] + [4, 0, 0, 0, 0, 0]
    logvar = rng.normal(-3, 1, (900, 6))
    z = mu + np.exp(logvar / 2) * rng.standard_normal((900, 6))
    arrays = (array.astype(np.float32) for array in (mu, logvar, z))
    return Latents("vae", "none", *arrays, np.zeros(900, np.uint8))


def test_every_axis_of_a_vae_is_described(latents):
    measurement = posterior.measure(latents, posterior.Config(threshold=0.2, intervals=((-4, -2), (-2, 0))))
    numbers, axes = measurement.numbers, measurement.tables["noise"]
    assert axes["axis"].tolist() == list(range(6)) and axes["active"].tolist() == [1, 1, 1, 1, 1, 0]
    assert numbers["mu"]["active"] == 5
    for name in ("balance", "kl"):
        values = axes[name]
        assert numbers[name] == pytest.approx({"mean": values.mean(), "min": values.min(), "max": values.max()})
    assert axes["balance"][0] == pytest.approx(9 + 16, rel=0.15)
    inside = (latents.logvar >= -4) & (latents.logvar < -2)
    assert numbers["logvar"]["count"]["-4 to -2"] == inside.sum()
    beyond = np.abs(latents.z.astype(float) - latents.mu) > 0.2
    assert numbers["displacement"]["components_beyond"] == {"0.2": beyond.sum()}
    assert measurement.tables["logvar"]["share"].sum() == pytest.approx(1)


def test_plain_autoencoder_has_mu_alone(latents):
    plain = Latents("ae", "none", latents.mu, None, latents.mu, latents.split)
    measurement = posterior.measure(plain, posterior.Config())
    assert set(measurement.numbers) == {"mu"} and measurement.numbers["mu"]["active"] == 5
    assert not measurement.tables


@pytest.mark.parametrize(("fact", "told"), [(0.0, True), (1e-5, False)])
def test_section_says_where_nothing_holds_logvar(latents, fact, told):
    results = results_of("posterior", {"vae": posterior.measure(latents, posterior.Config())})
    results.rows["vae"]["fact"] = fact
    assert ("no KL divergence acts on logvar" in section("posterior", results)[0]) == told
