"""All pairs of models in memory: copies, strangers, and what cannot be compared."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import ortho_group

from zpoints.analyses.similarity import Config, measure
from zpoints.config.block import ConfigError
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable

RNG = np.random.default_rng(0)
MU = RNG.standard_normal((700, 5)) * [4, 3, 2, 1, 1]
TURN = ortho_group.rvs(5, random_state=0)
SPLIT = (np.arange(700) >= 600).astype(np.uint8)
ENTRY = {"kind": "ae", "z_dim": 5, "epochs": 2, "seed": 0}
ENTRIES = {"ae": ENTRY, "ae_seed1": ENTRY | {"seed": 1, "order_seed": 7}, "longer": ENTRY | {"seed": 1, "epochs": 3}}


def latents(mu):
    mu = mu.astype(np.float32)
    return Latents("ae", "none", mu, None, mu, SPLIT)


SPACES = {"ae": latents(MU), "ae_seed1": latents(MU @ TURN), "longer": latents(RNG.standard_normal((700, 5)))}


def run(spaces=SPACES, **keys):
    return measure(spaces, ENTRIES, Config(n_groups=10, subsample=50, **keys))


@pytest.fixture(scope="module")
def found():
    return run()


def test_copy_is_told_from_stranger(found):
    assert found.numbers["models"] == list(SPACES) and found.numbers["images"] == {"train": 600, "held_out": 100}
    copy, stranger, _ = found.numbers["pairs"]
    assert [(pair["a"], pair["b"]) for pair in (copy, stranger)] == [("ae", "ae_seed1"), ("ae", "longer")]
    assert copy["cka"]["value"] > 0.9999 > 0.1 > stranger["cka"]["value"]
    assert copy["procrustes"]["value"] < 1e-6 < 0.1 < copy["unrotated"]["value"]
    assert copy["r2_a_to_b"]["value"] > 0.9999 and stranger["r2_a_to_b"]["value"] < 0.05


def test_pairs_of_seeds_are_known(found):
    assert [pair["seed_alone"] for pair in found.numbers["pairs"]] == [True, False, False]


def test_tables_hold_the_same_numbers(found, tmp_path):
    found.write(tmp_path / "out", "test")
    tables = Measurement.read(tmp_path / "out").tables
    pairs, spectrum = tables["pairs"], tables["canonical"]
    for row, pair in enumerate(found.numbers["pairs"]):
        assert pairs["cka"][row] == pair["cka"]["value"] and pairs["r2_a_to_b_null"][row] == pair["r2_a_to_b"]["null"]
    assert list(pairs["a"]) == ["ae", "ae", "ae_seed1"] and set(spectrum["b"]) == {"ae_seed1", "longer"}
    assert list(spectrum["rank"]) == 3 * [1, 2, 3, 4, 5]


def test_seed_draws_another_null(found):
    pair, other = found.numbers["pairs"][1], run(seed=1).numbers["pairs"][1]
    assert pair["cka"]["null"] != other["cka"]["null"] and pair["neighbours"]["value"] != other["neighbours"]["value"]
    assert pair["cka"]["value"] == other["cka"]["value"]


def test_held_out_images_test_the_maps_alone(found):
    spaces = {}
    for name in ("ae", "ae_seed1"):
        mu = SPACES[name].mu.copy()
        mu[600:] = RNG.standard_normal((100, 5))
        spaces[name] = latents(mu)
    (after,), before = run(spaces).numbers["pairs"], found.numbers["pairs"][0]
    assert after["r2_a_to_b"]["value"] < 0 < before["r2_a_to_b"]["value"]
    for key in ("cka", "canonical", "neighbours", "radius"):
        assert after[key] == before[key]


def test_p_goes_down_to_one_in_a_thousand(found):
    copy, stranger, _ = found.numbers["pairs"]
    alike = ("cka", "procrustes", "procrustes_scaled", "unrotated", "canonical", "neighbours", "r2_a_to_b", "r2_b_to_a")
    assert {copy[name]["p"] for name in alike} == {0.001}
    assert min(stranger[name]["p"] for name in alike) > 0.01
    assert copy["radius"]["p"] > 0.9


def test_collapsed_model_leaves_out_its_pairs_alone():
    collapsed = latents(np.full((700, 3), 7.3))
    copy, *others = run(SPACES | {"longer": collapsed}).numbers["pairs"]
    assert copy["cka"]["value"] > 0.9999
    for pair in others:
        assert pair["not_measurable"].endswith("has 600 times the same one of longer (collapsed model)")
    with pytest.raises(NotMeasurable, match="of longer"):
        run({"ae": SPACES["ae"], "longer": collapsed})


def test_one_model_has_no_pairs():
    with pytest.raises(NotMeasurable, match="needs two models, has 1"):
        run({"ae": SPACES["ae"]})


def test_models_of_other_images_are_refused():
    other = dataclasses.replace(SPACES["longer"], split=np.zeros(700, np.uint8))
    with pytest.raises(UserError, match="longer: expected z-points of the 700 images of ae"):
        run(SPACES | {"longer": other})


def test_more_neighbors_than_images_are_refused():
    with pytest.raises(ConfigError) as caught:
        Config(subsample=20, n_neighbors=20).check()
    assert caught.value.key == "n_neighbors"


def test_noise_of_z_hides_what_mu_shares(found):
    noise = RNG.standard_normal((700, 5)) * [4, 3, 2, 1, 1]
    mu, turned = MU.astype(np.float32), (MU @ TURN).astype(np.float32)
    vae = Latents("vae", "none", mu, np.zeros_like(mu), (mu + noise).astype(np.float32), SPLIT)
    (pair,) = run({"ae": vae, "ae_seed1": latents(turned)}).numbers["pairs"]
    assert not {"cka_z", "r2_a_to_b_z"} & found.numbers["pairs"][0].keys()
    assert pair["cka"]["value"] > 0.9999 and pair["r2_a_to_b"]["value"] > 0.9999 and "r2_b_to_a_z" not in pair
    # As much noise as signal on each axis: R² is 1/2, and that the covariance between is as large as ever.
    for key, expected in (("r2_a_to_b_z", 0.5), ("cka_z", 0.5)):
        assert pair[key]["low"] < pair[key]["value"] < pair[key]["high"]
        assert pair[key]["value"] == pytest.approx(expected, abs=0.08)
