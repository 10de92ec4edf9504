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
from zpoints.stats.reference_distributions import Gaussian, blocks, moments, null_models, subsample

FEW = 3  # of the ks, one in so many


def measure(latents: Latents, labels: Labels, config: Config) -> Measurement:
    """K-means of mu of the training images for many k, beside the three nulls, each of equal mean and covariance.

    numbers: `elbow`, `gap` and `silhouette` of zpoints.analyses.clusters.method.clustering, and `labels` of
    cluster_labels, None where no attribute varies. `gap.over_elliptical` and `gap.over_permuted` are the mean gaps to
    the other nulls, over every third k; `gap.limit` says which planted clusters would have been found.
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
    models = null_models(latents.mu, rows, cloud, (config.seed, 5))

    run = partial(clustering.curves, ks=config.k, n_silhouette=config.n_silhouette, k_labels=config.k_labels)
    copies = itertools.repeat(points, config.n_init)
    curves, partitions = run(copies, config.n_init, seed=(config.seed, 1), label="k-means")
    nulls = (models["gaussian"].sample(len(points), (config.seed, 2, draw)) for draw in range(config.n_nulls))
    null_curves, null_partitions = run(nulls, config.n_nulls, seed=(config.seed, 3), label="k-means of nulls")
    gap = clustering.describe_gap(config.k, curves.inertia, null_curves.inertia, config.alpha)
    # K-means is dear: every third k for the other nulls, and for planted clusters.
    run_few = partial(run, ks=config.k[::FEW], k_labels=None)
    logs, null_logs = (-np.log(found.inertia[:, ::FEW]) for found in (curves, null_curves))
    for place, name in enumerate(("elliptical", "permuted"), 6):
        draws = (models[name].sample(len(points), (config.seed, place, draw)) for draw in range(config.n_nulls))
        of_null, _ = run_few(draws, config.n_nulls, seed=(config.seed, place, 1), label=f"k-means of {name} nulls")
        gap[f"over_{name}"] = clustering.describe_difference(logs, -np.log(of_null.inertia), config.alpha)

    def gap_of(planted: np.ndarray) -> float:
        own = Gaussian.like(moments([planted])).sample(len(planted), (config.seed, 10))
        found, _ = run_few([planted, own], 2, seed=(config.seed, 8), label="k-means of planted clusters")
        return float(np.diff(np.log(found.inertia).mean(axis=1))[0])

    few = clustering.describe_difference(logs, null_logs, config.alpha)
    gap["limit"] = clustering.cluster_limit(models["gaussian"], len(points), few, config, gap_of)

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
        "gap": gap,
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
