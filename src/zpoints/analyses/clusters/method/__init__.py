"""Do the z-points form clusters, and are the clusters the attributes?"""

import itertools
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from zpoints.analyses.clusters.config import Config
from zpoints.analyses.clusters.method import cluster_labels, clustering
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, subsample


def measure(latents: Latents, labels: Labels, config: Config) -> Measurement:
    """K-means of mu of the training images for many k, beside a Gaussian of equal mean and covariance.

    numbers: `elbow`, `gap` and `silhouette` of zpoints.analyses.clusters.method.clustering, and `labels` of
    cluster_labels, None where no attribute varies.
    Table `clusters`: a row for each k. Table `clusters_attributes`: a row for each attribute that varies.
    Array `centers`, float32 (k_labels, z_dim): of the run with the least inertia.
    Raises NotMeasurable where all points are one, or fewer than two for each cluster.
    """
    rows = latents.rows("train")
    cloud = moments(blocks(latents.mu, rows, "mean and covariance"))
    cloud.varying()
    sampled = subsample(rows, config.points, (config.seed, 0))
    if reason := config.minimum().shortage(len(sampled)):
        raise NotMeasurable(reason)
    points = latents.mu[sampled]
    gaussian = Gaussian.like(cloud)

    run = partial(clustering.curves, ks=config.k, n_silhouette=config.n_silhouette, k_labels=config.k_labels)
    copies = itertools.repeat(points, config.n_init)
    curves, partitions = run(copies, config.n_init, seed=(config.seed, 1), label="k-means")
    nulls = (gaussian.sample(len(points), (config.seed, 2, draw)) for draw in range(config.n_nulls))
    null_curves, null_partitions = run(nulls, config.n_nulls, seed=(config.seed, 3), label="k-means of nulls")

    comparison: dict[str, Any] | None = None
    attribute_rows: list[dict[str, Any]] = []
    if labels.attributes is not None:
        comparison, attribute_rows = cluster_labels.describe(
            [partition.cells for partition in partitions],
            [clustering.cells_of(points, partition.centers) for partition in null_partitions],
            labels.attributes[sampled],
            labels.attribute_names,
            n_permutations=config.n_permutations,
            alpha=config.alpha,
            seed=(config.seed, 4),
        )
    numbers = {
        "points": len(points),
        "n_init": config.n_init,
        "n_nulls": config.n_nulls,
        "alpha": config.alpha,
        "elbow": clustering.describe_elbow(config.k, curves.inertia, null_curves.inertia),
        "gap": clustering.describe_gap(config.k, curves.inertia, null_curves.inertia, config.alpha),
        "silhouette": {"points": min(config.n_silhouette, len(points))}
        | clustering.describe_silhouette(config.k, curves.silhouette, null_curves.silhouette, config.alpha),
        "labels": None if comparison is None else {"k": config.k_labels} | comparison,
    }
    tables = {
        "clusters": clustering.curve_table(config.k, curves, null_curves),
        "clusters_attributes": pd.DataFrame(attribute_rows, columns=cluster_labels.COLUMNS),
    }
    best = min(partitions, key=lambda partition: partition.inertia)
    return Measurement(numbers, tables, {"centers": best.centers.astype(np.float32)})
