"""logvar, z against mu, and the balance of both, axis by axis, in passes over the z-points, a chunk at a time.

A "component" is one of the z_dim numbers of one image's z-point; an "axis" is one of the z_dim directions.
"""

import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np

from zpoints.latents.store import chunks
from zpoints.stats.active_units import active_axes, count_active
from zpoints.stats.radii import QUANTILES


def moments(mu: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    """Where mu lies: norm of its mean point, mean, smallest and largest standard deviation of an axis, active axes."""
    count = len(rows)
    total, squares = np.zeros(mu.shape[1]), np.zeros(mu.shape[1])
    for part in chunks(rows):
        values = _read(mu, part).astype(np.float64)
        total += values.sum(axis=0)
        squares += np.square(values).sum(axis=0)
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0))
    return {
        "norm_of_mean": float(np.linalg.norm(mean)),
        "std_mean": float(std.mean()),
        "std_min": float(std.min()),
        "std_max": float(std.max()),
        "active": count_active(np.square(std)),
    }


def per_axis(mu: np.ndarray, logvar: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What each axis does, arrays of (z_dim,), in one pass; float64 but for `active`.

    mean and std of mu; logvar_mean, logvar_std, logvar_min and logvar_max;
    balance: E[mu_j^2] + E[sigma_j^2]. At a stationary point of reco + fact * KL with fact > 0 it is 1 on every axis
    whose scale the decoder can undo, whatever the fact: scaling an axis of z and the decoder's first layer leaves
    reco unchanged. It tells how far from convergence a training is;
    kl: the axis' part of the KL divergence to N(0, I), in nats, not weighted (Kingma and Welling 2014, appendix B);
    active: 1 for an active axis, else 0.
    """
    z_dim = mu.shape[1]
    sums = {name: np.zeros(z_dim) for name in ("mu", "mu2", "logvar", "logvar2", "sigma2")}
    # About 0 a narrow axis far from it would lose digits.
    centre, middle = (array[rows[0]].astype(np.float64) for array in (mu, logvar))
    lowest, highest = np.full(z_dim, np.inf), np.full(z_dim, -np.inf)
    for part in chunks(rows):
        points, noise = _read(mu, part) - centre, _read(logvar, part).astype(np.float64)
        lowest, highest = np.minimum(lowest, noise.min(axis=0)), np.maximum(highest, noise.max(axis=0))
        sums["sigma2"] += np.exp(noise).sum(axis=0)
        noise -= middle
        for name, values in (("mu", points), ("logvar", noise)):
            sums[name] += values.sum(axis=0)
            sums[f"{name}2"] += np.square(values, out=values).sum(axis=0)
    means = {name: total / len(rows) for name, total in sums.items()}
    mean, logvar_mean = centre + means["mu"], middle + means["logvar"]
    variance = np.maximum(means["mu2"] - np.square(means["mu"]), 0)
    balance = variance + np.square(mean) + means["sigma2"]
    return {
        "mean": mean,
        "std": np.sqrt(variance),
        "logvar_mean": logvar_mean,
        "logvar_std": np.sqrt(np.maximum(means["logvar2"] - np.square(means["logvar"]), 0)),
        "logvar_min": lowest,
        "logvar_max": highest,
        "balance": balance,
        "kl": 0.5 * (balance - 1 - logvar_mean),
        "active": active_axes(variance).astype(np.int64),
    }


def describe_logvar(logvar: np.ndarray, rows: np.ndarray, intervals: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Minimum, mean, maximum and quantiles of logvar over all components, and their counts in half-open intervals."""
    total, inside = 0.0, dict.fromkeys((f"{low:g} to {high:g}" for low, high in intervals), 0)
    lowest, highest = np.inf, -np.inf
    for part in chunks(rows):
        values = _read(logvar, part)
        total += float(values.sum(dtype=np.float64))
        lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
        for key, (low, high) in zip(inside, intervals, strict=True):
            inside[key] += int(np.count_nonzero((values >= low) & (values < high)))
    levels = zip(QUANTILES, quantiles(logvar, rows, QUANTILES), strict=True)
    return {
        "components": len(rows) * logvar.shape[1],
        "mean": total / (len(rows) * logvar.shape[1]),
        "min": lowest,
        "max": highest,
        "quantile": {f"{level:g}": float(value) for level, value in levels},
        "count": inside,
    }


def quantiles(array: np.ndarray, rows: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """numpy's quantiles of all numbers in these rows of a float32 array, exact and without a copy of it; float64.

    The numbers are counted by the upper halves of their bits, then, in the few classes that hold a quantile, by
    the lower halves: two passes, each a chunk at a time.
    """
    size = len(rows) * array.shape[1]
    positions = np.asarray(levels) * (size - 1)
    ranks = np.unique([np.floor(positions), np.ceil(positions)]).astype(np.int64)
    upper = np.zeros(1 << 16, np.int64)
    for part in chunks(rows):
        upper += np.bincount((_ordered(_read(array, part)) >> 16).ravel(), minlength=1 << 16)
    ends = np.cumsum(upper)
    classes = np.searchsorted(ends, ranks, side="right")
    lower = {int(half): np.zeros(1 << 16, np.int64) for half in classes}
    for part in chunks(rows):
        keys = _ordered(_read(array, part)).ravel()
        for half, counts in lower.items():
            counts += np.bincount(keys[keys >> 16 == half] & 0xFFFF, minlength=1 << 16)
    bits = [
        (int(half) << 16)
        + int(np.searchsorted(np.cumsum(lower[int(half)]), rank - (ends[half] - upper[half]), side="right"))
        for half, rank in zip(classes, ranks, strict=True)
    ]
    values = _numbers(np.array(bits, np.uint32)).astype(np.float64)
    return np.interp(positions, ranks, values)


def _read(array: np.ndarray, part: np.ndarray) -> np.ndarray:
    """These rows in memory. Pages of a mapping count as resident memory; released, they stay in the page cache."""
    values = array[part]
    mapping = getattr(array, "_mmap", None)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)
    return values


def _ordered(values: np.ndarray) -> np.ndarray:
    """float32 numbers as uint32 in the same order: the sign bit flipped, and below 0 all other bits too."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    return np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))


def _numbers(keys: np.ndarray) -> np.ndarray:
    """The float32 numbers of `_ordered` keys."""
    return np.where(keys >> 31, keys & np.uint32((1 << 31) - 1), ~keys).view(np.float32)


def logvar_histogram(logvar: np.ndarray, rows: np.ndarray, bin_width: float) -> tuple[np.ndarray, np.ndarray]:
    """Left edges (multiples of bin_width, float64) and counts (int64) of the bins that span all values of logvar."""
    lowest = min(float(_read(logvar, part).min()) for part in chunks(rows))
    highest = max(float(_read(logvar, part).max()) for part in chunks(rows))
    low = int(np.floor(lowest / bin_width))
    counts = np.zeros(int(np.floor(highest / bin_width)) + 1 - low, np.int64)
    for part in chunks(rows):
        index = np.floor(_read(logvar, part).astype(np.float64) / bin_width).astype(np.int64).ravel()
        counts += np.bincount(index - low, minlength=counts.size)
    return (low + np.arange(counts.size)) * bin_width, counts


def describe_displacement(mu: np.ndarray, z: np.ndarray, rows: np.ndarray, threshold: float) -> dict[str, Any]:
    """How far the noise moves z-points: |z - mu| per component, and the radius of z against that of mu per image."""
    largest, beyond, absolute, relative = 0.0, 0, [], []
    for part in chunks(rows):
        points, moved = _read(mu, part).astype(np.float64), _read(z, part).astype(np.float64)
        steps = np.abs(moved - points)
        largest, beyond = max(largest, float(steps.max())), beyond + int((steps > threshold).sum())
        radius = np.linalg.norm(points, axis=1)
        absolute.append(np.abs(np.linalg.norm(moved, axis=1) - radius))
        relative.append(absolute[-1] / np.maximum(radius, np.finfo(np.float64).tiny))
    change, share = np.concatenate(absolute), np.concatenate(relative)
    return {
        "component_max": largest,
        "components": len(rows) * mu.shape[1],
        "components_beyond": {f"{threshold:g}": beyond},
        "radius_change_mean": float(change.mean()),
        "radius_change_max": float(change.max()),
        "radius_change_relative_mean": float(share.mean()),
        "radius_change_relative_max": float(share.max()),
    }
