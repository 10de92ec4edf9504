"""Whether the cloud is one multivariate normal, with and without its outliers."""

from zpoints.analyses.gaussianity.figures import gaussianity
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import percent


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The Q-Q plots of all models."""
    alt = "Quantiles of the Mahalanobis distances against a Gaussian's, of all points and of the core. "
    alt += told(inputs, "axes_pass_core", "Axes of the core that pass as normal:", percent)
    return {"gaussianity": Drawing(gaussianity(inputs.curves["gaussianity"], tints), alt)}
