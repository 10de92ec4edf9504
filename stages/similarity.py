"""Set the latent spaces of all models side by side: is one another one, but for a rotation?"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from zpoints.analyses.similarity.config import Similarity
from zpoints.config.models import Models
from zpoints.config.training import Training

if TYPE_CHECKING:
    import numpy as np


def similarity(
    latents: Annotated[Path, typer.Option(help="folder of the z-points of all models")] = Path("data/latents"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure all pairs of models on the same images: similarity.json, and the same in pairs.csv.

    canonical.csv holds the canonical correlations of each pair, beside those of shuffled images.
    """
    from itertools import combinations

    from zpoints.analyses.similarity.measure.model_pairs import compare_pair, flat, neighbourhoods, same_images
    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.store import Latents, chunks
    from zpoints.progress import track
    from zpoints.stats.radii import radii

    loaded = parameters(params, set_param, out)
    models, block = loaded[Models], loaded[Similarity]
    same_images({name: Latents.open(latents / name).split for name in models})
    rows = {part: Latents.open(latents / next(iter(models))).rows(part) for part in ("train", "held_out")}
    # Opened one at a time: pages of a mapping count as memory of the process as long as it lives.
    near = {name: neighbourhoods(Latents.open(latents / name).mu, rows["train"], block) for name in models}

    def both(a: str, b: str, part: str) -> Iterator[tuple["np.ndarray", "np.ndarray"]]:
        # Opened anew for each block, for the same reason.
        for block_rows in track(chunks(rows[part]), label=f"{a} and {b}"):
            yield Latents.open(latents / a).mu[block_rows], Latents.open(latents / b).mu[block_rows]

    shared = loaded[Training]
    recipes = {name: models[name].own() | models[name].training(shared).outcome() | {"seed": None} for name in models}
    lengths = {name: radii(Latents.open(latents / name).mu, rows["train"]) for name in models}
    pairs, spectra = [], []
    for a, b in combinations(models, 2):
        measured, spectrum = compare_pair(
            (a, b),
            train=both(a, b, "train"),
            held_out=both(a, b, "held_out"),
            radii=(lengths[a], lengths[b]),
            near=(near[a], near[b]),
            settings=block,
        )
        pairs.append({"a": a, "b": b, "seed_alone": recipes[a] == recipes[b], **measured})
        spectra += [{"a": a, "b": b, **line} for line in spectrum]
    folder = out or Path("data/similarity")
    counts = {part: len(found) for part, found in rows.items()}
    write_json(folder / "similarity.json", {"models": list(models), "images": counts, "pairs": pairs})
    write_csv(folder / "pairs.csv", [flat(pair) for pair in pairs], ("a", "b") if not pairs else ())
    write_csv(folder / "canonical.csv", spectra, ("a", "b", "rank", "correlation", "null"))


if __name__ == "__main__":
    run(similarity)
