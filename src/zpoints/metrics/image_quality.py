"""What is measured at the pictures themselves: their sharpness, and how near a reconstruction is to its original."""

import numpy as np
import tensorflow as tf

from zpoints.metrics.feature_space import BATCH, at_comparison_size
from zpoints.models.batches import batches
from zpoints.models.losses import entropy

LUMA = np.array([0.299, 0.587, 0.114])  # Rec. 601


def sharpness(images: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian of the luma of pictures, uint8 (n, size, size, 3), at 64 pixels: float64 (n,).

    In squared grey levels of 0 to 255. A blurred picture has little, noise very much: neither is a face's.
    """
    parts = []
    for batch in batches(images, BATCH):
        grey = at_comparison_size(tf.constant(batch)).numpy().astype(np.float64) @ LUMA
        inner = grey[:, 1:-1, 1:-1]
        around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
        parts.append((around - 4 * inner).var(axis=(1, 2)))
    return np.concatenate(parts)


def fidelity(originals: np.ndarray, decoded: np.ndarray) -> dict[str, np.ndarray]:
    """How near reconstructions are to their originals, both uint8 (n, size, size, 3): float64 (n,) each.

    above_floor: cross-entropy in nats less its floor, the entropy of the original; that is the sum over the pixels of
    the Kullback-Leibler divergence, averaged over the channels. Of the picture as bytes, so that a decoder's 0 counts
    as half a grey level. psnr: in decibels. ssim: Wang et al. (2004), with their Gaussian window, of the luma.
    sharpness: of the reconstruction in units of its original's.
    """
    measures: dict[str, list[np.ndarray]] = {"above_floor": [], "psnr": [], "ssim": []}
    for start in range(0, len(originals), BATCH):
        part = slice(start, start + BATCH)
        p = originals[part] / 255
        q = np.clip(decoded[part] / 255, 0.5 / 255, 1 - 0.5 / 255)
        cross = -(p * np.log(q) + (1 - p) * np.log1p(-q)).sum(axis=(1, 2, 3)) / p.shape[-1]
        measures["above_floor"].append(cross - entropy(originals[part]))
        squares = np.square(p - decoded[part] / 255).mean(axis=(1, 2, 3))
        # Two equal pictures: as near as bytes can tell.
        measures["psnr"].append(-10 * np.log10(np.maximum(squares, 1 / 255**2 / p[0].size)))
        measures["ssim"].append(ssim(originals[part] @ LUMA, decoded[part] @ LUMA))
    values = {name: np.concatenate(parts) for name, parts in measures.items()}
    flat = np.finfo(float).tiny
    return values | {"sharpness": sharpness(decoded) / np.maximum(sharpness(originals), flat)}


def ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Structural similarity of grey pictures (n, size, size) with values of 0 to 255: float64 (n,), 1 for equal ones.

    Wang, Bovik, Sheikh and Simoncelli (2004): Gaussian window of 1.5 pixels, cut at 5, K = 0.01 and 0.03.
    """
    from scipy.ndimage import gaussian_filter

    def around(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, (0, 1.5, 1.5), radius=(0, 5, 5))

    mean, other_mean = around(first), around(second)
    variance, other_variance = around(first * first) - mean**2, around(second * second) - other_mean**2
    covariance = around(first * second) - mean * other_mean
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    light = (2 * mean * other_mean + c1) / (mean**2 + other_mean**2 + c1)
    structure = (2 * covariance + c2) / (variance + other_variance + c2)
    return (light * structure).mean(axis=(1, 2))
