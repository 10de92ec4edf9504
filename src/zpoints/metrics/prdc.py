"""Do the decoded images lie among the real ones, and everywhere among them? Scores of nearest neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zpoints.metrics.feature_scaler import refuse_too_few
from zpoints.metrics.jackknife import GROUPS, Score
from zpoints.stats.confidence import jackknife, wilson
from zpoints.stats.distances import euclidean

BLOCK = 1000
SPARE = 40  # neighbors beyond the k-th that are kept, of which a group may be left out


@dataclass(frozen=True)
class Neighbourhoods:
    """Reals (m, d), and the distance of each from its k-th nearest other real: for density, for precision.

    Both float64 (GROUPS + 1, m): of all reals, then without each group, real i in group i mod GROUPS.
    """

    reals: np.ndarray
    dense: np.ndarray
    support: np.ndarray
    neighbours: int
    manifold: int

    @classmethod
    def of(cls, reals: np.ndarray, neighbours: int = 5, manifold: int = 3) -> "Neighbourhoods":
        """neighbours: of density and coverage, 5 in the paper. manifold: of precision and recall, 3 in theirs."""
        refuse_too_few(len(reals), "density and coverage")
        dense, support = kth_distances(reals, (neighbours, manifold))
        return cls(reals, dense, support, neighbours, manifold)

    def scores(self, fakes: np.ndarray) -> dict[str, Score]:
        """Scores of fakes (n, d), with the 95% interval of the jackknife that leaves a group out on both sides.

        density, coverage: Naeem, Oh, Uh, Choi and Yoo (2020): how many reals' spheres, each up to the k-th neighbour,
        hold a fake, over k; and the share of reals whose sphere holds one. For two sets from one distribution 1, and
        1 - 2^-k for many images: 0.97 for k = 5.
        precision, recall: Kynkaanniemi, Karras, Laine, Lehtinen and Aila (2019): the share of fakes in any real's
        sphere, and of reals in any fake's.
        nearest_real: mean distance of a fake from the nearest real, over sqrt(d).

        The scores hang on which reals and which fakes were drawn: with the spheres held fixed, an interval would be far
        too narrow.
        """
        refuse_too_few(len(fakes), "density and coverage")
        (spheres,) = kth_distances(fakes, (self.manifold,))
        m, n = len(self.reals), len(fakes)
        inside, supported, nearest = np.zeros((3, GROUPS + 1))
        covered, recalled = np.zeros((2, GROUPS + 1, m), bool)
        for part, block in _distances(fakes, self.reals):
            index = np.arange(part.start, part.start + len(block))
            # The nearest real of each group, so that the nearest without a group is their least.
            by_group = np.stack([block[:, group::GROUPS].min(axis=1) for group in range(GROUPS)])
            for turn in range(GROUPS + 1):
                fake, kept = index % GROUPS != turn - 1, np.arange(GROUPS) != turn - 1
                # A real that is left out has a sphere that holds nothing.
                within = block <= self.dense[turn]
                inside[turn] += np.count_nonzero(within[fake])
                covered[turn] |= within[fake].any(axis=0)
                supported[turn] += np.count_nonzero((block <= self.support[turn]).any(axis=1)[fake])
                recalled[turn] |= (block <= spheres[turn, index, None]).any(axis=0)
                nearest[turn] += by_group[kept][:, fake].min(axis=0).sum()
        n_fakes, n_reals = (
            np.array([count, *(count - len(range(group, count, GROUPS)) for group in range(GROUPS))])
            for count in (n, m)
        )
        real = np.stack([np.arange(m) % GROUPS != turn - 1 for turn in range(GROUPS + 1)])
        return {
            "density": _score(inside / (self.neighbours * n_fakes)),
            "coverage": _score((covered & real).sum(axis=1) / n_reals, m),
            "precision": _score(supported / n_fakes, n),
            "recall": _score((recalled & real).sum(axis=1) / n_reals, m),
            "nearest_real": _score(nearest / n_fakes / np.sqrt(fakes.shape[1])),
        }


def kth_distances(points: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    """Distance of each point (n, d) from its k-th nearest other point, for each k of `ranks`.

    Returns: float64 (ranks, GROUPS + 1, n), of all points, then without those of each group, point i in group
    i mod GROUPS; -inf for a point that is left out itself, inf where fewer than k of the nearest are left.
    """
    result = np.full((len(ranks), GROUPS + 1, len(points)), np.inf)
    count = min(max(ranks) + SPARE, len(points))
    for part, block in _distances(points, points):
        # The point itself is no neighbour, however many others coincide with it.
        index = np.arange(part.start, part.start + len(block))
        block[np.arange(len(block)), index] = np.inf
        near = np.argpartition(block, count - 1, axis=1)[:, :count]
        distances = np.take_along_axis(block, near, axis=1)
        order = np.argsort(distances, axis=1)
        near, distances = (np.take_along_axis(array, order, axis=1) for array in (near, distances))
        for turn in range(GROUPS + 1):
            seen = np.cumsum(near % GROUPS != turn - 1, axis=1)
            for place, rank in enumerate(ranks):
                kth = np.take_along_axis(distances, (seen >= rank).argmax(axis=1)[:, None], axis=1)[:, 0]
                kth[seen[:, -1] < rank] = np.inf
                result[place, turn, index] = np.where(index % GROUPS == turn - 1, -np.inf, kth)
    return result


def _score(values: np.ndarray, count: int | None = None) -> Score:
    """The first of values (GROUPS + 1,), with the interval from the others; within 0 and 1 for a share of `count`."""
    value = float(values[0])
    if count and value in (0, 1):
        return Score(value, *wilson(value, count))
    return Score(value, *jackknife(value, values[1:], 0, 1 if count else np.inf))


def _distances(points: np.ndarray, others: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    for start in range(0, len(points), BLOCK):
        part = slice(start, min(start + BLOCK, len(points)))
        yield part, euclidean(points[part], others)
