"""The detection limit of a test: the smallest planted effect that it finds with 90% power.

Without one, "not detected" says nothing of what could have been detected.
"""

import math
from collections.abc import Callable, Sequence

from zpoints.stats.confidence import wilson

POWER = 0.9
DRAWS = 20  # clouds for each size of the effect: 18 of them make the power


def errors_needed(freedom: int, level: float) -> float:
    """How many standard errors large must an effect be, so that a one-sided t test of this level finds it with POWER?

    From the noncentral t distribution: the standard error is estimated, with so many degrees of freedom.
    """
    from scipy.optimize import brentq
    from scipy.stats import nct, t

    quantile = float(t.isf(level, freedom))
    return float(brentq(lambda shift: nct.sf(quantile, freedom, shift) - POWER, 0, 10 + 3 * quantile))


def smallest_effect(
    found: Callable[[float, int], bool], effects: Sequence[float], draws: int = DRAWS
) -> dict[str, float | int | None]:
    """The least of these ascending effects that a test finds in POWER of the draws, by bisection.

    Args: found, whether the test finds an effect planted in one of the draws; the same draw is the same chance for all
    effects. Returns `effect`, None where it misses the largest too, and the `power` seen with its 95% interval
    (Wilson 1927), `power_low` and `power_high`, over `draws`.
    """
    needed = math.ceil(POWER * draws - 1e-9)
    hits: dict[int, int] = {}
    low, high = 0, len(effects)
    while low < high:
        middle, missed = (low + high) // 2, 0
        for draw in range(draws):
            missed += not found(effects[middle], draw)
            if missed > draws - needed:
                break
        if missed <= draws - needed:
            high, hits[middle] = middle, draws - missed
        else:
            low = middle + 1
    if low == len(effects):
        return {"effect": None, "power": None, "power_low": None, "power_high": None, "draws": draws}
    power = hits[low] / draws
    bounds = wilson(power, draws)
    return {
        "effect": float(effects[low]),
        "power": power,
        "power_low": bounds[0],
        "power_high": bounds[1],
        "draws": draws,
    }
