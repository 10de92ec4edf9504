"""What does the noise of a VAE amount to? logvar, z against mu, and the balance of both, component by component.

A "component" is one of the z_dim numbers of one image's z-point.
"""

from typing import Any

import numpy as np

from zpoints.analysis.radius import QUANTILES
from zpoints.latent.store import chunks


def moments(mu: np.ndarray, rows: np.ndarray) -> dict[str, float]:
    """Where mu lies: norm of its mean point, mean standard deviation of an axis, and the smallest and largest one."""
    count = len(rows)
    total, squares = np.zeros(mu.shape[1]), np.zeros(mu.shape[1])
    for part in chunks(rows):
        values = mu[part].astype(np.float64)
        total += values.sum(axis=0)
        squares += np.square(values).sum(axis=0)
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0))
    return {
        "norm_of_mean": float(np.linalg.norm(mean)),
        "std_mean": float(std.mean()),
        "std_min": float(std.min()),
        "std_max": float(std.max()),
    }


def describe_logvar(logvar: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    """Minimum, mean, maximum and quantiles of logvar over all components."""
    values = logvar[rows]
    return {
        "mean": float(values.mean(dtype=np.float64)),
        "min": float(values.min()),
        "max": float(values.max()),
        "quantile": {
            f"{q:g}": float(value)
            for q, value in zip(QUANTILES, np.quantile(values.ravel(), QUANTILES, overwrite_input=True), strict=True)
        },
    }


def logvar_histogram(logvar: np.ndarray, rows: np.ndarray, bin_width: float) -> tuple[np.ndarray, np.ndarray]:
    """Left edges (multiples of bin_width, float64) and counts (int64) of the bins that span all values of logvar."""
    lowest = min(float(logvar[part].min()) for part in chunks(rows))
    highest = max(float(logvar[part].max()) for part in chunks(rows))
    low = int(np.floor(lowest / bin_width))
    counts = np.zeros(int(np.floor(highest / bin_width)) + 1 - low, np.int64)
    for part in chunks(rows):
        index = np.floor(logvar[part].astype(np.float64) / bin_width).astype(np.int64).ravel()
        counts += np.bincount(index - low, minlength=counts.size)
    return (low + np.arange(counts.size)) * bin_width, counts


def describe_displacement(mu: np.ndarray, z: np.ndarray, rows: np.ndarray, far: float) -> dict[str, Any]:
    """How far the noise moves z-points: |z - mu| per component, and the radius of z against that of mu per image."""
    largest, beyond, absolute, relative = 0.0, 0, [], []
    for part in chunks(rows):
        at, moved = mu[part].astype(np.float64), z[part].astype(np.float64)
        steps = np.abs(moved - at)
        largest, beyond = max(largest, float(steps.max())), beyond + int((steps > far).sum())
        radius = np.linalg.norm(at, axis=1)
        absolute.append(np.abs(np.linalg.norm(moved, axis=1) - radius))
        relative.append(absolute[-1] / np.maximum(radius, np.finfo(np.float64).tiny))
    change, share = np.concatenate(absolute), np.concatenate(relative)
    return {
        "component_max": largest,
        "components": len(rows) * mu.shape[1],
        f"components_beyond_{far:g}": beyond,
        "radius_change_mean": float(change.mean()),
        "radius_change_max": float(change.max()),
        "radius_change_relative_mean": float(share.mean()),
        "radius_change_relative_max": float(share.max()),
    }


def balance(mu: np.ndarray, logvar: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """E[mu_j^2] + E[sigma_j^2] for each axis j, float64 (z_dim,).

    At a stationary point of reco + fact * KL with fact > 0 it is 1 on every axis whose scale the decoder can undo,
    whatever the fact: scaling an axis of z and the decoder's first layer leaves reco unchanged. It tells how far
    from convergence a training is.
    """
    total = np.zeros(mu.shape[1])
    for part in chunks(rows):
        total += np.square(mu[part].astype(np.float64)).sum(axis=0) + np.exp(logvar[part].astype(np.float64)).sum(
            axis=0
        )
    return total / len(rows)
