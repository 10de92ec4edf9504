"""Rate and distortion of small models, in the nats of a textbook's ELBO."""

import numpy as np
import pytest
import tensorflow as tf

from tests.analyses.sections import results_of, section
from tests.lab import AE, VAE, make_shards
from zpoints.analyses import discovery, rate_distortion
from zpoints.latents.store import Latents
from zpoints.latents.trained import Trained
from zpoints.measurement import NotMeasurable
from zpoints.models.autoencoder import build, noise_key, unit_range
from zpoints.models.losses import entropy
from zpoints.shards.store import Shards
from zpoints.training.summary import beta

pytestmark = pytest.mark.slow

CONFIG = rate_distortion.Config(images=25, points=50, subsample=30, n_permutations=19)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards"), images=75))


def measured(shards, spec, config=CONFIG, **changed):
    model = Trained("m", build(spec.model_copy(update=changed), 16, seed=1), "print")
    mu, logvar = model.model.encode(tf.constant(shards.read(np.arange(75))))
    latents = Latents.of(mu.numpy(), None if logvar is None else logvar.numpy(), split=shards.split)
    return rate_distortion.measure(model, latents, shards, config), model.model, latents


@pytest.mark.parametrize(("loss", "scale"), [("bce", 3), ("mse", 1.5)])
def test_distortion_and_weighted_rate_are_the_training_loss(shards, loss, scale):
    found, network, latents = measured(shards, VAE, loss=loss, fact=0.7)
    images = shards.read(latents.rows("held_out"))
    terms = network.forward(tf.constant(images), noise_key(CONFIG.seed, tf.constant(0)), training=False).terms
    floor = entropy(images).mean() if loss == "bce" else 0
    numbers = found.numbers
    assert numbers["beta"] == beta(network.spec) == scale * 0.7
    assert numbers["rate"]["value"] == pytest.approx(float(tf.reduce_mean(terms["kl"])) / 0.7, rel=1e-4)
    assert numbers["excess"]["z"]["value"] == pytest.approx(float(tf.reduce_mean(terms["reco"])) - floor, rel=1e-4)
    total = scale * (float(tf.reduce_mean(terms["total"])) - floor)
    assert numbers["distortion"]["z"]["value"] + numbers["beta"] * numbers["rate"]["value"] == pytest.approx(
        total, 1e-4
    )
    assert numbers["distortion"]["mu"]["per_pixel"] * 16**2 == pytest.approx(scale * numbers["excess"]["mu"]["value"])


def test_noise_costs_the_difference_on_the_same_images(shards):
    numbers = measured(shards, VAE)[0].numbers
    excess = numbers["excess"]
    assert excess["noise"]["value"] == pytest.approx(excess["z"]["value"] - excess["mu"]["value"])
    assert excess["noise"]["low"] <= excess["noise"]["value"] <= excess["noise"]["high"]


def test_axes_sum_to_the_rate(shards):
    found = measured(shards, VAE)[0]
    axes, numbers = found.tables["axes"], found.numbers
    assert axes["kl"].sum() == pytest.approx(numbers["rate"]["value"])
    assert numbers["axes"]["used"] == (axes["kl"] > 0.01).sum()
    assert numbers["axes"]["active"] == (axes["variance"] > 0.01).sum()


def test_autoencoder_has_distortion_alone(shards):
    found = measured(shards, AE)[0]
    assert found.numbers["posterior"] == "not measurable: an autoencoder has no posterior"
    assert not {"rate", "axes", "information", "beta"} & found.numbers.keys() and not found.tables
    assert found.numbers["distortion"].keys() == found.numbers["energy"].keys() == {"mu"}


def test_noiseless_vae_has_no_rate(shards):
    found = measured(shards, VAE, fact=0.0, eps_factor=0.0)[0]
    assert found.numbers["posterior"] == "not measurable: eps_factor = 0 leaves no noise"
    assert "rate" not in found.numbers and found.numbers["beta"] == 0


def test_rate_is_of_the_noise_that_z_gets(shards):
    whole, half = (measured(shards, VAE, eps_factor=factor)[0].numbers["rate"]["value"] for factor in (1.0, 0.5))
    sigma2 = np.exp(np.asarray(measured(shards, VAE)[2].logvar[shards.rows("held_out")], np.float64)).sum(axis=1).mean()
    assert half - whole == pytest.approx(VAE.z_dim * np.log(2) - 0.375 * sigma2, rel=1e-4)


def test_quality_needs_no_feature_space(shards):
    assert not {"feature_space", "reference"} & discovery.needs(rate_distortion.measure)
    found, network, latents = measured(shards, AE)
    images = shards.read(latents.rows("held_out"))
    again = network(unit_range(tf.constant(images))).numpy()
    mse = np.square(images / 255 - again).mean(axis=(1, 2, 3))
    quality = found.numbers["quality"]["mu"]
    assert quality["mse"] == pytest.approx(mse.mean(), rel=1e-4)
    assert quality["psnr"] == pytest.approx((-10 * np.log10(mse)).mean(), rel=1e-4)
    assert quality["sharpness"] >= 0


def test_too_few_images_are_not_measurable(shards):
    few = Latents.of(np.zeros((75, 4)), split=np.r_[np.zeros(74), 1])
    with pytest.raises(NotMeasurable, match="needs 20 held-out images, has 1"):
        rate_distortion.measure(Trained("m", build(AE, 16), "print"), few, shards, CONFIG)


def test_section_says_who_has_no_rate(shards):
    measurements = {"ae": measured(shards, AE)[0], "vae": measured(shards, VAE)[0]}
    html, drawings = section(
        "rate_distortion", results_of("rate_distortion", measurements, models=["vae", "ae", "gone"])
    )
    assert "an autoencoder has no posterior" in html and list(drawings) == ["rate_distortion"]
    assert "gone" not in html
