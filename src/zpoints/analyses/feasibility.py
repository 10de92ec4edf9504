"""What the analyses of a params file cannot measure with the images at hand, known before anything is trained."""

from collections.abc import Iterator

import numpy as np

from zpoints.analyses import discovery
from zpoints.config.block import AnalysisConfig
from zpoints.config.features import Features
from zpoints.config.models import Models
from zpoints.config.reader import Params
from zpoints.config.samplers import Samplers
from zpoints.latents.labels import shortage
from zpoints.shards.store import Shards


def shortages(params: Params, shards: Shards) -> list[str]:
    """A line for each analysis that these images, labels and split can't answer, or answer in part alone."""
    lines = []
    for name, config in params.analyses.items():
        if reason := _reason(name, config, params, shards):
            lines.append(f"{name}: not measurable: {reason}")
        else:
            lines += [f"{name}: {part}" for part in _parts(config, params, shards)]
    return lines


def _reason(name: str, config: AnalysisConfig, params: Params, shards: Shards) -> str | None:
    train, held_out = (len(shards.rows(side)) for side in ("train", "held_out"))
    minimum, needs = config.minimum(), discovery.needs(discovery.measure_function(name))
    features = params[Features]
    if {"feature_space", "reference"} & needs and (reason := features.missing() or features.absent()):
        return reason
    if "reference" in needs and (reason := params[Features].shortage(train, held_out)):
        return reason
    if "samplers" in needs and train < 2 * (mixture := params[Samplers].mixture or 0):
        return f"needs {2 * mixture} training images for samplers.mixture = {mixture}, has {train}"
    if "spaces" in needs and len(params[Models].root) < 2:
        return f"needs two models, has {len(params[Models].root)}"
    if reason := minimum.shortage(train, held_out):
        return reason
    if minimum.labels:
        left_out = _left_out(config, shards)
        if "directions" in needs and not set(_wanted(config, shards)) - left_out.keys():
            return f"needs an attribute that enough images have, has none ({_listed(left_out) or 'no attributes'})"
        if not shards.factor_names and not set(shards.attribute_names) - left_out.keys():
            return f"needs a label that enough images have, has none ({_listed(left_out) or 'no labels'})"
    return None


def _parts(config: AnalysisConfig, params: Params, shards: Shards) -> Iterator[str]:
    if left_out := _left_out(config, shards):
        yield f"left out: {_listed(left_out)}"
    train = len(shards.rows("train"))
    for z_dim in sorted({entry.z_dim for entry in params[Models].root.values()}):
        if reason := config.minimum(z_dim).shortage(train):
            yield f"not measurable where all {z_dim} axes vary: {reason}"


def _listed(reasons: dict[str, str]) -> str:
    return "; ".join(f"{name} ({reason})" for name, reason in reasons.items())


def _wanted(config: AnalysisConfig, shards: Shards) -> tuple[str, ...]:
    """The attributes that the block names; all that there are where it only says how frequent they must be."""
    return getattr(config, "attributes", shards.attribute_names if hasattr(config, "min_count") else ())


def _left_out(config: AnalysisConfig, shards: Shards) -> dict[str, str]:
    """Attributes that the images lack or that too few have, each with the reason."""
    found = {}
    for name in _wanted(config, shards):
        if name not in shards.attribute_names:
            found[name] = "no such attribute"
        elif hasattr(config, "min_count"):
            values = np.asarray(shards.attributes)[:, shards.attribute_names.index(name)]
            reason = shortage(values[shards.rows("train")], values[shards.rows("held_out")], config.min_count)
            if reason:
                found[name] = reason
    return found
