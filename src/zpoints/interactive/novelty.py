"""Is a photograph unlike all training images? Then the model has never seen anything like it, and edits mean little."""

from pathlib import Path

import numpy as np

from zpoints.errors import UserError
from zpoints.latents.images import expect_images
from zpoints.latents.store import Latents
from zpoints.latents.trained import Trained
from zpoints.shards.store import Shards
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

PERCENTILE = 99.0  # beyond it a photograph is called unlike the training images
SAMPLE, SEED = 500, (0, 0x0DD)  # training images that are reconstructed
RANK = 1e-7  # share of the largest variance below which a principal axis is rounding


def warning(trained: Trained, image: np.ndarray, mu: np.ndarray, latents: Path, shards: Path) -> str | None:
    """One line where reconstruction error or Mahalanobis distance lies beyond PERCENTILE of the training images.

    image: uint8 (size, size, 3), mu: its z-point (z_dim,). What is not at hand, or belongs to other images, is left
    out: without z-points there is no line, without shards only the Mahalanobis distance counts.
    """
    try:
        points = trained.latents(latents)
        percentiles = {"Mahalanobis distance": mahalanobis_percentile(points, mu)}
    except UserError:
        return None
    try:
        images = Shards.open(shards)
        expect_images(points, images)
        percentiles = {"reconstruction error": error_percentile(trained, images, image)} | percentiles
    except UserError:
        pass
    if max(percentiles.values()) <= PERCENTILE:
        return None
    parts = [f"its {name} exceeds that of {value:.1f}% of them" for name, value in percentiles.items()]
    return f"unlike the training images: {', '.join(parts)}; expect a poor reconstruction"


def mahalanobis_percentile(points: Latents, mu: np.ndarray) -> float:
    """Percentage of the training z-points whose Mahalanobis distance from their mean is below that of `mu` (z_dim,)."""
    rows = points.rows("train")
    gaussian = Gaussian.like(moments(blocks(points.mu, rows)))
    variances = np.square(gaussian.factor).sum(axis=0)
    axes = variances > RANK * variances.max()
    whitening = gaussian.factor[:, axes] / variances[axes]

    def distances(values: np.ndarray) -> np.ndarray:
        return np.square((values - gaussian.mean) @ whitening).sum(axis=-1)

    training = np.concatenate([distances(part) for part in blocks(points.mu, rows)])
    return 100 * float(np.mean(training < distances(mu)))


def error_percentile(trained: Trained, images: Shards, image: np.ndarray) -> float:
    """Percentage of a sample of training images with a smaller reconstruction error than `image`.

    The error is the share of an image's own variance that its reconstruction misses: squared pixels alone would call
    any image of little contrast, faint noise too, well reconstructed.
    """

    def errors(originals: np.ndarray) -> np.ndarray:
        decoded = trained.decode(trained.encode(originals)).astype(np.float32)
        variances = originals.var(axis=(1, 2)).mean(axis=1)
        return np.square(decoded - originals).mean(axis=(1, 2, 3)) / (variances + 1)  # one grey level: no division by 0

    training = errors(images.read(subsample(images.rows("train"), SAMPLE, SEED)))
    return 100 * float(np.mean(training < errors(image[None])))
