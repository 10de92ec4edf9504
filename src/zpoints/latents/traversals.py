"""Ways through the latent space: from one z-point to another, along an axis, and away from a point."""

from collections.abc import Callable

import numpy as np

from zpoints.stats.reference_distributions import Gaussian

Way = Callable[[np.ndarray, np.ndarray, int, np.ndarray], np.ndarray]


def linear(start: np.ndarray, end: np.ndarray, steps: int, centre: np.ndarray) -> np.ndarray:
    """`steps` z-points from `start` to `end` (z_dim,) in equal steps on a straight line, both ends among them.

    Returns float32 (steps, z_dim). In many dimensions its middle lies nearer to the centre than almost all z-points:
    of two independent ones by a factor of sqrt(2).
    """
    share = np.linspace(0, 1, steps)[:, None]
    return ((1 - share) * start.astype(np.float64) + share * end.astype(np.float64)).astype(np.float32)


def spherical(start: np.ndarray, end: np.ndarray, steps: int, centre: np.ndarray) -> np.ndarray:
    """As `linear`, but on an arc about `centre` (z_dim,): equal angles, the distance from it changing evenly.

    Shoemake (1985), and White (2016) for latent spaces, about the origin, where N(0, I) has its centre; a cloud
    elsewhere has its own. Ends in line with the centre, or at it, leave no arc to choose: the line is taken.
    """
    arms = [point.astype(np.float64) - centre for point in (start, end)]
    lengths = [float(np.linalg.norm(arm)) for arm in arms]
    if not min(lengths):
        return linear(start, end, steps, centre)
    first, second = (arm / length for arm, length in zip(arms, lengths, strict=True))
    # By the half-angle: arccos loses all digits where the two are nearly one.
    angle = 2 * np.arctan2(np.linalg.norm(second - first), np.linalg.norm(second + first))
    if np.sin(angle) < 1e-6:
        return linear(start, end, steps, centre)
    share = np.linspace(0, 1, steps)[:, None]
    directions = (np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / np.sin(angle)
    radii = (1 - share) * lengths[0] + share * lengths[1]
    return (centre + radii * directions).astype(np.float32)


WAYS: dict[str, Way] = {"linear": linear, "spherical": spherical}


def walk(start: np.ndarray, direction: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """start + amount * direction for each amount (steps,), or for each of both (n, z_dim): float32.

    One start gives (steps, z_dim); n of them (n, steps, z_dim), the directions row by row.
    """
    moved = start[..., None, :].astype(np.float64) + amounts[:, None] * direction[..., None, :].astype(np.float64)
    return moved.astype(np.float32)


def isotropic(count: int, z_dim: int, seed: tuple[int, ...]) -> np.ndarray:
    """Unit vectors without preference, float64 (count, z_dim): the same for every model of one z_dim."""
    return units(np.random.default_rng(seed).standard_normal((count, z_dim)))


def shaped(law: Gaussian, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """Unit vectors in which the axes count as they do in this Gaussian's covariance, float64 (count, z_dim).

    The draws are those of `isotropic` with the same seed, stretched along the principal axes.
    """
    draws = np.random.default_rng(seed).standard_normal((count, len(law.mean)))
    return units(draws @ law.factor.T)


def units(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, z_dim) of length 1; one of length 0 stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
