"""Do two models put the same images in the same places, but for a rotation, a scale or a linear map?

All measures but the overlap of neighbours follow from covariances within and between the two spaces. Their sums are
taken in float64 over blocks of images and add up over groups of images, so that leaving a group out costs nothing but a
subtraction. The null keeps both clouds as they are and shuffles which image of one belongs to which of the other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.analyses.similarity.method.permutations import radius_swaps
from zpoints.measurement import NotMeasurable
from zpoints.stats.confidence import jackknife
from zpoints.stats.envelope import upper_p

# Below this share of the largest variance an axis of float32 numbers holds rounding and no images.
ROUNDING = 1e-10


@dataclass(frozen=True)
class Spaces:
    """Means (p,) and (q,), and covariances within (p, p), (q, q) and between (p, q) two spaces, all float64.

    norms: means over the `count` images of |a|^4, |b|^4 and |a|^2 |b|^2, about the means.
    """

    mean_a: np.ndarray
    mean_b: np.ndarray
    aa: np.ndarray
    bb: np.ndarray
    ab: np.ndarray
    count: int
    norms: tuple[float, float, float]


@dataclass(frozen=True)
class Sums:
    """Count, sum (p + q + 2,) and products (p + q + 2,)² of images in both spaces side by side, about `centre`.

    The squared norm stands behind the axes of each space: debiased CKA needs its moments.
    """

    p: int
    centre: np.ndarray
    count: int
    total: np.ndarray
    products: np.ndarray

    def __sub__(self, other: "Sums") -> "Sums":
        count = self.count - other.count
        return Sums(self.p, self.centre, count, self.total - other.total, self.products - other.products)

    def spaces(self, crossed: np.ndarray | None = None) -> Spaces:
        """The covariances; `crossed` (p, q) are the products of shuffled images, in place of those between spaces."""
        shift = self.total / self.count
        covariance = self.products / self.count - np.outer(shift, shift)
        p, mean = self.p, self.centre + np.delete(shift, [self.p, -1])
        a, b = slice(0, p + 1), slice(p + 1, None)
        ab = covariance[a, b] if crossed is None else crossed / self.count - np.outer(shift[a], shift[b])
        # |x - m|² = |x|² - 2 m x + |m|² is linear in x and |x|².
        to_a, to_b = (np.append(-2 * shift[axes][:-1], 1) for axes in (a, b))
        aa, bb = covariance[a, a], covariance[b, b]
        mean_a, mean_b = np.trace(aa[:-1, :-1]), np.trace(bb[:-1, :-1])
        norms = to_a @ aa @ to_a + mean_a**2, to_b @ bb @ to_b + mean_b**2, to_a @ ab @ to_b + mean_a * mean_b
        return Spaces(mean[:p], mean[p:], aa[:-1, :-1], bb[:-1, :-1], ab[:-1, :-1], self.count, norms)


@dataclass(frozen=True)
class Gathered:
    """Sums of all images, those of each group, and the crossed products of each shuffling."""

    whole: Sums
    groups: list[Sums]
    crossed: list[np.ndarray]


def gather(blocks: Iterable[tuple[np.ndarray, np.ndarray]], n_groups: int, n_permutations: int, seed: int) -> Gathered:
    """One pass over the same images in two spaces, blocks of (m, p) and (m, q) numbers.

    Image i counts in group i mod `n_groups`. Images are shuffled within a block: that breaks every pair, and keeps
    what drifts along the data set. Raises NotMeasurable with fewer than two images for each group.
    """
    rng = np.random.default_rng(seed)
    sums: list[tuple[int, np.ndarray, np.ndarray]] = []
    seen, p, centre = 0, 0, np.zeros(0)
    crossed: list[np.ndarray] = []
    for a, b in blocks:
        both = np.hstack([a, b]).astype(np.float64)
        if not sums:
            # About 0, a cloud far from it would lose digits.
            p, centre = a.shape[1], both.mean(axis=0)
            width = len(centre) + 2
            sums = [(0, np.zeros(width), np.zeros((width, width))) for _ in range(n_groups)]
            crossed = [np.zeros((p + 1, width - p - 1)) for _ in range(n_permutations)]
        both -= centre
        norms = [np.square(part).sum(axis=1) for part in (both[:, :p], both[:, p:])]
        both = np.column_stack([both[:, :p], norms[0], both[:, p:], norms[1]])
        for group, (count, total, products) in enumerate(sums):
            part = both[(group - seen) % n_groups :: n_groups]
            total += part.sum(axis=0)
            products += part.T @ part
            sums[group] = count + len(part), total, products
        for product in crossed:
            product += both[:, : p + 1].T @ both[rng.permutation(len(both)), p + 1 :]
        seen += len(both)
    if seen < 2 * n_groups:
        raise NotMeasurable(f"needs {2 * n_groups} training images for {n_groups} groups, has {seen}")
    groups = [Sums(p, centre, *group_sums) for group_sums in sums]
    total, products = (sum(getattr(group, key) for group in groups) for key in ("total", "products"))
    return Gathered(Sums(p, centre, seen, total, products), groups, crossed)


def cka(spaces: Spaces) -> float:
    """Linear CKA, Kornblith et al. (2019): ||ab||² / (||aa|| ||bb||) of Frobenius norms.

    1 for rotated and scaled copies; directions of large variance count most.
    """
    return float(np.square(spaces.ab).sum() / (np.linalg.norm(spaces.aa) * np.linalg.norm(spaces.bb)))


def debiased_cka(spaces: Spaces) -> float:
    """Linear CKA from the unbiased estimators of its three parts: Song et al. (2012), as Kornblith's code has it.

    That of the finite cloud grows with axes over images; this one is 0 on average for unrelated clouds, and may fall
    below.
    """
    parts = (spaces.aa, spaces.bb, spaces.ab)
    means = [np.trace(spaces.aa), np.trace(spaces.bb)]
    products = means[0] ** 2, means[1] ** 2, means[0] * means[1]
    n = spaces.count
    within_a, within_b, between = (
        np.square(part).sum() - norm / (n - 2) + product / ((n - 1) * (n - 2))
        for part, norm, product in zip(parts, spaces.norms, products, strict=True)
    )
    return float(between / np.sqrt(within_a * within_b)) if min(within_a, within_b) > 0 else cka(spaces)


def procrustes(spaces: Spaces) -> float:
    """Orthogonal Procrustes: least mean squared distance of the centred clouds over all rotations and reflections.

    Schönemann (1966); over the sum of both variances: tr aa + tr bb - 2 ||ab||_* with the nuclear norm. 0 for rotated
    copies, 1 for unrelated clouds. The space with fewer axes counts as padded with zeros.
    """
    total = np.trace(spaces.aa) + np.trace(spaces.bb)
    return float(1 - 2 * _nuclear(spaces.ab) / total)


def procrustes_scaled(spaces: Spaces) -> float:
    """The same where one cloud may be scaled as well: 1 - ||ab||_*² / (tr aa tr bb), scipy.spatial.procrustes'."""
    return float(1 - _nuclear(spaces.ab) ** 2 / (np.trace(spaces.aa) * np.trace(spaces.bb)))


def unrotated(spaces: Spaces) -> float:
    """The residual of `procrustes` with the axes left as they are, for spaces of one z_dim: 1 for unrelated axes."""
    return float(1 - 2 * np.trace(spaces.ab) / (np.trace(spaces.aa) + np.trace(spaces.bb)))


def kept_axes(covariance: np.ndarray, share: float) -> int:
    """Principal axes that hold this share of the variance, SVCCA's rule (Raghu et al. 2017); never mere rounding."""
    variances = np.maximum(np.linalg.eigvalsh(covariance)[::-1], 0)
    needed = int(np.searchsorted(np.cumsum(variances) / variances.sum(), share - 1e-12)) + 1
    return min(needed, int(np.count_nonzero(variances > ROUNDING * variances[0])))


def canonical(spaces: Spaces, kept: tuple[int, int]) -> np.ndarray:
    """Canonical correlations of the first principal axes of both, Hotelling (1936): float64 (min(kept),), descending.

    The singular values of the covariance between the two whitened spaces. Axes beyond `kept` are left out, because
    whitening would blow a collapsed axis up to the size of the others.
    """
    a, b = (whitening(covariance, count) for covariance, count in zip((spaces.aa, spaces.bb), kept, strict=True))
    return np.clip(np.linalg.svd(a.T @ spaces.ab @ b, compute_uv=False), 0, 1)


@dataclass(frozen=True)
class Map:
    """A linear map from space `source` (0 or 1) of a pair to the other: means (p,) and (q,), coefficients (p, q)."""

    source: int
    mean: np.ndarray
    target_mean: np.ndarray
    coefficients: np.ndarray


def maps(spaces: Spaces) -> tuple[Map, Map]:
    """The least-squares maps from the first space to the second, and back."""
    there = Map(0, spaces.mean_a, spaces.mean_b, _coefficients(spaces.aa, spaces.ab))
    return there, Map(1, spaces.mean_b, spaces.mean_a, _coefficients(spaces.bb, spaces.ab.T))


def residuals(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]], fitted: Sequence[Map]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What each map leaves of images it was not fitted on, blocks of (m, p) and (m, q) numbers.

    Per image the squared error, and the squared distance from the mean it was fitted with: float64 (images,) both.
    """
    parts: list[list[np.ndarray]] = [[np.zeros((2, 0))] for _ in fitted]
    for both in blocks:
        for linear, parts_of_map in zip(fitted, parts, strict=True):
            spread = both[1 - linear.source] - linear.target_mean
            error = spread - (both[linear.source] - linear.mean) @ linear.coefficients
            parts_of_map.append(np.stack([np.square(error).sum(axis=1), np.square(spread).sum(axis=1)]))
    joined = [np.concatenate(parts_of_map, axis=1) for parts_of_map in parts]
    return [(errors, spreads) for errors, spreads in joined]


def nearest(points: np.ndarray, n_neighbors: int) -> np.ndarray:
    """Indices of the nearest neighbours of each of (m, z_dim) points, itself left out: int64 (m, n_neighbors)."""
    from sklearn.neighbors import NearestNeighbors

    # In float64 and about their mean: the distances come from differences of squares.
    centred = points - points.mean(axis=0, dtype=np.float64)
    return NearestNeighbors(n_neighbors=n_neighbors).fit(centred).kneighbors(return_distance=False)


def overlap(near_a: np.ndarray, near_b: np.ndarray) -> float:
    """Share of neighbours (m, k) that two spaces agree on; k / (m - 1) by chance."""
    return float((near_a[:, :, None] == near_b[:, None, :]).any(axis=2).mean())


def estimate(
    gathered: Gathered, measure: Callable[[Spaces], float], most: float = 1, least: float = 0
) -> dict[str, float]:
    """A measure in [least, most] with its 95% interval by leaving groups out; mean and range over the shuffles."""
    value = measure(gathered.whole.spaces())
    left_out = np.array([measure((gathered.whole - group).spaces()) for group in gathered.groups])
    low, high = jackknife(value, left_out, least, most)
    shuffled = [measure(gathered.whole.spaces(crossed)) for crossed in gathered.crossed]
    return {"value": value, "low": low, "high": high} | null_of(shuffled)


def radius_distance(a: np.ndarray, b: np.ndarray, n_groups: int, n_permutations: int, seed: int) -> dict[str, float]:
    """Wasserstein distance of two laws of the radius, float64 (images,) of the same images, in units of the radius.

    The null swaps the two radii of an image or not, at random: what chance leaves between two equal laws. `p` is the
    share of swaps with as large a distance, the real one among them.
    """
    from scipy.stats import wasserstein_distance

    value = float(wasserstein_distance(a, b))
    group_of = np.arange(len(a)) % n_groups
    left_out = [wasserstein_distance(a[group_of != group], b[group_of != group]) for group in range(n_groups)]
    low, high = jackknife(value, np.array(left_out), 0)
    null = radius_swaps(a, b, n_permutations, seed).tolist()
    return {"value": value, "low": low, "high": high} | null_of(null) | {"p": upper_p(value * (1 - 1e-9), null)}


def null_of(values: Sequence[float]) -> dict[str, Any]:
    """Mean, least and largest of what the shuffled images gave."""
    return {"null": float(np.mean(values)), "null_low": float(min(values)), "null_high": float(max(values))}


def _nuclear(matrix: np.ndarray) -> float:
    return float(np.linalg.svd(matrix, compute_uv=False).sum())


def _coefficients(covariance: np.ndarray, between: np.ndarray) -> np.ndarray:
    return np.linalg.pinv(covariance, rcond=ROUNDING, hermitian=True) @ between


def whitening(covariance: np.ndarray, count: int) -> np.ndarray:
    """The first principal axes as columns (z_dim, count), scaled to variance 1."""
    variances, axes = np.linalg.eigh(covariance)
    chosen = slice(None, -count - 1, -1)
    return axes[:, chosen] / np.sqrt(variances[chosen])
