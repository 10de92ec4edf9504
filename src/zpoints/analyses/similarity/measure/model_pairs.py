"""Two models on the same images: all measures of similarity, each with its interval and its null."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from zpoints.stats.neighbors import interval
from zpoints.analyses.similarity.measure.embedding_similarity import (
    Spaces,
    canonical,
    cka,
    estimate,
    gather,
    kept_axes,
    maps,
    nearest,
    null_of,
    overlap,
    procrustes,
    procrustes_scaled,
    radius_distance,
    residuals,
    unrotated,
)
from zpoints.stats.confidence import explained
from zpoints.stats.confidence import normal
from zpoints.errors import UserError
from zpoints.analyses.similarity.config import Similarity

Blocks = Iterable[tuple[np.ndarray, np.ndarray]]


def same_images(splits: Mapping[str, np.ndarray]) -> None:
    """Raise UserError where models have not encoded the same images: splits by model, uint8 (images,)."""
    (first, known), *others = splits.items()
    for name, split in others:
        if not np.array_equal(split, known):
            expected = f"the {len(known)} images of {first}, with its split"
            raise UserError(f"{name}: expected z-points of {expected}, received others ({len(split)}); encode anew")


def neighbourhoods(points: np.ndarray, rows: np.ndarray, settings: Similarity) -> list[np.ndarray]:
    """Nearest neighbours within each subsample of the rows of (n, z_dim): int64 (m, neighbours), `repeats` of them.

    The same seed draws the same images for every model. Raises UserError where a subsample is too small.
    """
    size = min(settings.subsample, len(rows) // settings.repeats)
    if size <= settings.neighbours:
        raise UserError(
            f"similarity.neighbours: expected fewer than the {size} images of a subsample "
            f"({len(rows)} training images, similarity.repeats = {settings.repeats}), received {settings.neighbours}"
        )
    order = np.random.default_rng((settings.seed, 0)).permutation(rows)
    parts = [np.sort(order[turn * size : (turn + 1) * size]) for turn in range(settings.repeats)]
    return [nearest(points[part], settings.neighbours) for part in parts]


def compare_pair(
    names: tuple[str, str],
    train: Blocks,
    held_out: Blocks,
    radii: tuple[np.ndarray, np.ndarray],
    near: tuple[list[np.ndarray], list[np.ndarray]],
    settings: Similarity,
) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """All measures of two spaces by name, and their canonical correlations by rank beside those of shuffled images.

    Each measure has `value`, `low` and `high` (its 95% interval), and `null`; where the null is drawn several times,
    that is the mean, and `null_low` and `null_high` are its range. Linear maps are fitted on `train` and judged on
    `held_out`; without such images they are left out, and so is `unrotated` for spaces of unequal z_dim.

    Raises UserError naming the model whose points are all one.
    """
    gathered = gather(train, settings.groups, settings.shuffles, settings.seed)
    spaces = gathered.whole.spaces()
    for name, covariance, mean in zip(names, (spaces.aa, spaces.bb), (spaces.mean_a, spaces.mean_b), strict=True):
        if not (np.sqrt(np.diagonal(covariance).clip(0)) > np.finfo(np.float32).eps * np.abs(mean)).any():
            raise UserError(
                f"{name}: expected z-points that differ, received {gathered.whole.count} times the same one"
            )
    kept = kept_axes(spaces.aa, settings.variance), kept_axes(spaces.bb, settings.variance)
    found: dict[str, Any] = {
        "cka": estimate(gathered, cka),
        "procrustes": estimate(gathered, procrustes),
        **({"unrotated": estimate(gathered, unrotated, 2)} if spaces.aa.shape == spaces.bb.shape else {}),
        "procrustes_scaled": estimate(gathered, procrustes_scaled),
        "canonical": estimate(gathered, lambda one: float(canonical(one, kept).mean()))
        | {"axes_a": kept[0], "axes_b": kept[1]},
        "neighbours": _overlaps(*near),
        "radius": radius_distance(*radii, settings.groups, settings.shuffles, settings.seed),
        # The scale of a plain autoencoder's space is nobody's choice: the laws once more, each in units of its mean.
        "radius_scaled": radius_distance(
            radii[0] / radii[0].mean(), radii[1] / radii[1].mean(), settings.groups, settings.shuffles, settings.seed
        ),
        **_linear(spaces, [gathered.whole.spaces(crossed) for crossed in gathered.crossed], held_out),
    }
    null = np.mean([canonical(gathered.whole.spaces(crossed), kept) for crossed in gathered.crossed], axis=0)
    spectrum = zip(canonical(spaces, kept), null, strict=True)
    lines = [{"rank": rank, "correlation": own, "null": other} for rank, (own, other) in enumerate(spectrum, 1)]
    return found, lines


def flat(pair: Mapping[str, Any]) -> dict[str, Any]:
    """A pair as one row of a table: cka, cka_low ... of the measure cka with `value`, `low` ..."""
    row: dict[str, Any] = {}
    for name, content in pair.items():
        if isinstance(content, Mapping):
            row |= {name if key == "value" else f"{name}_{key}": value for key, value in content.items()}
        else:
            row[name] = content
    return row


def _linear(spaces: Spaces, shuffled: list[Spaces], held_out: Blocks) -> dict[str, dict[str, float]]:
    """R² of the linear maps, there and back, on held-out images."""
    kinds = [maps(one) for one in (spaces, *shuffled)]
    left = residuals(held_out, [one for pair in kinds for one in pair])
    found = {}
    for place, name in enumerate(("r2_a_to_b", "r2_b_to_a")):
        own, *null = [explained(*one) for one in left[place::2]]
        if own is not None:
            low, high = normal(*own)
            found[name] = {"value": own[0], "low": low, "high": min(high, 1.0)} | null_of(
                [r2 for r2, _ in filter(None, null)]
            )
    return found


def _overlaps(near_a: list[np.ndarray], near_b: list[np.ndarray]) -> dict[str, float | None]:
    """Agreement on neighbours, its mean over the subsamples, and what chance gives."""
    images, neighbours = near_a[0].shape
    mean = interval([overlap(one, other) for one, other in zip(near_a, near_b, strict=True)])
    ends = {"value": mean["mean"], "low": mean["low"], "high": mean["high"]}
    return ends | {"null": neighbours / (images - 1), "images": images, "neighbours": neighbours}
