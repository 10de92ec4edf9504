"""The shape of the cloud along its principal axes."""

from zpoints.analyses.pca.figures import spectrum
from zpoints.report.drawing import Drawing, Tints, told
from zpoints.report.figures.scores import scores
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import count, listing


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """The spectra of all models, and their first two scores."""
    everyone = listing(list(inputs.rows))
    return {
        "spectrum": Drawing(
            spectrum(inputs.curves["pca"], tints),
            f"Cumulative variance along the principal axes. {told(inputs, 'components_95', 'Axes for 95%:', count)}",
        ),
        "scores": Drawing(
            scores(inputs.curves["scores"], tints),
            f"z-points of {everyone} along their first two principal axes, beside a Gaussian's",
        ),
    }
