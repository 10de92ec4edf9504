"""z-points drawn without a look at the data: the standard normal prior, and uniform cubes."""

import numpy as np


def normal(images: int, z_dim: int, seed: int) -> np.ndarray:
    """Points from N(0, I), float32 (images, z_dim). Their radius is near sqrt(z_dim)."""
    return np.random.default_rng([seed, 0]).standard_normal((images, z_dim)).astype(np.float32)


def uniform(images: int, z_dim: int, seed: int, bound: float) -> np.ndarray:
    """Points uniform in the cube [-bound, bound], float32 (images, z_dim): the same directions for every bound.

    Their radius is near bound * sqrt(z_dim / 3).
    """
    return (bound * np.random.default_rng([seed, 1]).uniform(-1, 1, (images, z_dim))).astype(np.float32)
