"""Clusters of the z-points, beside a Gaussian's."""

from zpoints.figures.clusters import clusters
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Inertia, gap and silhouette of all models."""
    alt = f"Inertia, gap and silhouette of k-means for {listing(list(inputs.rows))}, beside a Gaussian's"
    return {"clusters": Drawing(clusters(inputs.curves["clusters"], tints), alt)}
