"""A trained model, and the z-points and directions that belong to it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf

from zpoints.errors import UserError
from zpoints.latents.directions import Directions
from zpoints.latents.store import Latents
from zpoints.models.autoencoder import Autoencoder, unit_range
from zpoints.models.batches import batches
from zpoints.models.model_folder import fingerprint, load

BATCH = 128


@dataclass(frozen=True)
class Trained:
    """A model, and the fingerprint that its latents and directions carry."""

    name: str
    model: Autoencoder
    fingerprint: str

    @classmethod
    def open(cls, name: str, folder: Path) -> "Trained":
        """Raises UserError for a missing, damaged or foreign folder."""
        return cls(name, load(folder), fingerprint(folder))

    @property
    def size(self) -> int:
        """Pixels of a side of the images."""
        return self.model.size

    def latents(self, folder: Path) -> Latents:
        """The z-points in `folder`. Raises UserError where another model encoded them."""
        points = Latents.open(folder)
        self._refuse_foreign(folder, points.model, "z-points", "encode")
        return points

    def directions(self, folder: Path) -> Directions:
        """The directions in the measurement `folder`. Raises UserError where they are those of another model."""
        return Directions.open(folder, self.fingerprint)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """mu of images, uint8 (n, size, size, 3): float32 (n, z_dim)."""
        return np.concatenate(
            [self.model.encode(unit_range(tf.constant(part)))[0].numpy() for part in batches(images, BATCH)]
        )

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Pictures of z-points (n, z_dim): uint8 (n, size, size, 3)."""
        return np.concatenate([self._pictures(tf.constant(part, tf.float32)).numpy() for part in batches(z, BATCH)])

    @cached_property
    def _pictures(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """As a graph, in half the time: TensorFlow fuses its operations, and no float32 picture leaves it."""

        def pictures(z: tf.Tensor) -> tf.Tensor:
            return tf.cast(tf.round(255 * self.model.decoder(z, training=False)), tf.uint8)

        shape = (None, self.model.decoder.input_shape[-1])
        return tf.function(pictures, input_signature=[tf.TensorSpec(shape, tf.float32)], autograph=False)

    def _refuse_foreign(self, folder: Path, owner: str, what: str, stage: str) -> None:
        if owner != self.fingerprint:
            received = f"those of another one; run `dvc repro {stage}@{self.name}`"
            raise UserError(f"{folder}: expected {what} of the model {self.name}, received {received}")
