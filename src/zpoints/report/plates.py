"""All figures of the report: drawn from the inputs, written as PNG files, and kept as they go into the page."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from zpoints.figures.components import components
from zpoints.figures.grids import blocks
from zpoints.figures.logvar import logvar
from zpoints.figures.losses import losses
from zpoints.figures.radius import radius
from zpoints.figures.scores import scores
from zpoints.figures.spectrum import spectrum
from zpoints.figures.style import colours, save
from zpoints.report.inputs import ORIGINALS, RECONSTRUCTIONS, Inputs
from zpoints.report.numbers import count, fixed, listing
from zpoints.sampling.registry import title

SAMPLE_ROWS = 2
# The two samplers that the first picture sets side by side: blind to where the z-points lie, and led by it.
BLIND, LED = "normal", "gaussian"
SHORT = {BLIND: "N(0, I)", LED: "a Gaussian fitted to its z-points"}


@dataclass(frozen=True)
class Plate:
    """A figure as the page shows it."""

    source: str  # data: URI
    width: int
    height: int
    alt: str


def draw(inputs: Inputs, folder: Path) -> dict[str, Plate]:
    """Draw all figures into the existing `folder`; returns them by name, a sampler's as samples_SAMPLER."""
    names = list(inputs.rows)
    tints = colours(names)
    everyone = listing(names)
    plates = {
        "losses": _plate(folder, "losses", losses(inputs.history, tints), f"Loss over the epochs of {everyone}"),
        "radius": _plate(
            folder,
            "radius",
            radius(inputs.radius, {name: _radius_note(inputs.rows[name]) for name in names}, tints),
            f"Histograms of the radius of the z-points of {everyone}",
        ),
        "components": _plate(
            folder,
            "components",
            components(inputs.components, {name: _axes_note(inputs.rows[name]) for name in names}, tints),
            f"Histograms of mu along two axes of {everyone}",
        ),
        "spectrum": _plate(
            folder,
            "spectrum",
            spectrum(inputs.spectra, tints),
            f"Cumulative variance along the principal axes of {everyone}",
        ),
        "scores": _plate(
            folder,
            "scores",
            scores(inputs.scores, tints),
            f"z-points of {everyone} along their first two principal axes, beside a Gaussian's",
        ),
    }
    if inputs.logvar:
        notes = {name: f"mean {fixed(inputs.rows[name].get('logvar_mean'), 2)}" for name in inputs.logvar}
        figure = logvar(inputs.logvar, notes, tints)
        plates["logvar"] = _plate(folder, "logvar", figure, f"Histograms of logvar of {listing(list(inputs.logvar))}")
    originals = inputs.pictures[names[0]][ORIGINALS]
    pictures = [("original images", originals), *_of_models(inputs, RECONSTRUCTIONS)]
    alt = f"Held-out images, and their reconstructions by {everyone}"
    plates["reconstructions"] = _plate(folder, "reconstructions", blocks(pictures, tints, rows=1), alt)
    pairs = [(f"{name}, z from {SHORT[sampler]}", name, sampler) for name in names for sampler in (BLIND, LED)]
    overview = [(label, inputs.pictures[name][sampler]) for label, name, sampler in pairs]
    figure = blocks(overview, {label: tints[name] for label, name, _ in pairs}, rows=1)
    plates["overview"] = _plate(
        folder, "overview", figure, f"Images of {everyone} from random z-points, chosen two ways"
    )
    for sampler in inputs.samplers:
        figure = blocks(_of_models(inputs, sampler), tints, SAMPLE_ROWS)
        alt = f"Images decoded by {everyone} from {title(sampler)}"
        plates[f"samples_{sampler}"] = _plate(folder, f"samples_{sampler}", figure, alt)
    return plates


def _of_models(inputs: Inputs, kind: str) -> Sequence[tuple[str, np.ndarray]]:
    return [(name, pictures[kind]) for name, pictures in inputs.pictures.items()]


def _radius_note(row: Mapping[str, float]) -> str:
    return f"peak {fixed(row.get('radius_peak'), 2)}, mean {fixed(row.get('radius_mean'), 2)}"


def _axes_note(row: Mapping[str, float]) -> str:
    return f"{count(row.get('axes_not_normal'))} of {count(row.get('axes_tested'))} axes not normal"


def _plate(folder: Path, name: str, figure: Figure, alt: str) -> Plate:
    path = folder / f"{name}.png"
    save(figure, path)
    with Image.open(path) as picture:
        width, height = picture.size
    return Plate(f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}", width, height, alt)
