"""Does each axis of the latent space stand for one factor, and each factor for one axis? DCI of toy faces.

Eastwood and Williams, A Framework for the Quantitative Evaluation of Disentangled Representations (2018). It takes
factors that are numbers as they are; MIG would need them, and mu, in bins.
"""

from typing import Any

import numpy as np

from zpoints.stats.probes import LatentScaler

TURNS = 5
# Of the absolute weights, for standardised mu and factors: a weight that explains less is taken for none.
PENALTY = 0.02


def importances(points: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """How much each axis counts for each factor: |weights| of lasso regressions, float64 (columns, factors).

    Args: standardised points (n, columns), and factors (n, factors) that vary. The paper's lasso, at one penalty.
    """
    from sklearn.linear_model import Lasso

    values = (factors - factors.mean(axis=0, dtype=np.float64)) / factors.std(axis=0, dtype=np.float64)
    gram = points.T @ points
    probe = Lasso(alpha=PENALTY, precompute=gram, fit_intercept=False, max_iter=10_000)
    return np.stack([np.abs(probe.fit(points, column).coef_) for column in values.T], axis=1)


def dci(weights: np.ndarray) -> tuple[float, float] | None:
    """Disentanglement and completeness of importances (columns, factors): 1 for one axis a factor, 0 for all alike.

    Disentanglement is 1 less the entropy of an axis' importances over the factors, in units of its most, mean over
    axes weighed by their importance; completeness the same of a factor's over the axes. None where nothing matters,
    or with fewer than two axes or factors.
    """
    if not weights.sum() > 0 or min(weights.shape) < 2:
        return None
    return _purity(weights), _purity(weights.T)


def rotated(points: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
    """The same points (n, z_dim), their axes turned at random (Haar): the null of every claim about axes."""
    from scipy.stats import ortho_group

    width = points.shape[1]
    turn = ortho_group.rvs(width, random_state=np.random.default_rng(seed)) if width > 1 else np.ones((1, 1))
    return points @ turn


def describe(points: np.ndarray, factors: np.ndarray, seed: int) -> dict[str, Any] | None:
    """DCI of mu (n, z_dim) for factors (n, factors) that vary; and of mu after random turns: mean, and their largest.

    None where it is not defined.
    """
    if factors.shape[1] < 2:
        return None
    scores = dci(importances(LatentScaler.of(points).apply(points), factors))
    if scores is None:
        return None
    null = []
    for turn in range(TURNS):
        cloud = rotated(points - points.mean(axis=0, dtype=np.float64), (seed, turn))
        null.append(dci(importances(LatentScaler.of(cloud).apply(cloud), factors)) or (0.0, 0.0))
    return {
        name: {"value": value, "null": float(np.mean(turned)), "null_most": max(turned), "turns": TURNS}
        for name, value, turned in zip(
            ("disentanglement", "completeness"), scores, zip(*null, strict=True), strict=True
        )
    }


def _purity(weights: np.ndarray) -> float:
    """Mean over rows, weighed by their sums, of 1 - entropy / ln(columns)."""
    sums = weights.sum(axis=1)
    shares = weights / np.where(sums > 0, sums, 1)[:, None]
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1) / np.log(weights.shape[1])
    return float(((1 - entropy) * sums).sum() / sums.sum())
