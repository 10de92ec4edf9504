"""Measure which attributes and factors can be read off one model's z-points, and keep the attributes' directions."""

from pathlib import Path

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, ShardsFolder, refuse_unknown
from zpoints.analyses.attributes.config import Attributes


def attributes(
    model: ModelName,
    latents: LatentsFolder = None,
    shards: ShardsFolder = Path("data/shards"),
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Fit linear probes on mu: attributes.json, attributes.csv with a row for each, and the directions in a folder.

    probes.csv holds the same numbers with a column for each probe: its value, its interval, its null and what chance
    allows, as the column `line` counts them from 0.
    """
    from zpoints.analyses.attributes.measure.disentanglement import describe
    from zpoints.artifacts import write_csv, write_json
    from zpoints.latents.directions import Directions
    from zpoints.latents.labels import COLUMNS, probed, wide
    from zpoints.latents.store import Latents, chunks
    from zpoints.shards.store import Shards
    from zpoints.stats.probes import (
        Parts,
        Standard,
        mean_differences,
        probe_attributes,
        probe_factors,
        scaled_normals,
    )
    from zpoints.stats.reference_distributions import subsample

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Attributes]
    source, images = latents or Path("data/latents", model), Shards.open(shards)
    points = Latents.open(source)
    everyone = points.rows("train")
    labels = probed(points, images, subsample(everyone, block.subsample, (block.seed, 0)), block.least)
    sample = points.mu[labels.train]
    standard = Standard.of(sample)
    parts = Parts(standard.apply(sample), standard.apply(points.mu[labels.held_out]), block.seed)
    encoder = points.model
    del points  # pages of a mapping count as memory of the process as long as it lives

    facts = labels.attributes
    rows, weights, found = probe_attributes(parts, *labels.of(facts), facts.names, block.level)
    factors = labels.factors
    factor_rows, factors_found = probe_factors(parts, *labels.of(factors), factors.names)
    blocks = (Latents.open(source).mu[part] for part in chunks(everyone))
    differences = mean_differences(blocks, facts.values[everyone])
    directions = Directions(encoder, facts.names, differences, scaled_normals(standard.normals(weights), sample))

    folder = out or Path("data/measurements", model)
    directions.write(out / "directions" if out else Path("data/attributes", model))
    content = {
        "images": {"train": len(labels.train), "held_out": len(labels.held_out), "directions": len(everyone)},
        "attributes": found | {"left_out": facts.left_out},
        "factors": factors_found | {"left_out": factors.left_out},
    }
    if dci := describe(sample, labels.of(factors)[0], block.seed):
        content["factors"] |= dci
    write_json(folder / "attributes.json", content)
    write_csv(folder / "attributes.csv", [*rows, *factor_rows], COLUMNS)
    write_csv(folder / "probes.csv", wide([*rows, *factor_rows]))


if __name__ == "__main__":
    run(attributes)
