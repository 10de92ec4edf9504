"""The kernel distance of two sets of features.

Named after what it is made of: face-KID is not comparable with a published KID, whose features are another network's.
"""

import numpy as np

from zpoints.metrics.feature_scaler import refuse_too_few
from zpoints.metrics.jackknife import GROUPS, Score, by_jackknife

BLOCK = 1000


def kid(
    fakes: np.ndarray, reals: np.ndarray, seed: int, subsets: int = 20, size: int = 1000
) -> tuple[Score, float | None]:
    """Squared maximum mean discrepancy of features (n, d) and (m, d): Binkowski, Sutherland, Arbel and Gretton (2018).

    Their kernel (x.y / d + 1)³ and their unbiased estimate, over all pairs: negative values are chance. Returns the
    score, with the jackknife's interval, and the standard deviation over `subsets` random subsets of `size` images of
    either side, which is what publications print; None where a subset would be all images of a side. Of features from
    `FeatureScaler.on_sphere`, the score lies below 8.
    """
    count = min(len(fakes), len(reals))
    refuse_too_few(count, "KID")
    whole, size = size >= count, min(size, count)
    rng = np.random.default_rng([seed, 0])
    # Each column marks some images of its side: first a random group of the jackknife, then a random subset.
    marks = [_marks(rng, len(side), subsets, size) for side in (fakes, reals)]
    across = _sums(fakes, reals, *marks)
    within = []
    for side, of in zip((fakes, reals), marks, strict=True):
        itself = _cubed(np.square(side).sum(axis=1) / side.shape[1] + 1)
        # A picture is no pair with itself.
        within.append(_sums(side, side, of, of) - (of * itself[:, None]).T @ of)
    sizes = [of.sum(axis=0) for of in marks]

    def over(columns: np.ndarray) -> float:
        n, m = (sizes_of[columns].sum() for sizes_of in sizes)
        fake, real, between = (sums[np.ix_(columns, columns)].sum() for sums in (*within, across))
        return fake / (n * (n - 1)) + real / (m * (m - 1)) - 2 * between / (n * m)

    groups = np.arange(GROUPS)
    spread = np.std([over(np.array([GROUPS + subset])) for subset in range(subsets)], ddof=1)
    return by_jackknife(over(groups), lambda left: over(groups[groups != left]), GROUPS), None if whole else float(
        spread
    )


def _marks(rng: np.random.Generator, count: int, subsets: int, size: int) -> np.ndarray:
    """Columns of 0 and 1, float64 (count, GROUPS + subsets): each image is in one group, and `size` in each subset."""
    groups = np.eye(GROUPS)[rng.permutation(count) % GROUPS]
    drawn = np.zeros((count, subsets))
    for subset in range(subsets):
        drawn[rng.choice(count, size, replace=False), subset] = 1
    return np.hstack([groups, drawn])


def _sums(left: np.ndarray, right: np.ndarray, marks: np.ndarray, right_marks: np.ndarray) -> np.ndarray:
    """Sums of the kernel over the pairs of what any two columns mark, float64 (columns, columns)."""
    sums = np.zeros((marks.shape[1], right_marks.shape[1]))
    for start in range(0, len(left), BLOCK):
        part = slice(start, start + BLOCK)
        sums += marks[part].T @ (_cubed(left[part] @ right.T / left.shape[1] + 1) @ right_marks)
    return sums


def _cubed(values: np.ndarray) -> np.ndarray:
    return values * values * values  # many times faster than ** 3
