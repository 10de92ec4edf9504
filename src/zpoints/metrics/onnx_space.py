"""Two networks of publications as feature spaces. The user brings each as an ONNX file: no weights come with this.

inception: InceptionV3 up to its last pooling, of FID and KID. With the weights with which these are published
(pt_inception-2015-12-05, TensorFlow's of 2015), and more images than its 2,048 features, KID and Frechet distance are
the published KID and FID; with other weights, such as torchvision's or Keras', they are not.
dinov2: the CLS token of DINOv2's ViT-S/14, Oquab et al. (2023). Stein et al. (2023) take a larger ViT's.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from zpoints.config.features import Weights
from zpoints.errors import UserError
from zpoints.models.batches import batches

BATCH = 50


class Network(NamedTuple):
    """What a network reads and gives: `size` pixels across, and `dimension` features."""

    size: int
    dimension: int
    prepare: Callable[[tf.Tensor], tf.Tensor]


def _inception(images: tf.Tensor) -> tf.Tensor:
    """Bilinear, no antialiasing, values in [-1, 1]: as Heusel et al. (2017) and pytorch-fid feed it."""
    return tf.image.resize(images, (299, 299), "bilinear") / 127.5 - 1


def _dinov2(images: tf.Tensor) -> tf.Tensor:
    """Bicubic with antialiasing, then ImageNet's mean and standard deviation of each channel. Nothing is cropped."""
    values = tf.clip_by_value(tf.image.resize(images, (224, 224), "bicubic", antialias=True), 0, 255) / 255
    return (values - tf.constant([0.485, 0.456, 0.406])) / tf.constant([0.229, 0.224, 0.225])


NETWORKS = {"inception": Network(299, 2048, _inception), "dinov2": Network(224, 384, _dinov2)}


class OnnxSpace:
    """What a network in an ONNX file makes of pictures.

    The network takes (n, 3, size, size) or (n, size, size, 3) float32, prepared as in NETWORKS, and gives
    (n, dimension), (n, dimension, 1, 1), or (n, tokens, dimension) with the CLS token first.

    Raises UserError for a file that is missing, has another checksum or is no such network.
    """

    raw = True

    def __init__(self, name: str, weights: Weights) -> None:
        self.name, self._path, self._network = name, weights.path, NETWORKS[name]
        self.dimension = self._network.dimension
        self._sha256 = weights.sha256
        content = self._content(Path(weights.path))
        try:
            import onnxruntime
        except ImportError:
            expected = "the extra `onnx` (pip install -c constraints.txt -e '.[onnx]')"
            raise UserError(f"features.space: {name} needs {expected}, received no onnxruntime") from None
        try:
            # From the bytes that were verified.
            self._session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise self._unlike("an ONNX network", str(error).strip().partition("\n")[0]) from None
        first = self._session.get_inputs()[0]
        self._input, self._first = first.name, len(first.shape) == 4 and first.shape[1] == 3

    def describe(self) -> dict[str, Any]:
        return {"space": self.name, "dimension": self.dimension, "weights": self._sha256}

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([self._features(part) for part in batches(images, BATCH)])

    def face_scores(self, features: np.ndarray) -> None:
        """None: neither network was trained to tell faces."""

    def _features(self, images: np.ndarray) -> np.ndarray:
        values = self._network.prepare(tf.cast(images, tf.float32)).numpy()
        values = values.transpose(0, 3, 1, 2) if self._first else values
        try:
            features = np.asarray(self._session.run(None, {self._input: np.ascontiguousarray(values)})[0])
        except Exception as error:  # whatever ONNX Runtime raises for another shape
            raise self._unlike(
                f"a network of images {values.shape[1:]}", str(error).strip().partition("\n")[0]
            ) from None
        features = features[:, 0] if features.ndim == 3 else features
        if features.size != len(images) * self.dimension:
            raise self._unlike(f"{self.dimension} features of each image", f"shape {features.shape}")
        return features.reshape(len(images), self.dimension).astype(np.float32)

    def _content(self, path: Path) -> bytes:
        if not path.is_file():
            raise self._unlike(f"the network of features.space: {self.name}", "no such file")
        content = path.read_bytes()
        if (received := hashlib.sha256(content).hexdigest()) != self._sha256:
            raise self._unlike(f"the SHA-256 {self._sha256} of features.weights", received)
        return content

    def _unlike(self, expected: str, received: str) -> UserError:
        return UserError(f"{self._path}: expected {expected}, received {received}")
