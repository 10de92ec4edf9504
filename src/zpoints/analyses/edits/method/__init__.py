"""Does adding an attribute's direction give a face the attribute, and is it still the same face?"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zpoints.analyses.edits.config import Config
from zpoints.analyses.edits.method.edit_evaluator import EditEvaluator, analogies, edit_all, left_out
from zpoints.latents.directions import Directions
from zpoints.latents.labels import Labels, probed
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.metrics.decoded_features import FeatureExtractor
from zpoints.shards.store import Shards
from zpoints.stats.reference_distributions import subsample

if TYPE_CHECKING:  # these import TensorFlow
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import FeatureSpace

N_PAIRED = 5000  # training faces whose differences are the harder control


def measure(
    model: "Trained",
    latents: Latents,
    labels: Labels,
    shards: Shards,
    feature_space: "FeatureSpace",
    directions: Directions,
    config: Config,
) -> Measurement:
    """Add attributes to held-out faces that lack them, remove them from the others, and solve analogies.

    numbers: the `classifier` that tells success, `identity` of reconstructions and of two people, success
    `at_identity` for each kind of direction, `analogies`, and what was `left_out`, with the reasons.
    Table `edits`: a row for each direction, attribute and strength; the attribute `all` is the mean over the others.
    Arrays, uint8 (n, size, size, 3): `edits`, for each of the attributes `edited` a held-out face, its reconstruction
    and its edits, strength by strength; `analogies`, a, b, c and a - b + c of each.

    Raises NotMeasurable where no attribute can be edited.
    """
    features = FeatureExtractor(model, shards, feature_space)
    train = latents.rows("train")
    known = probed(latents, labels, subsample(train, config.n_train, (config.seed, 0)), config.min_count)
    names = [name for name in known.attributes.names if name in directions.names]
    if not set(names) & set(config.attributes):
        raise _no_attribute(left_out({}, known, directions, config))
    evaluator = EditEvaluator.of(features, latents.mu, known, names, config)
    reasons = left_out(evaluator.known, known, directions, config)
    if set(reasons) >= set(config.attributes):
        raise _no_attribute(reasons)
    others = np.array(latents.mu[subsample(train, N_PAIRED, (config.seed, 2))])
    edits = edit_all(features, evaluator, directions, others, config)
    solved, impossible, strips = analogies(features, evaluator, config)
    empty = np.zeros((0, shards.size, shards.size, 3), np.uint8)
    numbers = {
        "images": {"train": len(known.train), "held_out": len(evaluator.rows)},
        "classifier": evaluator.describe(),
        "edited": edits.names,
        "left_out": reasons | impossible,
        "identity": evaluator.identity(config.seed) | {"threshold": config.identity},
        "at_identity": edits.at_identity,
        "analogies": solved,
    }
    pictures = {"edits": np.concatenate(edits.strips), "analogies": np.concatenate([empty, *strips])}
    return Measurement(numbers, {"edits": pd.DataFrame(edits.rows)}, pictures)


def _no_attribute(reasons: dict[str, str]) -> NotMeasurable:
    listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return NotMeasurable(f"needs an attribute that can be edited, has none ({listed})")
