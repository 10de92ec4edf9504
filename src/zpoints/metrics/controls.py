"""Pictures of known quality, made from real ones: the scale for every score."""

from collections.abc import Callable

import numpy as np

Control = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def blurred(images: np.ndarray, pixels: float) -> np.ndarray:
    """Pictures (n, size, size, 3), uint8, under a Gaussian filter of so many pixels (of 96 across)."""
    from scipy.ndimage import gaussian_filter

    sigma = pixels * images.shape[1] / 96
    parts = [gaussian_filter(image.astype(np.float32), (sigma, sigma, 0)) for image in images]
    return _bytes(np.stack(parts))


def noisy(images: np.ndarray, levels: float, rng: np.random.Generator) -> np.ndarray:
    """With normal noise of so many grey levels of 0 to 255 on each value."""
    return _bytes(images + levels * rng.standard_normal(images.shape, dtype=np.float32))


def blends(images: np.ndarray, share: float) -> np.ndarray:
    """Each picture to this share, and the one before it for the rest."""
    return _bytes(share * images.astype(np.float32) + (1 - share) * np.roll(images, 1, axis=0))


def mean_face(images: np.ndarray) -> np.ndarray:
    """As many copies of the average picture."""
    mean = _bytes(images.mean(axis=0, dtype=np.float64))
    return np.broadcast_to(mean, images.shape).copy()


def shuffled(images: np.ndarray, across: int, rng: np.random.Generator) -> np.ndarray:
    """Each picture cut into across x across patches that lie in a random order; a remainder at the edge is cut off."""
    edge = images.shape[1] // across
    whole = images[:, : edge * across, : edge * across]
    patches = whole.reshape(-1, across, edge, across, edge, 3).swapaxes(2, 3).reshape(len(images), -1, edge, edge, 3)
    order = rng.permuted(np.broadcast_to(np.arange(across**2), (len(images), across**2)), axis=1)
    mixed = np.take_along_axis(patches, order[:, :, None, None, None], axis=1)
    return mixed.reshape(-1, across, across, edge, edge, 3).swapaxes(2, 3).reshape(whole.shape)


def noise(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many pictures of uniform noise."""
    return rng.integers(0, 256, images.shape, dtype=np.uint8)


# What stands in the table beside the samplers, from nearly real to none at all.
CONTROLS: dict[str, Control] = {
    "blends": lambda images, rng: blends(images, 0.5),
    "blurred": lambda images, rng: blurred(images, 2),
    "mean_face": lambda images, rng: mean_face(images),
    "patches": lambda images, rng: shuffled(images, 6, rng),
    "noise": noise,
}


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
