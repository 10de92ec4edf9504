"""What the page must know of one model's cloud of z-points."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from zpoints.explorer.chunks import Chunks
from zpoints.latents.cloud import Cloud
from zpoints.latents.store import Latents, chunks
from zpoints.stats.pca import principal_axes

BLOCK = 4096  # z-points of a chunk
N_SCORES = 10  # principal axes that span maps
N_NEAREST = 256  # z-points whose nearest neighbour is looked for
QUANTILES = np.linspace(0, 1, 201)
MIN_SHARE = 1e-9  # of the largest variance: an axis below it has collapsed


def write_space(latents: Latents, bits: int, out: Chunks, name: str) -> dict[str, Any]:
    """Write z-points, axes, scores and radii of one model as chunks NAME/..., and return what is small as plain data.

    z-points are quantized to `bits` bits of each axis' range; `error` is the largest rounding, in units of the axis'
    standard deviation, averaged over the axes. Memory does not grow with the number of images.
    """
    cloud = Cloud(latents.mu, latents.rows("train"))
    variances, axes = principal_axes(cloud.moments)
    mean, std = cloud.moments.mean, np.sqrt(variances)
    active = variances > MIN_SHARE * max(variances[0], 1e-30)
    n_scores = min(N_SCORES, latents.z_dim)

    everyone = np.arange(len(latents))
    low, high = _range(latents)
    scores = np.empty((len(latents), n_scores), np.float32)
    radii = np.empty(len(latents), np.float32)
    distances = np.empty(len(latents), np.float32)
    for rows in chunks(everyone):
        points = latents.mu[rows].astype(np.float64)
        projected = (points - mean) @ axes
        scores[rows] = projected[:, :n_scores]
        radii[rows] = np.linalg.norm(points, axis=1)
        scaled = projected[:, active] / std[active]
        distances[rows] = np.sqrt(np.square(scaled).sum(axis=1))

    step = np.where(high > low, (high - low) / (2**bits - 1), 1.0)
    out.add_array(f"{name}/low", low.astype(np.float32))
    out.add_array(f"{name}/step", step.astype(np.float32))
    n_blocks = out.add_blocks(f"{name}/points", _quantized(latents, low, step, bits))
    out.add_array(f"{name}/mean", mean.astype(np.float32))
    out.add_array(f"{name}/std", std.astype(np.float32))
    out.add_array(f"{name}/axes", axes.T.astype(np.float32))  # a row for each axis
    out.add_array(f"{name}/scores", scores.T)
    out.add_array(f"{name}/radius", radii)
    out.add_array(f"{name}/distance", distances)
    train = cloud.rows
    varying = cloud.moments.std > 0
    return {
        "z_dim": latents.z_dim,
        "kind": latents.kind,
        "bits": bits,
        "error": float((step[varying] / 2 / cloud.moments.std[varying]).mean()) if varying.any() else 0.0,
        "block": BLOCK,
        "n_blocks": n_blocks,
        "n_scores": n_scores,
        "n_active": int(active.sum()),
        "share": (variances / max(variances.sum(), 1e-30)).tolist(),
        "radius": np.quantile(radii[train], QUANTILES).tolist(),
        "distance": np.quantile(distances[train], QUANTILES).tolist(),
        "nearest": np.quantile(_nearest(latents, train), QUANTILES[::10]).tolist(),
    }


def _range(latents: Latents) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value of each axis, float64 (z_dim,)."""
    parts = [latents.mu[rows] for rows in chunks(np.arange(len(latents)))[:1]]
    low, high = parts[0].min(axis=0), parts[0].max(axis=0)
    for rows in chunks(np.arange(len(latents)))[1:]:
        part = latents.mu[rows]
        low, high = np.minimum(low, part.min(axis=0)), np.maximum(high, part.max(axis=0))
    return low.astype(np.float64), high.astype(np.float64)


def _quantized(latents: Latents, low: np.ndarray, step: np.ndarray, bits: int) -> Iterator[np.ndarray]:
    for start in range(0, len(latents), BLOCK):
        part = latents.mu[start : start + BLOCK].astype(np.float64)
        yield np.rint((part - low) / step).astype(np.uint8 if bits == 8 else np.uint16)


def _nearest(latents: Latents, train: np.ndarray) -> np.ndarray:
    """Distances of some held-out z-points, or training ones where none is, to the nearest other training z-point."""
    held_out = latents.rows("held_out")
    chosen = held_out if len(held_out) else train
    chosen = np.sort(np.random.default_rng(0).permutation(chosen)[:N_NEAREST])
    points = latents.mu[chosen].astype(np.float64)
    best = np.full(len(chosen), np.inf)
    for rows in chunks(train):
        part = latents.mu[rows].astype(np.float64)
        squares = np.square(points).sum(1)[:, None] + np.square(part).sum(1) - 2 * points @ part.T
        squares[chosen[:, None] == rows] = np.inf
        best = np.minimum(best, squares.min(axis=1))
    best = best[np.isfinite(best)]
    return np.sqrt(np.maximum(best, 0)) if len(best) else np.zeros(1)
