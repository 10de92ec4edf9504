"""How the clusters are called and drawn."""

from typing import Any

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.results import Drawing, Results

TITLE = "Clusters"
POSITION = 80

METRICS = MetricGroup(
    "Clusters",
    (
        Metric(
            "elbow",
            "elbow.mu.k",
            "elbow of the inertia",
            "count",
            "Where Kneedle sees the curve of the inertia bend; any cloud has such a k.",
        ),
        Metric(
            "elbow_null",
            "elbow.null.k",
            "the same, null",
            "count",
            "Kneedle's elbow for a Gaussian of equal mean and covariance.",
        ),
        Metric(
            "elbow_strength",
            "elbow.mu.strength",
            "strength of the elbow",
            "two",
            "How sharply the curve bends: 0 for a straight line, 1 for a corner.",
        ),
        Metric(
            "elbow_strength_null",
            "elbow.null.strength",
            "the same, null",
            "two",
            "How sharply that Gaussian's curve bends.",
        ),
        Metric(
            "gap",
            "gap.mean",
            "gap",
            "significant",
            "Log inertia of the Gaussian less the points', mean over k: above 0 where mu is tighter.",
        ),
        Metric(
            "gap_clusters",
            "gap.clusters",
            "clusters by the gap",
            "count",
            "The least k within a standard error of the largest gap (globalSEmax of R's clusGap); 1 for none.",
        ),
        Metric(
            "gap_k",
            "gap.largest_k",
            "k of the largest gap",
            "count",
            "Where it is the last k that was tried, the gap tells no number of clusters.",
        ),
        Metric(
            "gap_low",
            "gap.low",
            "from",
            "significant",
            "Lower end of the 95% interval of the mean gap, over the Gaussians.",
        ),
        Metric("gap_high", "gap.high", "to", "significant", "Upper end of the 95% interval of the mean gap."),
        Metric(
            "gap_p",
            "gap.p",
            "its p",
            "significant",
            "One-sided p that the mean gap is not above 0, by Student's t over few Gaussians (k-means is dear).",
        ),
        Metric(
            "gap_elliptical",
            "gap.over_elliptical.mean",
            "gap, over one ellipsoid",
            "significant",
            "Log inertia of one ellipsoid with mu's Mahalanobis radii less the points', mean over every third k.",
        ),
        Metric(
            "gap_elliptical_low",
            "gap.over_elliptical.low",
            "from",
            "significant",
            "Lower end of the 95% interval of the gap over one ellipsoid.",
        ),
        Metric(
            "gap_elliptical_high",
            "gap.over_elliptical.high",
            "to",
            "significant",
            "Upper end of the 95% interval of the gap over one ellipsoid.",
        ),
        Metric(
            "gap_permuted",
            "gap.over_permuted.mean",
            "gap, over independent components",
            "significant",
            "Log inertia of mu with each principal score from another image less the points', mean over every third k.",
        ),
        Metric(
            "gap_permuted_low",
            "gap.over_permuted.low",
            "from",
            "significant",
            "Lower end of the 95% interval of the gap over independent components.",
        ),
        Metric(
            "gap_permuted_high",
            "gap.over_permuted.high",
            "to",
            "significant",
            "Upper end of the 95% interval of the gap over independent components.",
        ),
        Metric(
            "gap_limit",
            "gap.limit.separation",
            "clusters detectable",
            "two",
            "Spread of the centres of ten planted clusters, over that within them, that the gap finds with 90% power.",
        ),
        Metric(
            "silhouette_k",
            "silhouette.k",
            "k of the best silhouette",
            "count",
            "The k with the highest mean silhouette, of all that were tried.",
        ),
        Metric(
            "silhouette",
            "silhouette.mu",
            "its mean silhouette",
            "significant",
            "Highest mean silhouette: 1 for clusters far apart, 0 for none.",
        ),
        Metric(
            "silhouette_null",
            "silhouette.null",
            "the same, null",
            "significant",
            "Mean silhouette of the Gaussian for this k.",
        ),
        Metric(
            "labels_beyond_chance",
            "labels.beyond_chance",
            "attributes predicted",
            "count",
            "Attributes that share more information with the cell of k-means than shuffled ones do (Holm).",
        ),
        Metric(
            "labels_adjusted",
            "labels.adjusted.mean",
            "how well",
            "percent",
            "Adjusted mutual information over an attribute's entropy, mean: 100% where the cell determines it.",
        ),
        Metric(
            "labels_adjusted_null",
            "labels.adjusted.cells_of_a_gaussian",
            "by a Gaussian's cells",
            "percent",
            "The same for the points as k-means partitions the Gaussian.",
        ),
        Metric(
            "labels_matching",
            "labels.matching.mu",
            "clusters that are attributes",
            "percent",
            "Mean overlap (Jaccard) of clusters and attributes in their best one-to-one pairs: 100% for equal sets.",
        ),
        Metric(
            "labels_matching_null",
            "labels.matching.cells_of_a_gaussian",
            "by a Gaussian's cells",
            "percent",
            "The same overlap for the points as k-means partitions the Gaussian.",
        ),
    ),
)


def figures(results: Results) -> dict[str, Drawing]:
    """Inertia, gap and silhouette of all models."""
    from zpoints.analyses.clusters.figures import clusters

    gaps = results.told("gap", "Mean gap")
    alt = f"Inertia, gap and silhouette of k-means for growing k, beside a Gaussian's. {gaps}"
    return {"clusters": Drawing(clusters(results.curves("clusters"), results.colors), alt)}


def context(results: Results) -> dict[str, Any]:
    """Whether any model's clusters were compared with attributes."""
    return {"labelled": any("labels_adjusted" in row for row in results.rows.values())}
