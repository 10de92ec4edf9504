"""Clusters of the z-points, beside a Gaussian's."""

from zpoints.analyses.clusters.figures import clusters
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """Inertia, gap and silhouette of all models."""
    alt = (
        f"Inertia, gap and silhouette of k-means for growing k, beside a Gaussian's. {told(inputs, 'gap', 'Mean gap')}"
    )
    return {"clusters": Drawing(clusters(inputs.curves["clusters"], tints), alt)}
