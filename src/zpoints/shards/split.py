"""Decide which images train and which are held out, once and for good: by chance, by identity, or officially."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zpoints.errors import UserError
from zpoints.shards.store import SPLITS

STREAM = 0x5B117  # sets this use of a seed apart from the others


def split_rows(
    ids: Sequence[str],
    train: int | float | None,
    by: str,
    seed: int,
    partition: np.ndarray | None = None,
    identities: np.ndarray | None = None,
) -> np.ndarray:
    """Return uint8 (n,): 0 where an image trains, 1 where it is held out.

    train: a count (int) or a fraction in (0, 1) (float) of the n images; None with by "official" alone.
    by: "random"; "identity" (all images of a person on one side, the count met as nearly as that allows);
        "official" (CelebA's partition: 0 trains, 1 and 2 are held out).
    partition, identities: (n,) whole numbers, needed by "official" and "identity".
    Raises UserError where the images at hand can't be split so.
    """
    if by == "official":
        return _official(partition, train)
    count = _count(len(ids), train)
    rng = np.random.default_rng([seed, STREAM])
    if by == "random":
        held_out = rng.permutation(len(ids))[count:]
    elif by == "identity":
        held_out = _whole_identities(identities, len(ids) - count, rng)
    else:
        raise UserError(f"split.by: expected random, identity or official, received {by}")
    split = np.full(len(ids), SPLITS["train"], dtype=np.uint8)
    split[held_out] = SPLITS["held_out"]
    return split


def _count(n: int, train: int | float | None) -> int:
    """Number of images that train."""
    if train is None:
        raise UserError("split.train: expected a count or a fraction unless split.by is official, received null")
    count = train if isinstance(train, int) else round(train * n)
    if not 1 <= count < n:
        fraction = "" if isinstance(train, int) else f" ({count} images)"
        expected = f"split.train: expected 1 to {n - 1} of the {n} images, so that some are held out"
        raise UserError(f"{expected}, received {train}{fraction}")
    return count


def _official(partition: np.ndarray | None, train: int | float | None) -> np.ndarray:
    if train is not None:
        raise UserError(f"split.train: expected null with split.by official, which decides itself, received {train}")
    if partition is None:
        raise UserError("split.by: official needs list_eval_partition.txt, received no such file")
    split = np.where(np.asarray(partition) == 0, SPLITS["train"], SPLITS["held_out"]).astype(np.uint8)
    trained = int(np.count_nonzero(split == SPLITS["train"]))
    if not 0 < trained < len(split):
        expected = "split.by: official expected images of the train partition and of another one"
        raise UserError(f"{expected}, received {trained} of {len(split)} images in train")
    return split


def _whole_identities(identities: np.ndarray | None, target: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of randomly chosen identities, together as near to `target` images as whole identities allow.

    The identities are shuffled, and the first few of them that can make up `target` exactly are looked for (subset
    sum, one identity after the other); so nearly all of those that come first are taken, and few are passed over.
    O(identities * target) in the worst case, which one-byte operations keep under a second for CelebA.
    """
    if identities is None:
        raise UserError("split.by: identity needs identity_CelebA.txt, received no such file")
    _, group, sizes = np.unique(np.asarray(identities), return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise UserError("split.by: identity expected images of at least two persons, received one")
    order = rng.permutation(len(sizes))
    # The best sum above the target exceeds it by less than the largest identity has images.
    limit = min(target + int(sizes.max()), len(group) - 1)
    reachable = np.zeros(limit + 1, dtype=bool)
    reachable[0] = True
    reached_by = np.full(limit + 1, -1, dtype=np.int64)  # the place in `order` that first made a sum possible
    total = 0
    for place, identity in enumerate(order):
        size = int(sizes[identity])
        total = min(total + size, limit)
        new = reachable[: total + 1 - size] & ~reachable[size : total + 1]
        reached_by[size : total + 1][new] = place
        reachable[size : total + 1] |= new
        if reachable[target]:
            break
    sums = np.flatnonzero(reachable[1:]) + 1
    total = int(sums[np.argmin(np.abs(sums - target))])
    chosen = np.zeros(len(sizes), dtype=bool)
    while total:
        identity = order[reached_by[total]]
        chosen[identity] = True
        total -= int(sizes[identity])
    return np.flatnonzero(chosen[group])
