"""Do the decoded images lie among the real ones, and everywhere among them? Scores of nearest neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zpoints.metrics.feature_scaler import refuse_too_few
from zpoints.metrics.jackknife import Score, of_mean

BLOCK = 1000


@dataclass(frozen=True)
class Neighbourhoods:
    """Reals (m, d), and the distance of each from its k-th nearest other real: for density, for precision."""

    reals: np.ndarray
    dense: np.ndarray
    support: np.ndarray
    neighbours: int
    manifold: int

    @classmethod
    def of(cls, reals: np.ndarray, neighbours: int = 5, manifold: int = 3) -> "Neighbourhoods":
        """neighbours: of density and coverage, 5 in the paper. manifold: of precision and recall, 3 in theirs."""
        refuse_too_few(len(reals), "density and coverage")
        found = kth_distances(reals, (neighbours, manifold))
        return cls(reals, found[:, 0], found[:, 1], neighbours, manifold)

    def scores(self, fakes: np.ndarray, seed: int) -> dict[str, Score]:
        """Scores of fakes (n, d); the intervals hold the spheres fixed and draw the images that are counted anew.

        density, coverage: Naeem, Oh, Uh, Choi and Yoo (2020): how many reals' spheres, each up to the k-th neighbour,
        hold a fake, over k; and the share of reals whose sphere holds one. For two sets from one distribution 1, and
        1 - 2^-k for many images: 0.97 for k = 5.
        precision, recall: Kynkaanniemi, Karras, Laine, Lehtinen and Aila (2019): the share of fakes in any real's
        sphere, and of reals in any fake's.
        nearest_real: mean distance of a fake from the nearest real, over sqrt(d).
        """
        refuse_too_few(len(fakes), "density and coverage")
        own = kth_distances(fakes, (self.manifold,))[:, 0]
        inside, nearest, supported = (np.empty(len(fakes)) for _ in range(3))
        covered, recalled = np.zeros(len(self.reals), bool), np.zeros(len(self.reals), bool)
        for part, found in _distances(fakes, self.reals):
            within = found <= self.dense
            inside[part] = within.sum(axis=1)
            covered |= within.any(axis=0)
            supported[part] = (found <= self.support).any(axis=1)
            recalled |= (found <= own[part, None]).any(axis=0)
            nearest[part] = found.min(axis=1)
        means = {
            "density": inside / self.neighbours,
            "coverage": covered,
            "precision": supported,
            "recall": recalled,
            "nearest_real": nearest / np.sqrt(fakes.shape[1]),
        }
        return {name: of_mean(values, (seed, 2, place)) for place, (name, values) in enumerate(means.items())}


def kth_distances(points: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    """Distance of each point (n, d) from its k-th nearest other point, for each k of `ranks`: float64 (n, ranks)."""
    result = np.empty((len(points), len(ranks)))
    for part, found in _distances(points, points):
        # The point itself is no neighbour, however many others coincide with it.
        found[np.arange(len(found)), np.arange(part.start, part.start + len(found))] = np.inf
        places = [rank - 1 for rank in ranks]
        result[part] = np.partition(found, places, axis=1)[:, places]
    return result


def _distances(one: np.ndarray, other: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    from sklearn.metrics.pairwise import euclidean_distances

    for start in range(0, len(one), BLOCK):
        part = slice(start, min(start + BLOCK, len(one)))
        yield part, euclidean_distances(one[part], other)
