"""The classifier: finds what is in the features, does not lean to the frequent kind, and tells how well it does."""

import numpy as np
import pytest

from zpoints.metrics.attribute_classifier import AttributeClassifier

RNG = np.random.default_rng(0)
LABELS = (RNG.random((2000, 2)) < [0.5, 0.05]).astype(np.uint8)
FEATURES = RNG.standard_normal((2000, 6))
FEATURES[:, :2] += 2 * LABELS
TRAIN, TEST = slice(1000), slice(1000, None)
CLASSIFIER = AttributeClassifier.fit(FEATURES[TRAIN], LABELS[TRAIN], ("Common", "Rare"))


def test_auc_on_unseen_images_is_known():
    found = CLASSIFIER.describe(FEATURES[TEST], LABELS[TEST])
    for name in ("Common", "Rare"):
        # Two normals two standard deviations apart: the AUC is that of a normal at sqrt(2).
        assert found[name]["low"] < 0.921 < found[name]["high"] and abs(found[name]["auc"] - 0.921) < 0.05


def test_rare_attribute_is_found_as_often_as_absence():
    verdicts = CLASSIFIER.scores(FEATURES[TEST])[:, 1] > 0
    has = LABELS[TEST, 1] == 1
    assert verdicts[has].mean() == pytest.approx((~verdicts[~has]).mean(), abs=0.12)
    assert verdicts[has].mean() > 0.7


def test_noise_tells_nothing():
    noise = RNG.standard_normal((1000, 6))
    assert abs(CLASSIFIER.describe(noise, LABELS[TEST])["Common"]["auc"] - 0.5) < 0.06


def test_single_class_has_no_auc():
    found = CLASSIFIER.describe(FEATURES[TEST], np.ones((1000, 2), np.uint8))
    assert found["Common"] == {"auc": None, "low": None, "high": None}


def test_fewer_attributes_score_the_same():
    one = CLASSIFIER.only(["Rare"])
    assert one.names == ("Rare",)
    np.testing.assert_allclose(one.scores(FEATURES)[:, 0], CLASSIFIER.scores(FEATURES)[:, 1], atol=1e-12)
