"""The space in which pictures are compared: what a network sees that was trained on faces, and on none of ours.

All images are resized to 64 pixels first, with an antialiasing filter and never through JPEG, then to whatever the
network reads. So a model of 96 pixels and one of 64 can be compared. The networks of zpoints.metrics.onnx_space, which
a user brings, read the images as their publications say.
"""

from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from zpoints.config.features import Features
from zpoints.measurement import NotMeasurable
from zpoints.models.batches import batches
from zpoints.shards.store import Shards

BATCH = 250
FACES_ASKED = 100  # real images that are shown to the network before it judges others
COMPARISON_SIZE = 64  # pixels across, to which all pictures are resized first
INPUT = 48  # that O-Net reads
Box = tuple[float, float, float, float]


class FeatureSpace(Protocol):
    """A feature space: another one that has these may take the detector's place."""

    dimension: int
    raw: bool  # whether KID and Frechet distance are of the features as they are, as publications have them

    def describe(self) -> dict[str, Any]:
        """What tells it from any other, for JSON: `space`, its name, `dimension`, and its settings."""

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Features of pictures, uint8 (n, size, size, 3): float32 (n, dimension)."""

    def face_scores(self, features: np.ndarray) -> np.ndarray | None:
        """How surely each is a face, float64 (n,) in [0, 1], from features (n, dimension); None if it can't tell."""


class Onet:
    """The last hidden layer of O-Net, the network that decides in the face detector MTCNN: Zhang et al. (2016).

    O-Net reads 48 x 48 pixels. It looks twice at each picture: at the box where the face is, as in its training, and at
    the whole. The features are the 256 values before the layer's activation of the first look, then of the second.

    Args: face, where the face is: left, top, right and bottom in shares of the picture, each in [0, 1].
    """

    dimension, raw = 512, False

    def __init__(self, face: Box) -> None:
        from mtcnn.network.onet import ONet  # type: ignore[import-untyped]
        from mtcnn.utils.tensorflow import load_weights  # type: ignore[import-untyped]

        net = ONet()
        net.build()
        net.set_weights(load_weights("onet.lz4"))
        self._face = face
        left, top, right, bottom = face
        blocks = [
            *(net.conv1, net.prelu1, net.maxpool1, net.conv2, net.prelu2, net.maxpool2),
            *(net.conv3, net.prelu3, net.maxpool3, net.conv4, net.prelu4, net.permute, net.flatten, net.fc5),
        ]

        def look(images: tf.Tensor) -> tf.Tensor:
            small = at_comparison_size(images)
            count = tf.shape(small)[0]
            # The box is enlarged, never shrunk below half: no filter is needed.
            box = tf.tile([[top, left, bottom, right]], [count, 1])
            near = tf.image.crop_and_resize(small, box, tf.range(count), (INPUT, INPUT))
            values = tf.concat([near, tf.image.resize(small, (INPUT, INPUT), antialias=True)], axis=0)
            values = (values - 127.5) / 128
            for block in blocks:
                values = block(values)
            return tf.concat([values[:count], values[count:]], axis=1)

        signature = [tf.TensorSpec((None, None, None, 3), tf.uint8)]
        self._look = tf.function(look, input_signature=signature, autograph=False)
        self._slopes = net.prelu5.get_weights()[0].astype(np.float64)
        self._weights, self._bias = (values.astype(np.float64) for values in net.fc6_3.get_weights())

    def describe(self) -> dict[str, Any]:
        return {"space": "onet", "dimension": self.dimension, "face": list(self._face)}

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([self._look(tf.constant(part)).numpy() for part in batches(images, BATCH)])

    def face_scores(self, features: np.ndarray) -> np.ndarray:
        """The detector's own last step: its probability that the box holds a face."""
        near = features[:, : len(self._slopes)].astype(np.float64)
        logits = np.where(near > 0, near, near * self._slopes) @ self._weights + self._bias
        return 1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -500, 500)))


def open_space(settings: Features) -> FeatureSpace:
    """The feature space that these settings name, other than `none`.

    Raises UserError for weights that are missing, have another checksum, or are no such network.
    """
    if settings.space == "face":
        return Onet(settings.face)
    from zpoints.metrics.onnx_space import OnnxSpace

    assert settings.weights is not None  # Features.check has seen to it
    return OnnxSpace(settings.space, settings.weights)


def expect_faces(space: FeatureSpace, shards: Shards, share: float) -> None:
    """Raise NotMeasurable where a network for faces sees one in less than `share` of up to FACES_ASKED real images."""
    if not share or not isinstance(space, Onet):
        return
    rows = np.unique(np.linspace(0, len(shards) - 1, FACES_ASKED).astype(int))
    seen = float((space.face_scores(space(shards.read(rows))) > 0.5).mean())
    if seen < share:
        raise NotMeasurable(
            f"needs real images that show faces; the face network sees one in {seen:.0%} of {len(rows)} "
            f"(features.min_faces = {share:g})"
        )


def at_comparison_size(images: tf.Tensor) -> tf.Tensor:
    """Pictures (n, size, size, 3), uint8 values: float32 (n, 64, 64, 3) in the same units, antialiased."""
    return tf.image.resize(tf.cast(images, tf.float32), (COMPARISON_SIZE, COMPARISON_SIZE), antialias=True)
