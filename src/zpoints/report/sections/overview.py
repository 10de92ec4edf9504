"""The picture that opens the page: two ways to choose z, for each model."""

from zpoints.report.drawing import Drawing, Tints
from zpoints.report.figures.image_grid import blocks
from zpoints.report.inputs import Inputs
from zpoints.report.numbers import listing

# Blind to where the z-points lie, and led by it.
BLIND, LED = "normal", "gaussian"
SHORT = {BLIND: "N(0, I)", LED: "a Gaussian fitted to its z-points"}


def plates(inputs: Inputs, tints: Tints) -> dict[str, Drawing]:
    """A row of images for each model and way."""
    names = list(inputs.rows)
    pairs = [(f"{name}, z from {SHORT[sampler]}", name, sampler) for name in names for sampler in (BLIND, LED)]
    pictures = [(label, inputs.pictures[name][sampler]) for label, name, sampler in pairs]
    figure = blocks(pictures, {label: tints[name] for label, name, _ in pairs}, rows=1)
    return {"overview": Drawing(figure, f"Images of {listing(names)} from random z-points, chosen two ways")}
