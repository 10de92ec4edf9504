"""Planted attributes and factors are found, and labels that cannot be probed are named."""

import numpy as np
import pytest

from zpoints.analyses.attributes import Config, measure
from zpoints.latents.directions import Directions
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable

RNG = np.random.default_rng(0)
IMAGES = 900
TRAIN = np.arange(IMAGES) < 600
# Axes 0 and 1 hold an attribute each, axes 2 and 3 a factor each; of a third attribute there are too few.
ATTRIBUTES = (RNG.random((IMAGES, 3)) < [0.5, 0.3, 0.01]).astype(np.uint8)
FACTORS = RNG.random((IMAGES, 3)).astype(np.float32)
FACTORS[:, 2] = 7
MU = RNG.standard_normal((IMAGES, 5))
MU[:, :2] += 2 * ATTRIBUTES[:, :2]
MU[:, 2:4] = 10 * FACTORS[:, :2] + 0.1 * MU[:, 2:4]
LABELS = Labels(("One", "Two", "Rare"), ATTRIBUTES, ("first", "second", "constant"), FACTORS)


def run(mu=MU, labels=LABELS, **keys):
    mu = mu.astype(np.float32)
    latents = Latents("ae", "abc", mu, None, mu, (~TRAIN).astype(np.uint8))
    return measure(latents, labels, Config(**{"subsample": 400, "min_count": 20} | keys))


@pytest.fixture(scope="module")
def found():
    return run()


def test_planted_labels_are_found(found):
    assert found.numbers["images"] == {"train": 400, "held_out": 300, "directions": 600}
    attributes, factors = found.numbers["attributes"], found.numbers["factors"]
    assert attributes["probed"] == attributes["beyond_chance"] == 2 and attributes["null_beyond_chance"] == 0
    assert 0.85 < attributes["auc"]["low"] < attributes["auc"]["mean"] < attributes["auc"]["high"] < 0.97
    assert factors["r2"]["mean"] > 0.99 > 0.05 > factors["null"]["mean"]
    assert factors["disentanglement"]["value"] > 0.99 > factors["disentanglement"]["null_most"]


def test_labels_too_rare_are_named(found):
    attributes, factors = found.numbers["attributes"]["left_out"], found.numbers["factors"]["left_out"]
    assert list(attributes) == ["Rare"] and list(factors) == ["constant"]
    assert "of 400 training and" in attributes["Rare"] and "20 are needed" in attributes["Rare"]
    assert factors["constant"].startswith("0 of 400 training and 0 of 300 held-out images")


def test_table_has_a_row_for_each_probe(found):
    table = found.tables["attributes"]
    rows = [("attribute", "One"), ("attribute", "Two"), ("factor", "first"), ("factor", "second")]
    assert list(zip(table["kind"], table["name"], strict=True)) == rows
    assert table["p_holm"][0] < 1e-9 and table["share"][0] == pytest.approx(0.5, abs=0.1)
    assert table[["share", "p_holm", "null_p_holm"]][2:].isna().all(axis=None)
    assert table["value"][:2].mean() == pytest.approx(found.numbers["attributes"]["auc"]["mean"])


def test_directions_are_read_back(found, tmp_path):
    found.write(tmp_path / "attributes", "measure attributes")
    directions = Directions.open(tmp_path / "attributes", "abc")
    assert directions.names == ("One", "Two")
    has = ATTRIBUTES[TRAIN, 1] == 1
    expected = MU[TRAIN][has].mean(axis=0) - MU[TRAIN][~has].mean(axis=0)
    np.testing.assert_allclose(directions.of("Two"), expected, atol=1e-5)
    assert np.abs(directions.of("Two", "normal")).argmax() == 1


def test_noise_of_z_is_what_probes_lose(found):
    mu = MU.astype(np.float32)
    noise = np.random.default_rng(1).normal(0, [2, 0, 20, 0, 1], MU.shape)
    latents = Latents("vae", "abc", mu, np.zeros_like(mu), (mu + noise).astype(np.float32), (~TRAIN).astype(np.uint8))
    noisy = measure(latents, LABELS, Config(subsample=400, min_count=20))
    for kind, key in (("attributes", "auc"), ("factors", "r2")):
        numbers = noisy.numbers[kind]
        assert numbers[key] == found.numbers[kind][key]
        assert numbers["lost"]["mean"] == pytest.approx(numbers[key]["mean"] - numbers["z"]["mean"])
        assert 0.05 < numbers["lost"]["low"] < numbers["lost"]["mean"] < numbers["lost"]["high"]
    rows = noisy.tables["attributes"].set_index("name")
    assert rows["z"]["One"] < rows["value"]["One"] - 0.1 and rows["z"]["first"] < 0.1
    np.testing.assert_allclose(rows["z"][["Two", "second"]], rows["value"][["Two", "second"]], atol=0.01)


def test_autoencoder_has_no_other_z(found):
    assert not {"z", "lost"} & found.numbers["attributes"].keys()
    assert found.tables["attributes"]["z"].isna().all()


def test_held_out_images_test_the_probes():
    mu = MU.copy()
    mu[~TRAIN] = RNG.standard_normal((300, 5))
    numbers = run(mu).numbers
    assert numbers["attributes"]["auc"]["mean"] < 0.65 and numbers["factors"]["r2"]["mean"] < 0


def test_seed_draws_another_null(found):
    assert run(seed=1).numbers["attributes"]["null"] != found.numbers["attributes"]["null"]


def test_factors_alone_are_enough(tmp_path):
    found = run(labels=Labels(factor_names=LABELS.factor_names, factors=FACTORS))
    assert found.numbers["attributes"] == {"probed": 0, "left_out": {}} and found.numbers["factors"]["probed"] == 2
    found.write(tmp_path / "attributes", "measure attributes")
    assert Directions.open(tmp_path / "attributes", "abc").normal.shape == (0, 5)


def test_labels_that_look_like_numbers(tmp_path):
    found = run(labels=Labels(("5", "Two", "nan"), ATTRIBUTES))
    found.write(tmp_path / "attributes", "measure attributes")
    assert list(Measurement.read(tmp_path / "attributes").tables["attributes"]["name"]) == ["5", "Two"]


def test_no_labels_are_not_measurable():
    with pytest.raises(NotMeasurable, match="needs attributes or factors of the images, has none"):
        run(labels=Labels())
    with pytest.raises(NotMeasurable, match=r"needs a label in which 300 .* has none in 400 and 300 images"):
        run(min_count=300)
