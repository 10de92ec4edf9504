"""How far apart are trainings? Every pair of trainings of different seeds, by their mu of the same training images.

Trainings of one seed share their initial weights, so such pairs are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from zpoints.analyses.similarity.method.embedding_similarity import (
    debiased_cka,
    gather,
    nearest,
    overlap,
    procrustes_scaled,
)
from zpoints.analyses.similarity.method.model_pairs import expect_same_images
from zpoints.latents.store import Latents, chunks
from zpoints.stats.radii import radii

COLUMNS = {
    "radius_wasserstein": "Wasserstein distance of the laws of R = |mu|, in units of R",
    "procrustes_scaled": "what no rotation and scale accounts for, a share of the variance",
    "cka": "debiased linear CKA",
    "neighbours": "share of the nearest neighbours that both have",
}
POINTS, NEIGHBORS = 4000, 10  # of the subsample in which neighbours are sought


@dataclass(frozen=True)
class Member:
    """A training with its z-points on disk."""

    name: str
    group: str
    seed: int
    latents: Path


def measure(members: Sequence[Member]) -> list[dict[str, object]]:
    """A line for each pair of different seeds: names, settings, seeds, and COLUMNS.

    Memory is that of two clouds of neighbours and one block of images; time is O(pairs * images * z_dim²).
    Raises UserError for z-points of other images.
    """
    from scipy.stats import wasserstein_distance

    spaces = {member.name: Latents.open(member.latents) for member in members}
    if not spaces:
        return []
    expect_same_images({name: latents.split for name, latents in spaces.items()})
    rows = next(iter(spaces.values())).rows("train")
    sample = np.sort(np.random.default_rng(0).permutation(rows)[:POINTS])
    radius = {name: radii(latents.mu, rows) for name, latents in spaces.items()}
    near = {name: nearest(latents.mu[sample], NEIGHBORS) for name, latents in spaces.items()}
    lines = []
    for a, b in combinations(members, 2):
        if a.seed == b.seed:
            continue
        joint = gather(_blocks(spaces, a.name, b.name, rows), 1, 0, 0).whole.spaces()
        values = {
            "radius_wasserstein": float(wasserstein_distance(radius[a.name], radius[b.name])),
            "procrustes_scaled": procrustes_scaled(joint),
            "cka": debiased_cka(joint),
            "neighbours": overlap(near[a.name], near[b.name]),
        }
        names = {"a": a.name, "b": b.name, "group_a": a.group, "seed_a": a.seed, "group_b": b.group, "seed_b": b.seed}
        lines.append({**names, **values})
    return lines


def _blocks(spaces: Mapping[str, Latents], a: str, b: str, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for part in chunks(rows):
        yield spaces[a].mu[part], spaces[b].mu[part]


def table(members: Sequence[Member]) -> pd.DataFrame:
    """`measure` as a table, with its head even if there is no pair."""
    return pd.DataFrame(measure(members), columns=["a", "b", "group_a", "seed_a", "group_b", "seed_b", *COLUMNS])
