"""Is one map another one, only turned? Two maps of the same images, held against each other.

A map has no place, no direction and no scale of its own, so these are taken out first. t-SNE also finds another map at
each start: what two models that differ in the seed alone have in common is the scale on which others are read.
"""

import numpy as np

from zpoints.stats.tsne import kept
from zpoints.stats.tsne import neighbours


def alike(one: np.ndarray, other: np.ndarray, count: int, seed: int) -> dict[str, float]:
    """How alike two maps are, float (n, 2), whose rows are the same n images, beside what chance leaves.

    Returns:
        residual: share of the squared distances from the centre that the best shift, rotation or reflection, and scale
            leave (Procrustes; Schönemann, 1966; the disparity of scipy.spatial.procrustes). 0 for a turned copy.
        residual_shuffled: the same with the images of one map shuffled, next to 1.
        neighbours: share of the `count` nearest neighbours in one map that are among the nearest in the other.
        neighbours_by_chance: count / (n - 1).
    Raises ValueError for a map whose points all coincide.
    """
    from scipy.spatial import procrustes

    one, other = one.astype(np.float64), other.astype(np.float64)
    order = np.random.default_rng(seed).permutation(len(one))
    return {
        "residual": float(procrustes(one, other)[2]),
        "residual_shuffled": float(procrustes(one, other[order])[2]),
        "neighbours": kept(neighbours(one, count), neighbours(other, count)),
        "neighbours_by_chance": count / (len(one) - 1),
    }
