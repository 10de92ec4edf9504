"""What the comparison takes from clusters.json, and how it is called."""

from zpoints.comparison.topic import Curve, Quantity, Topic

TOPIC = Topic(
    "clusters",
    "Clusters",
    (
        Quantity("elbow", "elbow.mu.k", "elbow of the inertia", "count", "Kneedle's; any cloud has one."),
        Quantity(
            "elbow_null", "elbow.null.k", "the same, null", "count", "For a Gaussian of equal mean and covariance."
        ),
        Quantity(
            "elbow_strength",
            "elbow.mu.strength",
            "strength of the elbow",
            "two",
            "0 for a straight line, 1 for a corner.",
        ),
        Quantity("elbow_strength_null", "elbow.null.strength", "the same, null", "two", "For that Gaussian."),
        Quantity(
            "gap",
            "gap.mean",
            "gap",
            "significant",
            "Log inertia of the Gaussian less the points', mean over k: above 0 where mu is tighter.",
        ),
        Quantity("gap_low", "gap.low", "from", "significant", "Lower end of its 95% interval, over the Gaussians."),
        Quantity("gap_high", "gap.high", "to", "significant", "Upper end of that interval."),
        Quantity("silhouette_k", "silhouette.k", "k of the best silhouette", "count", "Of all k that were tried."),
        Quantity(
            "silhouette", "silhouette.mu", "its mean silhouette", "significant", "1 for clusters far apart, 0 for none."
        ),
        Quantity("silhouette_null", "silhouette.null", "the same, null", "significant", "Of the Gaussian, for this k."),
        Quantity(
            "labels_beyond_chance",
            "labels.beyond_chance",
            "attributes told",
            "count",
            "More than shuffled ones by the cell of k-means, corrected by Holm.",
        ),
        Quantity(
            "labels_adjusted",
            "labels.adjusted.mean",
            "how much is told",
            "percent",
            "Adjusted mutual information over an attribute's entropy, mean: 100% where a cell decides it.",
        ),
        Quantity(
            "labels_adjusted_null",
            "labels.adjusted.cells_of_a_gaussian",
            "by a Gaussian's cells",
            "percent",
            "The same points, cut as k-means cuts the Gaussian.",
        ),
        Quantity(
            "labels_matching",
            "labels.matching.mu",
            "clusters that are attributes",
            "percent",
            "Mean overlap (Jaccard) of the best one-to-one pairs: 100% for equal sets.",
        ),
        Quantity(
            "labels_matching_null",
            "labels.matching.cells_of_a_gaussian",
            "by a Gaussian's cells",
            "percent",
            "As above.",
        ),
    ),
    curves=(Curve("clusters", ("k", "inertia", "null_inertia", "silhouette", "null_silhouette", "gap", "gap_error")),),
)
