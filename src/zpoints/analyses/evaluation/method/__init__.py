"""How good are the decoded images of each sampler, in numbers?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zpoints.analyses.evaluation.config import Config
from zpoints.analyses.evaluation.method.reconstructions import extremes, summary
from zpoints.latents.cloud import Cloud
from zpoints.latents.samplers import SamplerSet
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement
from zpoints.models.batches import batches
from zpoints.progress import track
from zpoints.shards.store import Shards

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import FeatureSpace
    from zpoints.metrics.reference import Reference

ENDS = ("value", "low", "high")


def measure(
    model: "Trained",
    latents: Latents,
    shards: Shards,
    feature_space: "FeatureSpace",
    reference: "Reference",
    samplers: SamplerSet,
    config: Config,
) -> Measurement:
    """Score as many images of every sampler as the reference has, and the reconstructions of its held-out images.

    numbers: `samplers` (the `reconstructions` among them, and those from z of a VAE, `reconstructions_z`) and
    `controls`, each with the scores of zpoints.metrics.scoring by name; `to_reconstructions`, the KID of each sampler's
    images against the same model's reconstructions, which are as blurred; `quality`, how near the reconstructions are
    to their originals.
    Table `evaluation`: a row for each score. Table `quality`: a row for each reconstructed image.
    Arrays `best`, `median` and `worst`, uint8 (2 n, size, size, 3): n originals, then their reconstructions.
    """
    from zpoints.metrics.image_quality import fidelity
    from zpoints.metrics.scoring import BATCH, Pictures, describe

    settings = reference.settings
    scorer = reference.scorer(feature_space)

    def pictures(z: np.ndarray) -> Pictures:
        return describe(feature_space, (model.decode(batch) for batch in batches(z, BATCH)))

    rows = reference.rows["held_out"]
    mu = np.array(latents.mu[rows])
    reconstructions = pictures(mu)
    # A draw of a reference image's own z-point would be compared with that very image.
    cloud = Cloud(latents.mu, latents.rows("train"), kept_out=reference.rows["reference"])
    drawn: dict[str, Callable[[], np.ndarray]] = {
        name: partial(sampler, cloud, settings.images, samplers.seed) for name, sampler in samplers.items()
    }
    if latents.logvar is not None:
        drawn["reconstructions_z"] = lambda: np.array(latents.z[rows])
    scored, to_reconstructions = {}, {}
    for name, draw in track(drawn.items(), label="samplers"):
        decoded = pictures(draw())
        scored[name] = scorer.scores(decoded)
        to_reconstructions[name] = scorer.distance(decoded, reconstructions)
    scored["reconstructions"] = scorer.scores(reconstructions)

    pairs = list(zip(batches(rows, BATCH), batches(mu, BATCH), strict=True))
    parts = [fidelity(shards.read(real), model.decode(z)) for real, z in track(pairs, label="reconstructions")]
    quality = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    shown = extremes(quality["above_floor"], config.n_plotted)
    numbers: dict[str, Any] = {
        "images": {"drawn": settings.images, **{name: len(chosen) for name, chosen in reference.rows.items()}},
        "features": reference.space,
        "samplers": scored,
        "controls": reference.controls,
        "to_reconstructions": to_reconstructions,
        "quality": summary(quality),
    }
    lines = [
        {"points": name, "score": key, **{end: value[end] for end in ENDS}}
        for name, scores in {**scored, **reference.controls}.items()
        for key, value in scores.items()
    ]
    return Measurement(
        numbers,
        tables={
            "evaluation": pd.DataFrame(lines),
            "quality": pd.DataFrame({"id": shards.ids[rows], "row": rows, **quality}),
        },
        arrays={
            name: np.concatenate([shards.read(rows[places]), model.decode(mu[places])])
            for name, places in shown.items()
        },
    )
