"""How well held-out images are reconstructed: per image, over all images, and which are the best and the worst."""

from typing import Any

import numpy as np

from zpoints.metrics.jackknife import of_mean

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Measures = dict[str, np.ndarray]


def joined(parts: list[Measures]) -> Measures:
    """What `pictures.fidelity` tells of pictures that came in parts, float64 (n,) for each measure."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def summary(measures: Measures, seed: int) -> dict[str, Any]:
    """For each measure the mean over the images with its 95% bootstrap interval, standard deviation, and quantiles."""
    found = {}
    for place, (name, values) in enumerate(measures.items()):
        mean = of_mean(values, (seed, 5, place))
        quantiles = np.quantile(values, QUANTILES)
        found[name] = {
            **{"mean": mean.value, "low": mean.low, "high": mean.high, "std": float(values.std())},
            "quantile": {f"{level:g}": float(at) for level, at in zip(QUANTILES, quantiles, strict=True)},
        }
    return found


def lines(ids: np.ndarray, rows: np.ndarray, measures: Measures) -> list[dict[str, Any]]:
    """A line for each image: its id, its row in the shards, and its measures."""
    columns = zip(ids, rows, *measures.values(), strict=True)
    return [dict(zip(("id", "row", *measures), map(_plain, line), strict=True)) for line in columns]


def extremes(loss: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """Places (n,) of the images with the least loss, about its median, and with the most: best, median and worst.

    Args: loss, float64 (images,). Of each kind `count`, or a third of the images where these are fewer; the best comes
    first, of the worst the very worst.
    """
    order = np.argsort(loss, kind="stable")
    count = min(count, len(order) // 3)
    first = (len(order) - count) // 2
    return {"best": order[:count], "median": order[first : first + count], "worst": order[::-1][:count]}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
