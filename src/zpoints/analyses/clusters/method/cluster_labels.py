"""Are the cells of k-means the attributes? What a point's cell tells about its labels, beside two kinds of chance.

Shuffled labels show what any partition tells by chance. But any cell of space tells something about labels that vary
smoothly in it: the second null is the partition that k-means finds in the null Gaussian, laid over the same points.
Only what goes beyond that speaks for clusters that are the labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.stats.normality import holm

DRAWS = 1000  # tables that stand in memory at once
COLUMNS = ("attribute", "share", "information", "adjusted", "cells_of_a_gaussian", "p", "p_holm")


@dataclass(frozen=True)
class Agreement:
    """For each attribute, float64 (attributes,): mutual information in nats, adjusted, its p, and p by Holm.

    `adjusted` is (I - E) / (H - E), with E the mean over shuffled labels and H the attribute's entropy: 0 by chance, 1
    where the cell determines the attribute (Vinh, Epps and Bailey, JMLR 11 (2010) 2837; see `adjusted`).
    """

    information: np.ndarray
    adjusted: np.ndarray
    p: np.ndarray
    p_holm: np.ndarray


def varying(attributes: np.ndarray) -> np.ndarray:
    """Indices of the columns (n, attributes) of 0 and 1 that hold both."""
    positive = attributes.sum(axis=0, dtype=np.int64)
    return np.flatnonzero((positive > 0) & (positive < len(attributes)))


def tables(cells: np.ndarray, attributes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points in each cell, int64 (cells,), and of them those with each attribute, int64 (attributes, cells)."""
    _, cells = np.unique(cells, return_inverse=True)
    sizes = np.bincount(cells)
    return sizes, np.array([np.bincount(cells[column > 0], minlength=len(sizes)) for column in attributes.T])


def information(positive: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mutual information in nats of cells and a binary label, from the counts of positives (..., cells)."""
    from scipy.special import entr

    count = sizes.sum()
    shares = np.stack([positive, sizes - positive], axis=-1) / count
    joint = entr(shares).sum(axis=(-2, -1))
    return entr(sizes / count).sum() + entr(shares.sum(axis=-2)).sum(axis=-1) - joint


def adjusted(cells: np.ndarray, attributes: np.ndarray) -> np.ndarray:
    """Adjusted mutual information of cells (n,) with each column of attributes (n, attributes), float64 (attributes,).

    Over the lesser of the two entropies, that of a binary attribute wherever there are many cells.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return np.array([adjusted_mutual_info_score(column, cells, average_method="min") for column in attributes.T])


def agreement(cells: np.ndarray, attributes: np.ndarray, n_permutations: int, seed: tuple[int, ...]) -> Agreement:
    """Of cells (n,) with each column of attributes (n, attributes), 0 or 1, none of them constant.

    Shuffling a label keeps its number of positives: the counts in the cells then are multivariate hypergeometric, and
    are drawn as such: hundreds of times faster than shuffling 18,000 labels. p is the share of shuffles with as much
    information or more, the real one among them.
    """
    rng = np.random.default_rng(seed)
    sizes, positive = tables(cells, attributes)
    observed = information(positive, sizes)
    p = np.empty(len(positive))
    for attribute, counts in enumerate(positive):
        total = int(counts.sum())
        shuffled = np.concatenate(
            [
                information(rng.multivariate_hypergeometric(sizes, total, size=draws, method="marginals"), sizes)
                for draws in _parts(n_permutations)
            ]
        )
        # Equal tables may differ by the rounding of their sums.
        p[attribute] = (1 + np.count_nonzero(shuffled >= observed[attribute] * (1 - 1e-9))) / (n_permutations + 1)
    return Agreement(observed, adjusted(cells, attributes), p, holm(p))


def _parts(count: int) -> list[int]:
    return [min(DRAWS, count - start) for start in range(0, count, DRAWS)]


def matching(cells: np.ndarray, attributes: np.ndarray) -> float:
    """How far cells *are* the attributes: the mean Jaccard index of the best one-to-one pairing, 1 for equal sets.

    The pairing is the assignment problem's (Hungarian method); where there are more cells than attributes, or the
    reverse, some stay alone.
    """
    from scipy.optimize import linear_sum_assignment

    sizes, both = tables(cells, attributes)
    either = sizes + both.sum(axis=1, keepdims=True) - both
    jaccard = both / np.maximum(either, 1)
    return float(jaccard[linear_sum_assignment(jaccard, maximize=True)].mean())


def describe(
    partitions: Sequence[np.ndarray],
    nulls: Sequence[np.ndarray],
    attributes: np.ndarray,
    names: Sequence[str],
    *,
    n_permutations: int,
    alpha: float,
    seed: tuple[int, ...],
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Are the clusters the labels? In numbers, and a row for each attribute of `names` that varies; None for none.

    Args: partitions (n,) of several starts; nulls, those of the null Gaussian laid over the same points; attributes,
    uint8 (n, names) of 0 and 1. The first start alone is tested, all are averaged.
    """
    kept = varying(attributes)
    if not kept.size:
        return None, []
    labels = attributes[:, kept]
    first = agreement(partitions[0], labels, n_permutations, (*seed, 0))
    scores = np.mean([first.adjusted, *(adjusted(cells, labels) for cells in partitions[1:])], axis=0)
    null = np.array([adjusted(cells, labels) for cells in nulls])
    rng = np.random.default_rng((*seed, 3))
    numbers = {
        "attributes": len(kept),
        "constant_attributes": attributes.shape[1] - len(kept),
        "beyond_chance": int((first.p_holm <= alpha).sum()),
        "adjusted": {
            "mean": float(scores.mean()),
            "max": float(scores.max()),
            "cells_of_a_gaussian": float(null.mean()),
            "cells_of_a_gaussian_low": float(null.mean(axis=1).min()),
            "cells_of_a_gaussian_high": float(null.mean(axis=1).max()),
        },
        "matching": {
            "mu": float(np.mean([matching(cells, labels) for cells in partitions])),
            "cells_of_a_gaussian": float(np.mean([matching(cells, labels) for cells in nulls])),
            "shuffled": float(np.mean([matching(rng.permutation(cells), labels) for cells in partitions])),
        },
    }
    rows = [
        {
            "attribute": names[column],
            "share": float(labels[:, at].mean()),
            "information": first.information[at],
            "adjusted": scores[at],
            "cells_of_a_gaussian": null[:, at].mean(),
            "p": first.p[at],
            "p_holm": first.p_holm[at],
        }
        for at, column in enumerate(kept)
    ]
    return numbers, rows
