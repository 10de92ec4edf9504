"""What the page must know of one model's cloud of z-points."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Rounding:
    """Coordinates as whole numbers of `bits` bits, each axis over its own range; low and step: float64 (z_dim,)."""

    bits: int
    low: np.ndarray
    step: np.ndarray

    @classmethod
    def of(cls, latents: Latents, bits: int) -> "Rounding":
        """That of these z-points; the step of an axis on which all are equal is 1."""
        parts = [latents.mu[rows] for rows in chunks(np.arange(len(latents)))]
        low = np.min([part.min(axis=0) for part in parts], axis=0).astype(np.float64)
        high = np.max([part.max(axis=0) for part in parts], axis=0).astype(np.float64)
        return cls(bits, low, np.where(high > low, (high - low) / (2**bits - 1), 1.0))

    def codes(self, mu: np.ndarray) -> np.ndarray:
        """uint8 or uint16 (n, z_dim) of points (n, z_dim)."""
        return np.rint((mu.astype(np.float64) - self.low) / self.step).astype(np.uint8 if self.bits == 8 else np.uint16)

    def rounded(self, mu: np.ndarray) -> np.ndarray:
        """The points as the page has them, float32 (n, z_dim)."""
        return (self.low + self.step * self.codes(mu)).astype(np.float32)


def write_space(latents: Latents, rounding: Rounding, out: Chunks, name: str) -> dict[str, Any]:
    """Write z-points, axes, scores and radii of one model as chunks NAME/..., and return what is small as plain data.

    Memory does not grow with the number of images, but for a few numbers of each.
    """
    cloud = Cloud(latents.mu, latents.rows("train"))
    variances, axes = principal_axes(cloud.moments)
    mean, std = cloud.moments.mean, np.sqrt(variances)
    active = variances > MIN_SHARE * max(variances[0], 1e-30)
    n_scores = min(N_SCORES, latents.z_dim)

    everyone = np.arange(len(latents))
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

    out.add_array(f"{name}/low", rounding.low.astype(np.float32))
    out.add_array(f"{name}/step", rounding.step.astype(np.float32))
    starts = range(0, len(latents), BLOCK)
    for number, start in enumerate(starts):
        out.add_array(f"{name}/points_{number}", rounding.codes(latents.mu[start : start + BLOCK]))
    out.add_array(f"{name}/mean", mean.astype(np.float32))
    out.add_array(f"{name}/std", std.astype(np.float32))
    out.add_array(f"{name}/axes", axes.T.astype(np.float32))  # a row for each axis
    for axis in range(n_scores):
        out.add_rounded(f"{name}/scores_{axis}", scores[:, axis])
    out.add_rounded(f"{name}/radius", radii)
    out.add_rounded(f"{name}/distance", distances)
    train = cloud.rows
    return {
        "z_dim": latents.z_dim,
        "kind": latents.kind,
        "bits": rounding.bits,
        "block": BLOCK,
        "n_blocks": len(starts),
        "n_scores": n_scores,
        "n_active": int(active.sum()),
        "share": (variances / max(variances.sum(), 1e-30)).tolist(),
        "radius": np.quantile(radii[train], QUANTILES).tolist(),
        "distance": np.quantile(distances[train], QUANTILES).tolist(),
        "nearest": np.quantile(_nearest(latents, train), QUANTILES[::10]).tolist(),
    }


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
