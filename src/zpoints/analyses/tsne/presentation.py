"""How the maps are called and drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import listing, percent
from zpoints.report.results import Drawing, Results

TITLE = "t-SNE maps"
POSITION = 90
ABREAST = 3  # maps that fill a row: a larger map shows no more, smaller ones less
PREFIX = "attribute_"

METRICS = MetricGroup(
    "t-SNE map",
    (
        Metric("tsne_points", "maps.1.points", "points of the map", "count", "Training images on the first map."),
        Metric(
            "tsne_kl",
            "maps.1.mu.kl_divergence",
            "KL divergence",
            "two",
            "KL divergence that the map minimizes, in nats; it grows with the number of points.",
        ),
        Metric(
            "tsne_kl_null",
            "maps.1.null.kl_divergence",
            "the same, null",
            "two",
            "KL divergence for as many points of a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "tsne_trustworthiness",
            "maps.1.mu.trustworthiness",
            "trustworthiness",
            "significant",
            "1 where neighbours in the map are neighbours in z; 0.5 by chance.",
        ),
        Metric(
            "tsne_trustworthiness_null",
            "maps.1.null.trustworthiness",
            "the same, null",
            "significant",
            "Trustworthiness of the Gaussian's map.",
        ),
        Metric(
            "tsne_kept",
            "maps.1.mu.neighbours_kept",
            "neighbours kept",
            "percent",
            "Share of the nearest neighbours in z that are among the nearest in the map.",
        ),
        Metric(
            "tsne_kept_null",
            "maps.1.null.neighbours_kept",
            "the same, null",
            "percent",
            "Share of the neighbours that the Gaussian's map keeps.",
        ),
        Metric(
            "tsne_kept_elliptical",
            "maps.1.elliptical.neighbours_kept",
            "of one ellipsoid",
            "percent",
            "Share of the neighbours that the map of one ellipsoid with mu's Mahalanobis radii keeps.",
        ),
        Metric(
            "tsne_kept_permuted",
            "maps.1.permuted.neighbours_kept",
            "of independent components",
            "percent",
            "Share of the neighbours that the map of permuted principal scores keeps.",
        ),
        Metric(
            "tsne_kept_chance",
            "maps.1.neighbours_kept_by_chance",
            "by chance",
            "percent",
            "Share of the neighbours that a random map would keep.",
        ),
        Metric(
            "tsne_hopkins",
            "maps.1.mu.hopkins.mean",
            "islands: Hopkins",
            "two",
            "Hopkins' statistic of the map: 0.5 for points scattered at random, towards 1 for separate islands.",
        ),
        Metric(
            "tsne_hopkins_low",
            "maps.1.mu.hopkins.low",
            "from",
            "two",
            "Lower end of the 95% range of Hopkins' statistic over draws.",
        ),
        Metric(
            "tsne_hopkins_high",
            "maps.1.mu.hopkins.high",
            "to",
            "two",
            "Upper end of the 95% range of Hopkins' statistic over draws.",
        ),
        Metric(
            "tsne_hopkins_null",
            "maps.1.null.hopkins.mean",
            "the same, null",
            "two",
            "Hopkins' statistic of the Gaussian's map.",
        ),
        Metric(
            "tsne_hopkins_elliptical",
            "maps.1.elliptical.hopkins.mean",
            "of one ellipsoid",
            "two",
            "Hopkins' statistic of the map of one ellipsoid.",
        ),
        Metric(
            "tsne_hopkins_permuted",
            "maps.1.permuted.hopkins.mean",
            "of independent components",
            "two",
            "Hopkins' statistic of the map of permuted principal scores.",
        ),
        Metric(
            "tsne_silhouette",
            "maps.1.mu.silhouette",
            "silhouette of the map",
            "two",
            "Mean silhouette of the islands that k-means finds in the map: 1 for islands far apart.",
        ),
        Metric(
            "tsne_silhouette_null",
            "maps.1.null.silhouette",
            "the same, null",
            "two",
            "Mean silhouette of the islands in the Gaussian's map.",
        ),
        Metric(
            "tsne_silhouette_elliptical",
            "maps.1.elliptical.silhouette",
            "of one ellipsoid",
            "two",
            "Mean silhouette of the islands in the map of one ellipsoid.",
        ),
        Metric(
            "tsne_silhouette_permuted",
            "maps.1.permuted.silhouette",
            "of independent components",
            "two",
            "Mean silhouette of the islands in the map of permuted principal scores.",
        ),
        Metric(
            "tsne_cluster_null",
            "maps.1.null.same.beyond_chance.cluster",
            "cluster together, null",
            "two",
            "How often neighbours in the Gaussian's map share a k-means cluster: 0 as by chance, 1 always.",
        ),
        Metric(
            "tsne_together",
            "maps.1.mu.same.beyond_chance.*",
            "together",
            "two",
            "How often neighbours in the map agree in this attribute or cluster: 0 as by chance, 1 always.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """The first map of each model beside its null's, and all maps where there are more."""
    from zpoints.analyses.tsne.figures import atlas, tsne

    curves = results.curves("tsne")
    first = {name: _of(columns, 1) for name, columns in curves.items()}
    kept = results.told("tsne_kept", "Neighbours kept:", percent)
    alt = f"t-SNE maps of {listing(list(curves))}, each beside that of a Gaussian. {kept}"
    drawings = {"tsne": Drawing(tsne(first, results.colors), alt)}
    for name, numbers in _atlas(results).items():
        maps = {
            model: [(f"map {number}", _of(columns, number)) for number in numbers if number in columns["map"]]
            for model, columns in curves.items()
        }
        text = f"t-SNE maps {listing(list(map(str, numbers)))} of {listing(list(maps))}, coloured by radius"
        drawings[name] = Drawing(atlas(maps, ABREAST), text)
    return drawings


def context(results: Results) -> dict[str, Any]:
    """What the maps were made with, the attribute that is drawn, further figures, and all pairs at the first map."""
    curves = results.curves("tsne")
    name, first = next(iter(curves.items()))
    attributes = [key.removeprefix(PREFIX).replace("_", " ") for key in first if key.startswith(PREFIX)]
    pairs = results.joint.tables["pairs"] if results.joint else None
    return {
        "tsne_recipes": {
            int(number): recipe
            for columns in curves.values()
            for number, recipe in zip(columns["map"], columns["recipe"], strict=True)
        },
        "tsne_attribute": attributes[0] if attributes else None,
        "tsne_left_out": results.numbers(name).get("left_out", []),
        "tsne_atlas": _atlas(results),
        "tsne_pairs": [] if pairs is None else pairs[pairs["map"] == 1].to_dict("records"),
    }


def _atlas(results: Results) -> dict[str, list[int]]:
    """The figures of all maps, each with its numbers; none where there is one map alone."""
    numbers = sorted({int(number) for columns in results.curves("tsne").values() for number in columns["map"]})
    starts = range(0, len(numbers), ABREAST) if len(numbers) > 1 else ()
    return {f"tsne_maps_{start // ABREAST + 1}": numbers[start : start + ABREAST] for start in starts}


def _of(columns: Mapping[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """The columns of one map."""
    chosen = columns["map"] == number
    return {key: values[chosen] for key, values in columns.items()}
