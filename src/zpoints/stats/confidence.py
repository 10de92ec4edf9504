"""How far would a number move with other images? Intervals from what single images, or groups of them, contribute.

None of them resamples with replacement: an image that is counted twice is its own near neighbour and its own linear
image, which raises canonical correlations, overlaps and R².
"""

import math

import numpy as np

CONFIDENCE = 0.95
Interval = tuple[float, float]


def jackknife(value: float, left_out: np.ndarray, low: float = -math.inf, high: float = math.inf) -> Interval:
    """95% interval of a statistic from its values with one group of images left out each, float64 (groups,).

    The delete-a-group jackknife (Kott 2001): variance (g - 1) / g times the sum of squares about their mean, and
    Student's t with g - 1 degrees of freedom. What cannot be below `low` or above `high` is cut there.
    """
    from scipy.special import stdtrit

    groups = len(left_out)
    error = math.sqrt((groups - 1) / groups * float(np.square(left_out - left_out.mean()).sum()))
    margin = -float(stdtrit(groups - 1, (1 - CONFIDENCE) / 2)) * error
    return max(value - margin, low), min(value + margin, high)


def normal(value: float, influence: np.ndarray) -> Interval:
    """95% interval of a statistic from the influence of each image on it, float64 (images,): the delta method."""
    margin = _quantile() * math.sqrt(float(np.square(influence).sum()))
    return value - margin, value + margin


def mean(values: np.ndarray) -> Interval:
    """95% interval of the mean of values, float64 (n,), at least two: Student's t after Hall's transformation (1992).

    It takes the values' skewness out of the statistic, so that the interval covers where Student's own, or the
    percentiles of a bootstrap, leave the mean of a few skewed values outside.
    """
    from scipy.special import stdtrit

    root, std = math.sqrt(len(values)), float(values.std())
    if not std > 0:
        return float(values[0]), float(values[0])
    skewness = float((((values - values.mean()) / std) ** 3).mean()) / root
    reach = -float(stdtrit(len(values) - 1, (1 - CONFIDENCE) / 2))
    ends = [reach, -reach]
    if abs(skewness) > 1e-6:  # below, the root loses digits, and changes nothing
        ends = [3 / skewness * (float(np.cbrt(1 + skewness * (end - skewness / 6))) - 1) for end in ends]
    error = float(values.std(ddof=1)) / root
    return float(values.mean()) - ends[0] * error, float(values.mean()) - ends[1] * error


def quantile(values: np.ndarray, share: float) -> Interval:
    """95% interval of the quantile below which a share of the law of values, float64 (n,), lies: order statistics.

    David and Nagaraja (2003), 7.1: by the binomial law, whatever that of the values. An end is infinite where the
    values are too few to bound it.
    """
    from scipy.special import bdtr

    below = bdtr(np.arange(len(values) + 1), len(values), share)
    ranks = np.searchsorted(below, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    bounded = np.concatenate([[-math.inf], np.sort(values), [math.inf]])
    return float(bounded[ranks[0]]), float(bounded[ranks[1] + 1])


def wilson(share: float, count: int) -> Interval:
    """95% interval of a share of `count` independent images: Wilson (1927). It has some width at 0 and 1 too."""
    from scipy.stats import binomtest

    interval = binomtest(round(share * count), count).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def logit(value: float, influence: np.ndarray, count: int | None = None) -> Interval:
    """The delta method for an area under a curve, on the scale of log(p / (1 - p)): it stays between 0 and 1.

    At 0 and 1 no image has an influence, and the interval is Wilson's for `count` images: by default all of them, for
    an area better those of the rarer kind.
    """
    if not 0 < value < 1:
        return wilson(value, count or len(influence))
    margin = _quantile() * math.sqrt(float(np.square(influence).sum())) / (value * (1 - value))
    middle = math.log(value / (1 - value))
    return 1 / (1 + math.exp(margin - middle)), 1 / (1 + math.exp(-margin - middle))


def explained(errors: np.ndarray, spreads: np.ndarray) -> tuple[float, np.ndarray] | None:
    """R² = 1 - sum of errors / sum of spreads, and the influence of each image, float64 (images,).

    Args: for each image its squared error, and its squared distance from what would be said without looking at it.
    None where the spreads are all 0.
    """
    total = float(spreads.sum())
    if not total > 0:
        return None
    share = float(errors.sum()) / total
    return 1 - share, -(errors - share * spreads) / total


def _quantile() -> float:
    from scipy.stats import norm

    return float(norm.isf((1 - CONFIDENCE) / 2))
