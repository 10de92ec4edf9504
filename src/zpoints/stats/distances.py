"""Distances between points."""

import numpy as np


def euclidean(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances of points (n, d) from others (m, d), float64 (n, m).

    From squares and products, as scikit-learn's euclidean_distances, whose import would take longer than most calls:
    of float32 points these would lose digits.
    """
    points, others = points.astype(np.float64, copy=False), others.astype(np.float64, copy=False)
    squares = -2 * (points @ others.T)
    squares += np.einsum("ij,ij->i", points, points)[:, None]
    squares += np.einsum("ij,ij->i", others, others)
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
