"""The mean of values that come in groups: the mixed model y ~ 1 + (1 | group), by restricted maximum likelihood."""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

LOG_RATIOS = (-8.0, 8.0)  # where the variance between groups over that within is looked for


class RandomEffects(NamedTuple):
    """A mean with its standard error and the error's degrees of freedom; deviations between and within groups."""

    mean: float
    error: float
    freedom: float
    std_between: float
    std_within: float


def random_effects_mean(values: np.ndarray, groups: np.ndarray) -> RandomEffects:
    """values: float64 (n,), not all equal; groups: labels (n,), of at least two groups, one with two values or more.

    Restricted maximum likelihood is Patterson and Thompson's (1971), the degrees of freedom are Satterthwaite's (1946)
    from its expected information, at least 1. Where groups do not differ it is the plain mean with n - 1.
    """
    member = (groups[:, None] == np.unique(groups)).astype(float)  # (n, groups)

    def deviance(ratio: float) -> float:
        weights, _, squares = _weighted(values, member, ratio)
        groups_part = float(np.log1p(member.sum(0) * ratio).sum())
        return (len(values) - 1) * math.log(squares) + groups_part + math.log(weights.sum())

    best = minimize_scalar(lambda log: deviance(math.exp(log)), bounds=LOG_RATIOS, method="bounded")
    ratio = math.exp(best.x) if best.fun < deviance(0.0) else 0.0
    weights, mean, squares = _weighted(values, member, ratio)
    within = squares / (len(values) - 1)
    freedom = _satterthwaite(member, ratio) if ratio else len(values) - 1.0
    error = math.sqrt(within / weights.sum())
    return RandomEffects(mean, error, freedom, math.sqrt(ratio * within), math.sqrt(within))


def _weighted(values: np.ndarray, member: np.ndarray, ratio: float) -> tuple[np.ndarray, float, float]:
    """Weights of the groups' means, their weighted mean, and the weighted sum of squares about it.

    ratio: the variance between groups over that within.
    """
    sizes = member.sum(0)
    means = values @ member / sizes
    weights = sizes / (1 + sizes * ratio)
    mean = float(weights @ means / weights.sum())
    return weights, mean, float(np.square(values - member @ means).sum() + weights @ np.square(means - mean))


def _satterthwaite(member: np.ndarray, ratio: float) -> float:
    """Degrees of freedom of the mean's variance."""
    shared = member @ member.T
    inverse = np.linalg.inv(np.eye(len(shared)) + ratio * shared)
    weights = inverse.sum(0) / inverse.sum()
    residual = inverse - np.outer(weights, weights) * inverse.sum()
    parts = residual @ shared, residual
    information = np.array([[np.trace(one @ other) for other in parts] for one in parts]) / 2
    gradient = np.array([weights @ shared @ weights, weights @ weights])
    return max(1.0, float(2 / inverse.sum() ** 2 / (gradient @ np.linalg.solve(information, gradient))))
