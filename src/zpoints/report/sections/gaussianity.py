"""Whether the cloud is one multivariate normal, with and without its outliers."""

from zpoints.figures.gaussianity import gaussianity
from zpoints.report.drawing import Drawing, Tints
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The Q-Q plots of all models."""
    alt = f"Quantiles of the Mahalanobis distances of {listing(list(inputs.rows))} against a Gaussian's"
    return {"gaussianity": Drawing(gaussianity(inputs.curves["gaussianity"], tints), alt)}
