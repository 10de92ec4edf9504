"""The judge: finds what is in the features, does not lean to the frequent kind, and tells how well it does."""

import numpy as np
import pytest

from zpoints.metrics.attribute_classifier import AttributeClassifier

RNG = np.random.default_rng(0)
LABELS = (RNG.random((2000, 2)) < [0.5, 0.05]).astype(np.uint8)
FEATURES = RNG.standard_normal((2000, 6))
FEATURES[:, :2] += 2 * LABELS
TRAIN, TEST = slice(1000), slice(1000, None)
JUDGE = AttributeClassifier.fit(FEATURES[TRAIN], LABELS[TRAIN], ("Common", "Rare"))


def test_it_knows_what_it_has_learnt_on_images_it_has_not_seen():
    found = JUDGE.describe(FEATURES[TEST], LABELS[TEST])
    for name in ("Common", "Rare"):
        # Two normals two standard deviations apart: the AUC is that of a normal at sqrt(2).
        assert found[name]["low"] < 0.921 < found[name]["high"] and abs(found[name]["auc"] - 0.921) < 0.05


def test_a_rare_attribute_is_found_as_often_as_its_absence():
    verdicts = JUDGE.scores(FEATURES[TEST])[:, 1] > 0
    has = LABELS[TEST, 1] == 1
    assert verdicts[has].mean() == pytest.approx((~verdicts[~has]).mean(), abs=0.12)
    assert verdicts[has].mean() > 0.7


def test_features_without_the_attribute_tell_nothing():
    noise = RNG.standard_normal((1000, 6))
    assert abs(JUDGE.describe(noise, LABELS[TEST])["Common"]["auc"] - 0.5) < 0.06


def test_images_of_one_kind_have_no_auc():
    found = JUDGE.describe(FEATURES[TEST], np.ones((1000, 2), np.uint8))
    assert found["Common"] == {"auc": None, "low": None, "high": None}


def test_a_judge_of_fewer_attributes_says_the_same_of_them():
    one = JUDGE.only(["Rare"])
    assert one.names == ("Rare",)
    np.testing.assert_allclose(one.scores(FEATURES)[:, 0], JUDGE.scores(FEATURES)[:, 1], atol=1e-12)
