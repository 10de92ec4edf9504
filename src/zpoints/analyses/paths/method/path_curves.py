"""Along which ways through the latent space do images stay near real ones, and how far does the good region reach?

A bundle is a number of paths of one kind, z-points (paths, steps, z_dim) at common positions (steps,). Distances are in
units of the cloud's spread, the root of the summed variances of mu: so far from the mean a z-point lies on average.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zpoints.latents.traversals import WAYS, isotropic, shaped, walk
from zpoints.metrics.jackknife import of_mean
from zpoints.stats.confidence import Interval
from zpoints.stats.reference_distributions import Gaussian

STARTS = ("images", "gaussian", "mean")
DIRECTIONS = ("isotropic", "shaped")


@dataclass(frozen=True)
class Bundle:
    """Paths of one kind."""

    name: str
    positions: np.ndarray
    points: np.ndarray


def between(points: np.ndarray, partners: np.ndarray, steps: int, centre: np.ndarray) -> list[Bundle]:
    """From each point (n, z_dim) to its partner (n, z_dim), on a line and on an arc; positions from 0 to 1."""
    positions = np.linspace(0, 1, steps)
    return [
        Bundle(name, positions, np.stack([way(*ends, steps, centre) for ends in zip(points, partners, strict=True)]))
        for name, way in WAYS.items()
    ]


def through(law: Gaussian, points: np.ndarray, n_axes: int, n_sigma: float, steps: int) -> list[Bundle]:
    """Along each of the first principal axes through the mean; and from each point (n, z_dim) through the origin.

    Positions along an axis are in its standard deviations. Through the origin, 1 is the point, 0 the origin, and -1 the
    point mirrored at it.
    """
    # Gaussian.like sorts its axes by variance, the largest last; each column is an axis, as long as its deviation.
    along = law.factor[:, ::-1][:, :n_axes].T
    amounts, shares = np.linspace(-n_sigma, n_sigma, steps), np.linspace(1, -1, steps)
    mean = np.broadcast_to(law.mean, along.shape)
    return [
        Bundle("axes", amounts, walk(mean, along, amounts)),
        Bundle("origin", shares, walk(np.zeros_like(points), points, shares)),
    ]


def around(
    law: Gaussian, points: np.ndarray, distances: np.ndarray, spread: float, seed: tuple[int, ...]
) -> list[Bundle]:
    """Away from z-points of images (n, z_dim), from as many draws of the Gaussian, and from the mean itself.

    Each goes two ways: in a direction without preference, and in one that the Gaussian's covariance shapes. Positions
    are distances from the start, in units of `spread`.
    """
    count, z_dim = points.shape
    starts = dict(zip(STARTS, (points, law.sample(count, (*seed, 0)), np.tile(law.mean, (count, 1))), strict=True))
    ways = dict(zip(DIRECTIONS, (isotropic(count, z_dim, (*seed, 1)), shaped(law, count, (*seed, 1))), strict=True))
    return [
        Bundle(f"{start}_{way}", distances, walk(begin, spread * direction, distances))
        for start, begin in starts.items()
        for way, direction in ways.items()
    ]


def rows_of(bundle: Bundle, distances: np.ndarray, threshold: float) -> list[dict[str, Any]]:
    """A row for each position: mean of the distances (paths, steps) with its 95% interval, and the good share."""
    rows = []
    for position, values in zip(bundle.positions, distances.T, strict=True):
        score = of_mean(values)
        rows.append(
            {"path": bundle.name, "position": float(position), "distance": score.value, "low": score.low}
            | {"high": score.high, "good": float((values <= threshold).mean())}
        )
    return rows


def distance_at(rows: list[dict[str, Any]], path: str, position: float) -> dict[str, float]:
    """Distance and good share of a path's row nearest to this position: the middle of a path has an odd step."""
    nearest = min((row for row in rows if row["path"] == path), key=lambda row: abs(row["position"] - position))
    return {key: nearest[key] for key in ("distance", "good")}


def radii(points: np.ndarray, law: Gaussian, spread: float) -> dict[str, float]:
    """How far z-points (n, z_dim) lie from the Gaussian's mean, in units of the spread: median, and where 95% end."""
    distances = np.linalg.norm(points - law.mean, axis=1) / spread
    return {"median": float(np.median(distances)), "most": float(np.quantile(distances, 0.95))}


def width(rows: list[dict[str, Any]], path: str, threshold: float, interval: Interval) -> dict[str, float | None]:
    """Where the mean along a path's rows first passes the threshold, which has an interval too; with a 95% interval.

    It holds the positions at which that of the difference of mean and threshold, from the intervals of both as by Zou
    and Donner (2008), holds 0. 0 where the mean begins beyond the threshold; None where it, or what bounds it, never
    passes the threshold up to the last position.
    """
    rows = [row for row in rows if row["path"] == path]
    positions = np.array([row["position"] for row in rows])
    mean, low, high = (np.array([row[key] for row in rows], float) for key in ("distance", "low", "high"))
    bounds = {
        "value": mean,
        "low": mean + np.hypot(high - mean, threshold - interval[0]),
        "high": mean - np.hypot(mean - low, interval[1] - threshold),
    }
    places = {key: passing(positions, curve, threshold) for key, curve in bounds.items()}
    return {key: place if np.isfinite(place) else None for key, place in places.items()}


def passing(positions: np.ndarray, curve: np.ndarray, threshold: float) -> float:
    """Where a curve (steps,) first rises beyond the threshold, between two positions; infinity if nowhere."""
    beyond = np.flatnonzero(curve > threshold)
    if not beyond.size:
        return float("inf")
    step = beyond[0]
    if step == 0:
        return float(positions[0])
    share = (threshold - curve[step - 1]) / (curve[step] - curve[step - 1])
    return float(positions[step - 1] + share * (positions[step] - positions[step - 1]))
