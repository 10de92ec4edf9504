"""What decoding loses of an image, from its mu and from its noisy z."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from zpoints.metrics.image_quality import sharpness
from zpoints.models.autoencoder import Autoencoder, noise_key
from zpoints.models.losses import RECONSTRUCTION, entropy

BATCH = 100


@dataclass(frozen=True)
class Decoded:
    """Of each image, float64 (n,).

    excess: reco less its floor, which is 0 with squared error. mse: mean squared error of a pixel's value. sharpness:
    variance of the Laplacian in units of the original's.
    """

    excess: np.ndarray
    mse: np.ndarray
    sharpness: np.ndarray

    @classmethod
    def of(cls, network: Autoencoder, images: np.ndarray, z: np.ndarray) -> "Decoded":
        """Decode z (n, z_dim) and compare with images, uint8 (n, size, size, 3)."""
        reconstruction = RECONSTRUCTION[network.spec.loss]

        @tf.function(autograph=False, reduce_retracing=True)
        def decoded(pixels: tf.Tensor, points: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            pictures = tf.cast(tf.round(255 * network.decoder(points, training=False)), tf.uint8)
            return *reconstruction(network.targets(pixels), network.logits(points)), pictures

        parts = []
        for start in range(0, len(images), BATCH):
            pixels, points = images[start : start + BATCH], z[start : start + BATCH]
            reco, mse, pictures = (values.numpy() for values in decoded(tf.constant(pixels), tf.constant(points)))
            floor = entropy(pixels) if network.spec.loss == "bce" else 0.0
            kept = sharpness(pictures) / np.maximum(sharpness(pixels), np.finfo(float).tiny)
            parts.append((reco.astype(np.float64) - floor, mse.astype(np.float64), kept))
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def quality(self) -> dict[str, float]:
        """Means over the images: squared error, PSNR in decibels, and the share of the sharpness that is kept."""
        psnr = -10 * np.log10(np.maximum(self.mse, np.finfo(float).tiny))
        return {"mse": float(self.mse.mean()), "psnr": float(psnr.mean()), "sharpness": float(self.sharpness.mean())}


def noisy(network: Autoencoder, mu: np.ndarray, logvar: np.ndarray, seed: int) -> np.ndarray:
    """One z of each mu (n, z_dim), with the model's own noise, its clip and eps_factor: float32 (n, z_dim)."""
    key = noise_key(seed, tf.constant(0, tf.int64))
    return network.z_points(tf.constant(mu), tf.constant(logvar), key).numpy()
