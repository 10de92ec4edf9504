"""The law of logvar for small models: what is compared, and when there is no law."""

import numpy as np
import pytest

from tests.lab import AE, VAE, make_shards
from zpoints.analyses import curvature
from zpoints.errors import UserError
from zpoints.latents.trained import Trained
from zpoints.models.autoencoder import build
from zpoints.shards.store import Shards

pytestmark = pytest.mark.slow

CONFIG = curvature.Config(images=8, n_draws=4)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return Shards.open(make_shards(tmp_path_factory.mktemp("shards")))


@pytest.fixture(autouse=True)
def _all_axes_are_active(monkeypatch):
    monkeypatch.setattr("zpoints.stats.active_units.ACTIVE_VARIANCE", 0.0)


def model_of(spec=VAE, size=16, **changed):
    return Trained("vae", build(spec.model_copy(update=changed), size, seed=1), "none")


def test_vae_is_compared_with_its_law(shards):
    measurement = curvature.measure(model_of(), shards, CONFIG)
    numbers, axes = measurement.numbers, measurement.tables["curvature"]
    assert numbers["images"] == 8 and numbers["active_axes"] == 4
    assert set(numbers["law"]) == {"at_mu", "over_noise", "ratio", "image_correlation"} and numbers["at_mu"]["min"] > 0
    np.testing.assert_allclose(axes["predicted_at_mu"], np.log(VAE.fact / (axes["at_mu"] + VAE.fact)))
    assert numbers["logvar"]["measured"] == pytest.approx(axes["logvar"].mean())
    ratio = numbers["law"]["ratio"]
    assert ratio["mean"] == pytest.approx(axes["law_ratio"].mean()) and ratio["low"] < ratio["mean"] < ratio["high"]
    assert ratio["min"] == axes["law_ratio"].min() and -1 <= numbers["law"]["image_correlation"] <= 1
    difference = (axes["logvar"] - axes["predicted_at_mu"]).mean()
    assert numbers["law"]["at_mu"]["difference"] == pytest.approx(difference)


def test_plain_autoencoder_has_no_law(shards):
    model = model_of(AE)
    measurement = curvature.measure(model, shards, CONFIG)
    other = curvature.measure(model, shards, CONFIG.model_copy(update={"seed": 1})).numbers
    assert other["at_mu"] != measurement.numbers["at_mu"], "of other images"
    axes = measurement.tables["curvature"]
    assert not {"law", "logvar", "cost"} & set(measurement.numbers)
    assert axes.columns.tolist() == ["axis", "active", "variance", "at_mu"] and (axes["at_mu"] > 0).all()
    assert measurement.numbers["cost_of_a_std"] == pytest.approx((axes["variance"] * axes["at_mu"]).mean() / 2)


@pytest.mark.parametrize(
    ("changed", "kinds"), [({"fact": 0.0}, None), ({"eps_factor": 0.0}, {"at_mu", "image_correlation"})]
)
def test_law_needs_fact_and_noise(shards, changed, kinds):
    numbers = curvature.measure(model_of(**changed), shards, CONFIG).numbers
    assert (set(numbers["law"]) if "law" in numbers else None) == kinds
    assert (numbers["cost"]["second_order"] > 0) == (numbers["cost"]["measured"] != 0) == ("eps_factor" not in changed)


def test_held_out_images_change_nothing(tmp_path):
    model = model_of()
    before = curvature.measure(model, Shards.open(make_shards(tmp_path)), curvature.Config(images=1000, n_draws=1))
    pixels = np.load(tmp_path / "shard_000.npy")
    pixels[np.load(tmp_path / "split.npy") == 1] = 0
    np.save(tmp_path / "shard_000.npy", pixels)
    after = curvature.measure(model, Shards.open(tmp_path), curvature.Config(images=1000, n_draws=1))
    assert after.numbers == before.numbers and before.numbers["images"] == 26


def test_images_of_another_size_are_refused(shards):
    with pytest.raises(UserError, match=r"expected images of 32 pixels, received images of 16$"):
        curvature.measure(model_of(size=32), shards, CONFIG)
