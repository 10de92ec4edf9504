"""Is the latent space of one model that of another one, but for a rotation?"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from zpoints.analyses.similarity.config import Config
from zpoints.analyses.similarity.method.model_pairs import (
    SHUFFLED,
    compare_noisy,
    compare_pair,
    expect_same_images,
    flat,
    neighbourhoods,
    subsamples,
)
from zpoints.latents.store import Latents, chunks
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.progress import track
from zpoints.stats.radii import radii
from zpoints.stats.reference_distributions import subsample

SEEDS = ("seed", "order_seed")  # of an entry: what two trainings of one model differ in


def measure(spaces: Mapping[str, Latents], entries: Mapping[str, Mapping[str, Any]], config: Config) -> Measurement:
    """All pairs of models on the same images.

    numbers: `models`, `images` of each part, and `pairs`: a and b, `seed_alone` (whether their entries differ in seeds
    alone), and each measure as model_pairs.compare_pair describes it, or `not_measurable`: why the pair has none.
    Table `pairs`: the same, a line for each; table `canonical`: the canonical correlations of each pair, beside those
    of shuffled images.

    Raises NotMeasurable for a single model, too few images, and where no pair is left of collapsed models; UserError
    for models of other images.
    """
    models = list(spaces)
    if len(models) < 2:
        raise NotMeasurable(f"needs two models, has {len(models)}")
    # Opened at each access: pages of a mapping count as memory of the process as long as it lives.
    expect_same_images({name: spaces[name].split for name in models})
    rows = {part: spaces[models[0]].rows(part) for part in ("train", "held_out")}
    sample = subsample(subsamples(rows["train"], config)[0], SHUFFLED, (config.seed, 1))
    near = {name: neighbourhoods(spaces[name].mu, rows["train"], config) for name in track(models, label="neighbors")}
    lengths = {name: radii(spaces[name].mu, rows["train"]) for name in models}

    def blocks(
        a: str, b: str, part: str, arrays: tuple[str, str] = ("mu", "mu")
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for block in track(chunks(rows[part]), label=f"{a} and {b}"):
            yield getattr(spaces[a], arrays[0])[block], getattr(spaces[b], arrays[1])[block]

    pairs, spectra = [], []
    for a, b in combinations(models, 2):
        pair = {"a": a, "b": b, "seed_alone": _unseeded(entries[a]) == _unseeded(entries[b])}
        try:
            measures, spectrum = compare_pair(
                (a, b),
                train=blocks(a, b, "train"),
                held_out=blocks(a, b, "held_out"),
                radii=(lengths[a], lengths[b]),
                near=(near[a], near[b]),
                sample=(spaces[a].mu[sample], spaces[b].mu[sample]),
                config=config,
            )
            noisy = [spaces[name].logvar is not None for name in (a, b)]
            measures |= compare_noisy(partial(blocks, a, b), noisy, config)
        except NotMeasurable as reason:
            pairs.append(pair | {"not_measurable": str(reason)})
            continue
        pairs.append(pair | measures)
        spectra += [{"a": a, "b": b, **line} for line in spectrum]
    if all("not_measurable" in pair for pair in pairs):
        raise NotMeasurable(str(pairs[0]["not_measurable"]))
    images = {part: len(indices) for part, indices in rows.items()}
    tables = {"pairs": pd.DataFrame([flat(pair) for pair in pairs]), "canonical": pd.DataFrame(spectra)}
    return Measurement({"models": models, "images": images, "pairs": pairs}, tables)


def _unseeded(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in SEEDS}
