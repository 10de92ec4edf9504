"""Factors of toy faces: their table, their sampling, and the attributes that follow from them."""

import numpy as np
import pytest

from zpoints.datasets.labels import ATTRIBUTES
from zpoints.datasets.toy.attributes import RULES, attributes
from zpoints.datasets.toy.factors import BLOCK, FACTORS, TABLE, identity_of, sample_row, sample_rows


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return sample_rows(seed=0, first=0, last=2000)


@pytest.fixture(scope="module")
def columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(FACTORS, rows.T, strict=True))


@pytest.fixture(scope="module")
def labels(rows: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(ATTRIBUTES, attributes(rows).T, strict=True))


def test_every_factor_is_named_once_and_explained():
    assert len(set(FACTORS)) == len(FACTORS)
    assert all(factor.meaning and factor.unit and factor.low < factor.high for factor in TABLE)


def test_factors_stay_in_their_range_and_vary(columns):
    for factor in TABLE:
        values = columns[factor.name]
        assert values.min() >= np.float32(factor.low) and values.max() <= np.float32(factor.high), factor.name
        assert values.std() > 0.02 * (factor.high - factor.low), factor.name


def test_a_row_depends_on_seed_and_index_only(rows):
    np.testing.assert_array_equal(sample_rows(seed=0, first=1234, last=1300), rows[1234:1300])
    assert sample_row(0, 5) != sample_row(1, 5)


def test_images_of_one_identity_share_what_is_fixed_and_vary_in_the_rest():
    people = [identity_of(0, index) for index in range(BLOCK)]
    assert 4 <= len(set(people)) < BLOCK
    often = max(people, key=people.count)
    one, other = (sample_row(0, index) for index in [i for i, person in enumerate(people) if person == often][:2])
    for factor in TABLE:
        if factor.scope == "person":
            assert one[factor.name] == other[factor.name], factor.name
    assert all(one[name] != other[name] for name in ("yaw", "back_light", "light_side"))


def test_blocks_do_not_share_identities():
    first = {identity_of(0, index) for index in range(BLOCK)}
    second = {identity_of(0, index) for index in range(BLOCK, 2 * BLOCK)}
    assert not first & second


def test_every_attribute_takes_both_values_in_2000_images(rows):
    for faces in (rows, sample_rows(1, 0, 2000)):
        share = attributes(faces).mean(axis=0)
        assert not [name for name, value in zip(ATTRIBUTES, share, strict=True) if not 0.0 < value < 1.0]


def test_attributes_are_as_frequent_as_in_life(labels):
    expected = {
        "Male": (0.3, 0.55), "Young": (0.6, 0.9), "Smiling": (0.35, 0.6),
        "No_Beard": (0.65, 0.95), "Bald": (0.005, 0.08), "Eyeglasses": (0.03, 0.15),
        "Wearing_Hat": (0.02, 0.1), "Blond_Hair": (0.07, 0.3), "Wearing_Lipstick": (0.3, 0.6),
        "Gray_Hair": (0.01, 0.1),
    }  # fmt: skip
    for name, (low, high) in expected.items():
        assert low < labels[name].mean() < high, name


def test_there_is_a_rule_for_each_official_attribute():
    assert set(RULES) == set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("attribute", "factor"),
    [("Male", "male"), ("Smiling", "smile"), ("Mouth_Slightly_Open", "mouth_open"), ("Eyeglasses", "glasses"),
     ("Wearing_Hat", "hat"), ("Big_Lips", "lip_fullness"), ("Bushy_Eyebrows", "brow_thickness"),
     ("Blurry", "blur"),
     ("Rosy_Cheeks", "blush"), ("Chubby", "fullness"), ("Goatee", "goatee"),
     ("Wearing_Lipstick", "lipstick"), ("Bags_Under_Eyes", "eye_bags"), ("Arched_Eyebrows", "brow_arch")],
)  # fmt: skip
def test_attributes_agree_with_their_factors(labels, columns, attribute, factor):
    present = labels[attribute] == 1
    assert columns[factor][present].min() > columns[factor][~present].max() - 1e-6


def test_hair_has_at_most_one_colour_and_the_bald_none(labels):
    colours = sum(labels[name] for name in ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair"))
    assert colours.max() == 1
    assert not colours[labels["Bald"] == 1].any()


@pytest.mark.parametrize(
    ("one", "other", "sign"),
    [("male", "beard", 1), ("male", "makeup", -1), ("male", "hair_length", -1), ("male", "lipstick", -1),
     ("age", "hair_grey", 1), ("age", "baldness", 1), ("age", "glasses", 1), ("age", "eye_bags", 1),
     ("skin", "hair_shade", -1), ("skin", "iris", -1), ("smile", "mouth_open", 1), ("makeup", "lipstick", 1)],
)  # fmt: skip
def test_correlations_have_the_sign_they_have_in_life(columns, one, other, sign):
    assert sign * np.corrcoef(columns[one], columns[other])[0, 1] > 0.05


def test_beards_are_men_s(columns):
    for name in ("beard", "moustache", "goatee", "stubble", "sideburns"):
        assert not columns[name][columns["male"] == 0].any()
