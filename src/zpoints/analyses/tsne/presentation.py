"""What the comparison takes from tsne.json, and how it is called: the first of the maps."""

from zpoints.report.metrics import Metric, MetricGroup


POSITION = 90

METRICS = MetricGroup(
    "t-SNE map",
    (
        Metric("tsne_points", "maps.1.points", "points of the map", "count", "Training images; the first map alone."),
        Metric("tsne_kl", "maps.1.mu.kl_divergence", "KL divergence", "two", "What the map minimizes, in nats."),
        Metric(
            "tsne_kl_null",
            "maps.1.null.kl_divergence",
            "the same, null",
            "two",
            "For as many points of a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "tsne_trustworthiness",
            "maps.1.mu.trustworthiness",
            "trustworthiness",
            "significant",
            "1 where neighbours in the map are neighbours in z; 0.5 by chance.",
        ),
        Metric(
            "tsne_trustworthiness_null", "maps.1.null.trustworthiness", "the same, null", "significant", "As above."
        ),
        Metric(
            "tsne_kept",
            "maps.1.mu.neighbours_kept",
            "neighbours kept",
            "percent",
            "Of the nearest neighbours in z, those among the nearest in the map.",
        ),
        Metric("tsne_kept_null", "maps.1.null.neighbours_kept", "the same, null", "percent", "As above."),
        Metric(
            "tsne_kept_chance",
            "maps.1.neighbours_kept_by_chance",
            "by chance",
            "percent",
            "By a map that knows nothing of z.",
        ),
        Metric(
            "tsne_hopkins",
            "maps.1.mu.hopkins.mean",
            "islands: Hopkins",
            "two",
            "0.5 for points scattered at random; towards 1 for islands with empty sea between.",
        ),
        Metric("tsne_hopkins_low", "maps.1.mu.hopkins.low", "from", "two", "Lower end of its 95% range over draws."),
        Metric("tsne_hopkins_high", "maps.1.mu.hopkins.high", "to", "two", "Upper end of that range."),
        Metric("tsne_hopkins_null", "maps.1.null.hopkins.mean", "the same, null", "two", "As above."),
        Metric(
            "tsne_cluster_null",
            "maps.1.null.same.beyond_chance.cluster",
            "cluster together, null",
            "two",
            "How far neighbours share a cluster of k-means in the null's map: as below.",
        ),
        Metric(
            "tsne_together",
            "maps.1.mu.same.beyond_chance.*",
            "together",
            "two",
            "How far neighbours in the map are of one kind: 0 by chance, 1 always.",
        ),
    ),
)


# ---- old section, to port ----
#     curves=(
#         Curve("tsne", ("map", "recipe", "row", "x", "y", "null_x", "null_y", "radius", "cluster"), words=("recipe",)),
#     ),
# )
# """Maps of the clouds."""
# 
# from typing import Any
# 
# import numpy as np
# 
# from zpoints.analyses.tsne.figures import ABREAST, atlas, tsne
# from zpoints.report.drawing import Drawing, Tints, told
# from zpoints.report.inputs import Inputs
# from zpoints.report.numbers import listing
# from zpoints.report.numbers import percent
# 
# 
# def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
#     """The first map of each model beside its null's, and all maps where there are more."""
#     everyone = listing(list(inputs.rows))
#     first = {name: _of(columns, 1) for name, columns in inputs.curves["tsne"].items()}
#     kept = told(inputs, "tsne_kept", "Neighbours kept:", percent)
#     alt = f"t-SNE maps of {everyone}, each beside that of a Gaussian. {kept}"
#     found = {"tsne": Drawing(tsne(first, tints), alt)}
#     for plate, numbers in _atlas(inputs).items():
#         maps = {
#             name: [(f"map {number}", _of(columns, number)) for number in numbers if number in columns["map"]]
#             for name, columns in inputs.curves["tsne"].items()
#         }
#         texts = listing([str(number) for number in numbers])
#         found[plate] = Drawing(atlas(maps), f"t-SNE maps {texts} of {everyone}, coloured by radius")
#     return found
# 
# 
# def context(inputs: Inputs) -> dict[str, Any]:
#     """What the maps were made with, the attribute that is drawn, further figures, and all pairs at the first map."""
#     columns = next(iter(inputs.curves["tsne"].values()))
#     recipes = dict(zip(columns["map"].astype(int).tolist(), columns["recipe"].tolist(), strict=True))
#     attributes = [key.removeprefix("attribute_").replace("_", " ") for key in columns if key.startswith("attribute_")]
#     return {
#         "tsne_recipes": recipes,
#         "tsne_attribute": attributes[0] if attributes else None,
#         "tsne_atlas": _atlas(inputs),
#         "tsne_pairs": [pair for pair in inputs.maps if pair["map"] == 1],
#         "tsne_seeds": [(pair["a"], pair["b"]) for pair in inputs.similarity["pairs"] if pair["seed_alone"]],
#     }
# 
# 
# def _atlas(inputs: Inputs) -> dict[str, list[int]]:
#     """The figures of all maps, each with its numbers; none where there is one map alone."""
#     numbers = _numbers(inputs)
#     places = range(0, len(numbers), ABREAST) if len(numbers) > 1 else ()
#     return {f"tsne_maps_{place // ABREAST + 1}": numbers[place : place + ABREAST] for place in places}
# 
# 
# def _numbers(inputs: Inputs) -> list[int]:
#     """Numbers of all maps that any model has, ascending."""
#     found = np.concatenate([columns["map"] for columns in inputs.curves["tsne"].values()])
#     return [int(number) for number in np.unique(found)]
# 
# 
# def _of(columns: dict[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
#     """The columns of one map."""
#     chosen = columns["map"] == number
#     return {key: values[chosen] for key, values in columns.items()}
