"""The feature space: its shape, and that it knows a drawn face from no face."""

import numpy as np
import pytest

from zpoints.datasets.toy.draw import draw_face
from zpoints.datasets.toy.factors import sample_row
from zpoints.metrics import feature_space as features
from zpoints.metrics.controls import noise, shuffled
from zpoints.metrics.feature_space import Onet

FACE = (0.2, 0.25, 0.8, 0.9)


@pytest.fixture(scope="module")
def space():
    return Onet(FACE)


@pytest.fixture(scope="module")
def faces():
    return np.stack([draw_face(sample_row(0, index))[20:198] for index in range(8)])


def test_features_do_not_depend_on_batches(space, faces, monkeypatch):
    found = space(faces)
    assert found.shape == (8, space.dimension) and found.dtype == np.float32
    monkeypatch.setattr(features, "BATCH", 3)
    np.testing.assert_allclose(space(faces), found, rtol=1e-4, atol=1e-3)


def test_face_score_tells_faces_from_noise(space, faces):
    rng = np.random.default_rng(0)
    kinds = (faces, shuffled(faces, 6, rng), noise(faces, rng))
    drawn, patches, rubbish = (space.face_scores(space(images)).mean() for images in kinds)
    assert drawn > 0.5 > patches and rubbish < 0.05


def test_first_half_sees_the_box_alone(space, faces):
    behind = faces.copy()
    behind[:, :30] = 0
    one, other = space(faces), space(behind)
    np.testing.assert_allclose(one[:, :256], other[:, :256], rtol=1e-3, atol=1e-2)
    assert np.abs(one[:, 256:] - other[:, 256:]).max() > 0.1
    np.testing.assert_allclose(space.face_scores(one), space.face_scores(other), atol=1e-3)


def test_face_score_is_that_of_the_detector(space, faces):
    import tensorflow as tf
    from mtcnn.network.onet import ONet
    from mtcnn.utils.tensorflow import load_weights

    net = ONet()
    net.build()
    net.set_weights(load_weights("onet.lz4"))
    small = features.at_comparison_size(tf.constant(faces))
    left, top, right, bottom = FACE
    near = tf.image.crop_and_resize(small, [[top, left, bottom, right]] * 8, range(8), (48, 48))
    expected = net((near - 127.5) / 128)[2].numpy()[:, 1]
    np.testing.assert_allclose(space.face_scores(space(faces)), expected, atol=1e-4)


def test_comparison_size_averages_fine_detail():
    fine = np.broadcast_to((255 * (np.indices((192, 192)).sum(axis=0) % 2))[None, ..., None], (1, 192, 192, 3))
    small = features.at_comparison_size(fine.astype(np.uint8)).numpy()
    assert small.shape == (1, 64, 64, 3) and np.abs(small - 127.5).max() < 16
