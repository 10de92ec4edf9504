"""Are z-points drawn from N(0, I)? The energy distance, Székely and Rizzo (2013), with a permutation test."""

import numpy as np

from zpoints.stats.distances import euclidean

BATCH = 100  # permutations at once


def energy_test(points: np.ndarray, n_permutations: int, seed: tuple[int, ...]) -> dict[str, float]:
    """Energy distance of points (n, d) from as many drawn from N(0, I).

    E = 2 E|X - Y| - E|X - X'| - E|Y - Y'| is the squared maximum mean discrepancy of the kernel -|x - y|: it has no
    width to choose, and is 0 for equal laws alone. `value` is E / (2 E|X - Y|), between 0 and 1 but for chance, since
    no point is a pair with itself; `p` is that of the test that permutes the two sets, `n_permutations` times.
    """
    rng = np.random.default_rng(seed)
    count = len(points)
    drawn = rng.standard_normal(points.shape)
    # In float64: the distances come from differences of squares.
    both = np.concatenate([points.astype(np.float64), drawn])
    distances = euclidean(both, both)
    np.fill_diagonal(distances, 0)
    first = np.zeros((2 * count, n_permutations + 1))
    first[:count, 0] = 1
    for column in range(1, n_permutations + 1):
        first[rng.permutation(2 * count)[:count], column] = 1
    energies, across = _energies(distances.astype(np.float32), first.astype(np.float32), count)
    return {
        "value": float(energies[0] / (2 * across)),
        # Permutations that end in the same two sets are equal but for rounding.
        "p": float(np.mean(energies >= energies[0] - 1e-6 * across)),
        "points": count,
    }


def _energies(distances: np.ndarray, first: np.ndarray, count: int) -> tuple[np.ndarray, float]:
    """E for each column of 0 and 1, (2 n, columns), that marks the first set; and column 0's mean distance across."""
    total = distances.sum(axis=1, dtype=np.float64)
    energies, across = np.empty(first.shape[1]), []
    for start in range(0, first.shape[1], BATCH):
        marks = first[:, start : start + BATCH]
        within = np.einsum("ij,ij->j", marks, distances @ marks, dtype=np.float64)
        out = marks.T.astype(np.float64) @ total
        between = out - within
        others = total.sum() - out - between
        pairs = count * (count - 1)
        energies[start : start + BATCH] = 2 * between / count**2 - (within + others) / pairs
        across.append(between / count**2)
    return energies, float(across[0][0])
