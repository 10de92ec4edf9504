"""What the comparison takes from tsne.json, and how it is called: the first of the maps."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "tsne",
    "t-SNE map",
    (
        Quantity("tsne_points", "maps.1.points", "points of the map", "count", "Training images; the first map alone."),
        Quantity("tsne_kl", "maps.1.mu.kl_divergence", "KL divergence", "two", "What the map minimizes, in nats."),
        Quantity(
            "tsne_kl_null",
            "maps.1.null.kl_divergence",
            "the same, null",
            "two",
            "For as many points of a Gaussian of equal mean and covariance.",
        ),
        Quantity(
            "tsne_trustworthiness",
            "maps.1.mu.trustworthiness",
            "trustworthiness",
            "significant",
            "1 where neighbours in the map are neighbours in z; 0.5 by chance.",
        ),
        Quantity(
            "tsne_trustworthiness_null", "maps.1.null.trustworthiness", "the same, null", "significant", "As above."
        ),
        Quantity(
            "tsne_kept",
            "maps.1.mu.neighbours_kept",
            "neighbours kept",
            "percent",
            "Of the nearest neighbours in z, those among the nearest in the map.",
        ),
        Quantity("tsne_kept_null", "maps.1.null.neighbours_kept", "the same, null", "percent", "As above."),
        Quantity(
            "tsne_kept_chance",
            "maps.1.neighbours_kept_by_chance",
            "by chance",
            "percent",
            "By a map that knows nothing of z.",
        ),
        Quantity(
            "tsne_hopkins",
            "maps.1.mu.hopkins.mean",
            "islands: Hopkins",
            "two",
            "0.5 for points scattered at random; towards 1 for islands with empty sea between.",
        ),
        Quantity("tsne_hopkins_low", "maps.1.mu.hopkins.low", "from", "two", "Lower end of its 95% range over draws."),
        Quantity("tsne_hopkins_high", "maps.1.mu.hopkins.high", "to", "two", "Upper end of that range."),
        Quantity("tsne_hopkins_null", "maps.1.null.hopkins.mean", "the same, null", "two", "As above."),
        Quantity(
            "tsne_cluster_null",
            "maps.1.null.same.beyond_chance.cluster",
            "cluster together, null",
            "two",
            "How far neighbours share a cluster of k-means in the null's map: as below.",
        ),
        Quantity(
            "tsne_together",
            "maps.1.mu.same.beyond_chance.*",
            "together",
            "two",
            "How far neighbours in the map are of one kind: 0 by chance, 1 always.",
        ),
    ),
    curves=(
        Curve("tsne", ("map", "recipe", "row", "x", "y", "null_x", "null_y", "radius", "cluster"), words=("recipe",)),
    ),
)
