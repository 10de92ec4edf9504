"""Could two unrelated spaces be as alike? p of each measure, from shuffling which image of one belongs to which other.

Never below 1 / (n_permutations + 1). What shuffling leaves alone is computed once, so that a shuffle of 1,000 images
with 64 axes takes about 2 ms: 999 of them are cheap.
"""

from collections.abc import Callable, Iterable

import numpy as np

from zpoints.stats.envelope import upper_p


def of_covariances(
    a: np.ndarray, b: np.ndarray, whitenings: tuple[np.ndarray, np.ndarray], n_permutations: int, seed: int
) -> dict[str, float]:
    """p of the measures that covariances give, for the same images in two spaces, (n, p) and (n, q).

    whitenings: from either space's axes to the variates of the canonical correlations, (p, kept) and (q, kept).
    `unrotated` is there for p = q alone.
    """
    count = len(a)
    a, b = (points - points.mean(axis=0, dtype=np.float64) for points in (a, b))
    norms = [np.square(points).sum(axis=1) for points in (a, b)]

    def alike(order: np.ndarray) -> dict[str, float]:
        """Of shuffled images: the larger, the more alike; what shuffling does not change is left out."""
        ab = a.T @ b[order] / count
        return {
            "cka": float(np.square(ab).sum() - (norms[0] @ norms[1][order]) / count / (count - 2)),
            "procrustes": nuclear(ab),
            "canonical": nuclear(whitenings[0].T @ ab @ whitenings[1]),
            **({"unrotated": float(np.trace(ab))} if ab.shape[0] == ab.shape[1] else {}),
        }

    real = alike(np.arange(count))
    null = [alike(order) for order in _orders(count, n_permutations, seed)]
    found = {name: upper_p(value, [shuffled[name] for shuffled in null]) for name, value in real.items()}
    return found | {"procrustes_scaled": found["procrustes"]}


def of_neighbours(near_a: np.ndarray, near_b: np.ndarray, n_permutations: int, seed: int) -> float:
    """p of the share of neighbours in common, from indices of neighbours int (m, k) of the same m images."""
    count = len(near_a)
    adjacent = np.zeros((count, count), bool)
    adjacent[np.arange(count)[:, None], near_a] = True

    def common(order: np.ndarray) -> float:
        return float(np.count_nonzero(adjacent[order[:, None], order[near_b]]))

    return _p(common, count, n_permutations, seed)


def of_map(predicted: np.ndarray, target: np.ndarray, n_permutations: int, seed: int) -> float:
    """p of a map's R² on images that it was not fitted on: predictions against other images' targets, (m, q) both."""
    target = target - target.mean(axis=0)
    return _p(lambda order: float((predicted * target[order]).sum()), len(target), n_permutations, seed)


def radius_swaps(a: np.ndarray, b: np.ndarray, n_permutations: int, seed: int) -> np.ndarray:
    """Wasserstein distances of two laws of the radius once the two radii of each image are swapped or not, at random.

    Args: float64 (images,) both, of the same images. Returns float64 (n_permutations,). The pooled radii are sorted
    once: a swap turns the signs of two steps of the difference of the cumulative laws.
    """
    images = len(a)
    pooled = np.concatenate([a, b])
    order = np.argsort(pooled)
    gaps = np.diff(pooled[order])
    steps, image = np.where(order < images, 1.0, -1.0) / images, order % images
    rng = np.random.default_rng(seed)
    signs = (rng.integers(0, 2, images) * 2 - 1 for _ in range(n_permutations))
    return np.array([np.abs(np.cumsum(steps * sign[image])[:-1]) @ gaps for sign in signs])


def nuclear(matrix: np.ndarray) -> float:
    """Sum of the singular values, from the eigenvalues of the smaller Gram matrix: half the time of an SVD."""
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    return float(np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0)).sum())


def _p(statistic: Callable[[np.ndarray], float], count: int, n_permutations: int, seed: int) -> float:
    return upper_p(statistic(np.arange(count)), list(map(statistic, _orders(count, n_permutations, seed))))


def _orders(count: int, n_permutations: int, seed: int) -> Iterable[np.ndarray]:
    return map(np.random.default_rng(seed).permutation, (count for _ in range(n_permutations)))
