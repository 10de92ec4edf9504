"""Two models on the same images: all measures of similarity, each with its interval and its null."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from zpoints.analyses.similarity.config import Config
from zpoints.analyses.similarity.method.embedding_similarity import (
    Spaces,
    canonical,
    cka,
    debiased_cka,
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
    whitening,
)
from zpoints.analyses.similarity.method.permutations import of_covariances, of_map, of_neighbours
from zpoints.errors import UserError
from zpoints.measurement import NotMeasurable
from zpoints.stats.confidence import explained, jackknife, normal
from zpoints.stats.neighbors import interval

Blocks = Iterable[tuple[np.ndarray, np.ndarray]]
SHUFFLES = 3  # of all images, for the mean of the null; p has its own
SHUFFLED = 2000  # images at most that are shuffled for p, so that 999 times are cheap
Measures = dict[str, dict[str, float]]


def expect_same_images(splits: Mapping[str, np.ndarray]) -> None:
    """Raise UserError where models have not encoded the same images: splits by model, uint8 (images,)."""
    (first, known), *others = splits.items()
    for name, split in others:
        if not np.array_equal(split, known):
            expected = f"the {len(known)} images of {first}, with its split"
            raise UserError(f"{name}: expected z-points of {expected}, received others ({len(split)}); encode anew")


def subsamples(rows: np.ndarray, config: Config) -> list[np.ndarray]:
    """`n_repeats` parts of the rows that share none, each ascending; the same seed draws the same for every model.

    Raises NotMeasurable where they are too small for so many neighbours.
    """
    size = min(config.subsample, len(rows) // config.n_repeats)
    if size <= config.n_neighbors:
        needed = config.n_repeats * (config.n_neighbors + 1)
        of = f"{config.n_neighbors} neighbours in {config.n_repeats} subsamples"
        raise NotMeasurable(f"needs {needed} training images for {of}, has {len(rows)}")
    order = np.random.default_rng((config.seed, 0)).permutation(rows)
    return [np.sort(order[turn * size : (turn + 1) * size]) for turn in range(config.n_repeats)]


def neighbourhoods(points: np.ndarray, rows: np.ndarray, config: Config) -> list[np.ndarray]:
    """Nearest neighbours within each subsample of the rows of (n, z_dim): int64 (m, n_neighbors), n_repeats of them."""
    return [nearest(points[part], config.n_neighbors) for part in subsamples(rows, config)]


def compare_pair(
    names: tuple[str, str],
    train: Blocks,
    held_out: Blocks,
    radii: tuple[np.ndarray, np.ndarray],
    near: tuple[list[np.ndarray], list[np.ndarray]],
    sample: tuple[np.ndarray, np.ndarray],
    config: Config,
) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """All measures of two spaces by name, and their canonical correlations by rank beside those of shuffled images.

    Each measure has `value`, `low` and `high` (its 95% interval), and `null`; where the null is drawn several times,
    that is the mean, and `null_low` and `null_high` are its range. `p` is that of unrelated spaces, from
    config.n_permutations shuffles of `sample`, some images in both; for the radii, that of equal laws. Linear
    maps are fitted on `train` and tested on `held_out`; without such images they are left out, and so is `unrotated`
    for spaces of unequal z_dim.

    Raises NotMeasurable naming the model whose points are all one.
    """
    gathered = gather(train, config.n_groups, SHUFFLES, config.seed)
    spaces = gathered.whole.spaces()
    for name, covariance, mean in zip(names, (spaces.aa, spaces.bb), (spaces.mean_a, spaces.mean_b), strict=True):
        if not (np.sqrt(np.diagonal(covariance).clip(0)) > np.finfo(np.float32).eps * np.abs(mean)).any():
            raise NotMeasurable(
                f"needs z-points that differ, has {gathered.whole.count} times the same one of {name} (collapsed model)"
            )
    kept = kept_axes(spaces.aa, config.variance), kept_axes(spaces.bb, config.variance)
    measures: dict[str, Any] = {
        "cka": estimate(gathered, debiased_cka, least=-1) | {"plug_in": cka(spaces)},
        "procrustes": estimate(gathered, procrustes),
        **({"unrotated": estimate(gathered, unrotated, 2)} if spaces.aa.shape == spaces.bb.shape else {}),
        "procrustes_scaled": estimate(gathered, procrustes_scaled),
        "canonical": estimate(gathered, lambda both: float(canonical(both, kept).mean()))
        | {"axes_a": kept[0], "axes_b": kept[1]},
        "neighbours": _overlaps(*near)
        | {"p": of_neighbours(near[0][0], near[1][0], config.n_permutations, config.seed)},
        "radius": radius_distance(*radii, config.n_groups, config.n_permutations, config.seed),
        # The scale of a plain autoencoder's space is nobody's choice: the laws once more, each in units of its mean.
        "radius_scaled": radius_distance(
            radii[0] / radii[0].mean(), radii[1] / radii[1].mean(), config.n_groups, config.n_permutations, config.seed
        ),
        **_linear(spaces, [gathered.whole.spaces(crossed) for crossed in gathered.crossed], list(held_out), config),
    }
    whitenings = whitening(spaces.aa, kept[0]), whitening(spaces.bb, kept[1])
    for name, p in of_covariances(*sample, whitenings, config.n_permutations, config.seed).items():
        measures[name]["p"] = p
    null = np.mean([canonical(gathered.whole.spaces(crossed), kept) for crossed in gathered.crossed], axis=0)
    spectrum = zip(canonical(spaces, kept), null, strict=True)
    lines = [{"rank": rank, "correlation": rho, "null": by_chance} for rank, (rho, by_chance) in enumerate(spectrum, 1)]
    return measures, lines


def compare_noisy(blocks: Callable[[str, tuple[str, str]], Blocks], noisy: Sequence[bool], config: Config) -> Measures:
    """What a VAE's noise leaves: of a pair with a VAE `cka_z`, and R² from its z to the other's mu.

    Args: blocks of a part of the images in two arrays of Latents, mu or z; noisy, which of the two are VAEs. Each
    measure has `value`, `low` and `high`. The null is that from mu.
    """
    measures: Measures = {}
    if any(noisy):
        gathered = gather(blocks("train", ("z", "z")), config.n_groups, 0, config.seed)
        value = debiased_cka(gathered.whole.spaces())
        left_out = [debiased_cka((gathered.whole - group).spaces()) for group in gathered.groups]
        low, high = jackknife(value, np.array(left_out), -1, 1)
        measures["cka_z"] = {"value": value, "low": low, "high": high}
    for direction, (name, of_vae) in enumerate(zip(("r2_a_to_b_z", "r2_b_to_a_z"), noisy, strict=True)):
        if of_vae:
            arrays = ("z", "mu") if direction == 0 else ("mu", "z")
            fitted = maps(gather(blocks("train", arrays), config.n_groups, 0, config.seed).whole.spaces())[direction]
            ((errors, spreads),) = residuals(blocks("held_out", arrays), [fitted])
            if (r2 := explained(errors, spreads)) is not None:
                low, high = normal(*r2)
                measures[name] = {"value": r2[0], "low": low, "high": min(high, 1.0)}
    return measures


def flat(pair: Mapping[str, Any]) -> dict[str, Any]:
    """A pair as one row of a table: cka, cka_low ... of the measure cka with `value`, `low` ..."""
    row: dict[str, Any] = {}
    for name, content in pair.items():
        if isinstance(content, Mapping):
            row |= {name if key == "value" else f"{name}_{key}": value for key, value in content.items()}
        else:
            row[name] = content
    return row


def _linear(spaces: Spaces, shuffled: list[Spaces], held_out: Blocks, config: Config) -> dict[str, dict[str, float]]:
    """R² of the linear maps, there and back, on held-out images."""
    fitted = [linear for both in (spaces, *shuffled) for linear in maps(both)]
    left = residuals(held_out, fitted)
    measures = {}
    for direction, name in enumerate(("r2_a_to_b", "r2_b_to_a")):
        r2, *null = [explained(*errors_and_spreads) for errors_and_spreads in left[direction::2]]
        if r2 is not None:
            low, high = normal(*r2)
            ends = {"value": r2[0], "low": low, "high": min(high, 1.0)}
            measures[name] = ends | null_of([value for value, _ in filter(None, null)])
            linear = fitted[direction]
            sides = [np.concatenate(side)[:SHUFFLED] for side in zip(*held_out, strict=True)]
            predicted = (sides[linear.source] - linear.mean) @ linear.coefficients
            measures[name]["p"] = of_map(predicted, sides[1 - linear.source], config.n_permutations, config.seed)
    return measures


def _overlaps(near_a: list[np.ndarray], near_b: list[np.ndarray]) -> dict[str, float | None]:
    """Agreement on neighbours, its mean over the subsamples, and what chance gives."""
    images, neighbours = near_a[0].shape
    mean = interval([overlap(*both) for both in zip(near_a, near_b, strict=True)])
    ends = {"value": mean["mean"], "low": mean["low"], "high": mean["high"]}
    return ends | {"null": neighbours / (images - 1), "images": images, "neighbours": neighbours}
