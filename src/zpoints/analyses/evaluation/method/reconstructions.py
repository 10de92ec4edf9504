"""How well held-out images are reconstructed: over all images, and which are the best and the worst."""

from typing import Any

import numpy as np

from zpoints.metrics.jackknife import of_mean

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summary(measures: dict[str, np.ndarray]) -> dict[str, Any]:
    """For each measure, float64 (n,): mean with its 95% interval, standard deviation, and quantiles."""
    summaries = {}
    for name, values in measures.items():
        mean = of_mean(values)
        quantiles = np.quantile(values, QUANTILES)
        summaries[name] = {
            **{"mean": mean.value, "low": mean.low, "high": mean.high, "std": float(values.std())},
            "quantile": {f"{share:g}": float(value) for share, value in zip(QUANTILES, quantiles, strict=True)},
        }
    return summaries


def extremes(loss: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """Places (n,) of the images with the least loss, about its median, and with the most: best, median and worst.

    Args: loss, float64 (images,). Of each kind `count`, or a third of the images where these are fewer; the best comes
    first, of the worst the very worst.
    """
    order = np.argsort(loss, kind="stable")
    count = min(count, len(order) // 3)
    first = (len(order) - count) // 2
    return {"best": order[:count], "median": order[first : first + count], "worst": order[::-1][:count]}
