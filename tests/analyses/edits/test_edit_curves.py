"""Edits where everything is known: z-points are their own features, and the classifier reads off two axes."""

import numpy as np
import pytest

from zpoints.analyses.edits.method.edit_curves import (
    Faces,
    Outcome,
    answers,
    control_directions,
    cosine,
    outcome_of,
    row_of,
    success_at,
    summary,
    triples,
)
from zpoints.metrics.attribute_classifier import AttributeClassifier
from zpoints.stats.confidence import wilson

RNG = np.random.default_rng(0)
CLASSIFIER = AttributeClassifier(("One", "Two"), np.eye(6)[:2], np.zeros(2))
STRENGTHS = np.array([1.0, 4.0])
ONE = np.eye(6)[0]


def features_of(z):
    return z.astype(np.float64)


def make_faces(count=200):
    """Attribute k is there where axis k is above 0, and each is one away from its plane; other axes are anyone's."""
    labels = (RNG.random((count, 2)) < 0.5).astype(np.uint8)
    mu = RNG.standard_normal((count, 6))
    mu[:, :2] = 2.0 * labels - 1
    mu = mu.astype(np.float32)
    return Faces(mu, features_of(mu), labels, np.zeros(6))


FACES = make_faces()


def moved(vector, column=0, strengths=STRENGTHS):
    vectors = np.broadcast_to(vector, FACES.mu.shape)
    return outcome_of(FACES, column, vectors, strengths, features_of, CLASSIFIER)


def test_strong_edit_flips_label_both_ways():
    found = moved(0.5 * ONE)
    assert found.success[:, 0].mean() == 0 and found.success[:, 1].mean() == 0 and found.success[:, 2].all()


def test_other_directions_change_other_attributes():
    assert not moved(-ONE).success.any() and not moved(-ONE).others.any()
    found = moved(np.eye(6)[1])
    assert not found.success.any() and 0.3 < found.others[:, 2].mean() < 0.7
    assert not found.others[:, 0].any()


def test_identity_falls_with_distance():
    found = moved(ONE)
    np.testing.assert_allclose(found.identity[:, 0], 1)
    assert (np.diff(found.identity.mean(axis=0)) < 0).all()
    far = moved(ONE, strengths=np.array([1e6])).identity[:, 1]
    expected = np.where(FACES.labels[:, 0] == 0, 1, -1) * cosine(FACES.features, ONE)
    np.testing.assert_allclose(far, expected, atol=1e-3)


def test_common_features_are_no_identity():
    shifted = Faces(FACES.mu, FACES.features + 100, FACES.labels, FACES.center + 100)
    one, other = shifted.features[:100], shifted.features[100:]
    np.testing.assert_allclose(shifted.identity(one, other), cosine(one - 100, other - 100))
    assert abs(shifted.identity(one, other).mean()) < 0.15 < 0.99 < cosine(one, other).mean()


def test_half_of_the_faces_have_the_attribute():
    chosen = FACES.choose(1, 41, np.random.default_rng(0))
    assert len(set(chosen)) == 40 and FACES.of(chosen).labels[:, 1].sum() == 20
    few = Faces(FACES.mu, FACES.features, np.eye(200, 2, dtype=np.uint8), FACES.center)
    assert len(few.choose(0, 40, np.random.default_rng(0))) == 2


def test_controls_have_the_length_of_the_direction():
    train = np.zeros((50, 6), np.float32)
    train[:, 2] = RNG.standard_normal(50)
    found = control_directions(3 * ONE, 500, train, np.random.default_rng(0))
    assert (found["direction"] == 3 * ONE).all()
    np.testing.assert_allclose(np.linalg.norm(found["random"], axis=1), 3)
    assert np.abs(found["random"].mean(axis=0)).max() < 0.3
    lengths = np.linalg.norm(found["faces"], axis=1)
    # A face that meets itself has no difference.
    assert set(np.round(lengths, 9)) <= {0.0, 3.0} and np.mean(lengths > 0) > 0.9
    assert not found["faces"][:, [0, 1, 3, 4, 5]].any()


def outcomes():
    return {"direction": moved(ONE), "random": moved(np.eye(6)[3]), "faces": moved(0.1 * ONE)}


def test_row_has_means_and_intervals():
    found = row_of(outcomes(), 2)
    assert found["success"] == found["success_high"] == 1 and 0.95 < found["success_low"] < 1
    assert found["identity_low"] < found["identity"] < found["identity_high"]
    assert found["random_success"] == found["faces_success"] == 0
    assert found["faces_identity"] > found["random_identity"]


def flat(success, identity):
    values = np.tile(identity, (50, 1))
    return Outcome(np.tile(success, (50, 1)), values, values)


def test_success_is_interpolated_between_strengths():
    assert success_at(flat([0, 0.4, 0.8], [1.0, 0.8, 0.4]), 0.6) == pytest.approx(0.6)
    assert success_at(flat([0, 0.4, 0.8], [1.0, 0.8, 0.4]), 0.8) == pytest.approx(0.4)
    assert success_at(flat([0, 0.4, 0.8], [1.0, 0.8, 0.4]), 0.3) is None


def test_interval_needs_every_resample():
    far = {name: flat([0, 0.4, 0.8], [1.0, 0.8, 0.4]) for name in ("direction", "random")}
    found = summary(far | {"faces": flat([0, 0, 0], [1, 1, 1])}, 0.6, (0,))
    assert [found[key] for key in ("success", "random")] == pytest.approx([0.6] * 2)
    assert (found["low"], found["high"]) == pytest.approx(wilson(0.6, 50))
    assert found["faces"] is None
    mixed = flat([0, 1], [1.0, 0.6])
    mixed.identity[:25, 1] = 0.62
    found = summary({name: mixed for name in ("direction", "random", "faces")}, 0.6105, (0,))
    assert found["success"] is not None and found["low"] is None and found["high"] is None


def test_analogy_faces_are_of_the_right_kinds():
    found = triples(FACES.labels, 30, 3, np.random.default_rng(0))
    kinds = FACES.labels[found]
    assert found.shape == (30, 7)
    assert (kinds[:, :3] == [1, 0]).all() and (kinds[:, 3:6] == [0, 0]).all() and (kinds[:, 6] == [0, 1]).all()
    assert all(len(set(line)) == 7 for line in found)
    assert triples(np.ones((9, 2), np.uint8), 3, 1, np.random.default_rng(0)) is None


def test_answer_is_a_minus_b_plus_c():
    mu = np.arange(12, dtype=np.float32).reshape(6, 2) ** 2
    expected = (mu[0] + mu[1]) / 2 - (mu[2] + mu[3]) / 2 + mu[4]
    np.testing.assert_allclose(answers(mu, np.array([[0, 1, 2, 3, 4]])), [expected])
    own = answers(FACES.mu, triples(FACES.labels, 30, 3, np.random.default_rng(0)))
    assert (CLASSIFIER.scores(features_of(own)) > 0).all()
