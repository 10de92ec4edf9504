"""Look for clusters of mu of one model, beside a Gaussian's, and hold them against the attributes."""

import itertools
from functools import partial
from pathlib import Path
from typing import Any

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import LatentsFolder, ModelName, ShardsFolder, refuse_unknown
from zpoints.analyses.clusters.config import Clusters


def clusters(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    latents: LatentsFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure inertia, elbow, gap and silhouette of mu for many k, and how far clusters are attributes: clusters.json.

    clusters.csv holds a row for each k, clusters_attributes.csv one for each attribute.
    """
    from zpoints.analyses.clusters.measure import cluster_labels as agreement
    from zpoints.analyses.clusters.measure import clustering as clustering
    from zpoints.artifacts import write_csv, write_json
    from zpoints.errors import UserError
    from zpoints.latents.images import expect_images
    from zpoints.latents.store import Latents
    from zpoints.shards.store import Shards
    from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample

    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Clusters]
    points = Latents.open(latents or Path("data/latents", model))
    images = Shards.open(shards)
    expect_images(points, images)
    rows = points.rows("train")
    cloud = moments(blocks(points.mu, rows, "mean and covariance"))
    cloud.varying()
    chosen = subsample(rows, block.points, (block.seed, 0))
    if len(chosen) < 2 * block.k[-1]:
        received = f"{block.k[-1]} ({len(chosen)} training images)"
        raise UserError(
            f"clusters.k: expected at most {len(chosen) // 2}, a cluster for two points, received {received}"
        )
    sample = points.mu[chosen]
    null = Gaussian.like(cloud)

    measure = partial(clustering.curves, ks=block.k, size=block.silhouette, keep=block.labels)
    starts = itertools.repeat(sample, block.initialisations)
    own, partitions = measure(starts, block.initialisations, seed=(block.seed, 1), label="k-means")
    drawn = (null.sample(len(sample), (block.seed, 2, turn)) for turn in range(block.nulls))
    nulls, null_partitions = measure(drawn, block.nulls, seed=(block.seed, 3), label="k-means of nulls")

    told, lines = None, list[dict[str, Any]]()
    if images.attributes is not None:
        told, lines = agreement.describe(
            [found.cells for found in partitions],
            [clustering.cells_of(sample, found.centres) for found in null_partitions],
            images.attributes[chosen],
            images.attribute_names,
            shuffles=block.shuffles,
            level=block.level,
            seed=(block.seed, 4),
        )

    folder = out or Path("data/measurements", model)
    write_json(
        folder / "clusters.json",
        {
            "points": len(sample),
            "initialisations": block.initialisations,
            "nulls": block.nulls,
            "level": block.level,
            "elbow": clustering.describe_elbow(block.k, own.inertia, nulls.inertia),
            "gap": clustering.describe_gap(block.k, own.inertia, nulls.inertia, block.level),
            "silhouette": {"points": min(block.silhouette, len(sample))}
            | clustering.describe_silhouette(block.k, own.silhouette, nulls.silhouette, block.level),
            "labels": None if told is None else {"k": block.labels} | told,
        },
    )
    write_csv(folder / "clusters.csv", clustering.curve_rows(block.k, own, nulls))
    write_csv(folder / "clusters_attributes.csv", lines, columns=agreement.COLUMNS)


if __name__ == "__main__":
    run(clusters)
