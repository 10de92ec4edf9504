"""All figures of the report: drawn section by section, written as PNG files, and kept as they go into the page.

The page holds them as lossless WebP: the same pixels in two thirds of the bytes, and less for lines on white.
"""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from zpoints.report.drawing import Drawing
from zpoints.report.inputs import Inputs
from zpoints.report.sections.registry import SECTIONS
from zpoints.report.style import colours, save


@dataclass(frozen=True)
class Plate:
    """A figure as the page shows it."""

    source: str  # data: URI
    width: int
    height: int
    alt: str


def draw(inputs: Inputs, folder: Path) -> dict[str, Plate]:
    """Draw the figures of all sections that are shown into the existing `folder`; returns them by name."""
    tints = colours(inputs.rows)
    return {
        name: _plate(folder / f"{name}.png", drawing)
        for section in SECTIONS
        if section.shown(inputs)
        for name, drawing in section.plates(inputs, tints).items()
    }


def _plate(path: Path, drawing: Drawing) -> Plate:
    save(drawing.figure, path)
    packed = io.BytesIO()
    with Image.open(path) as picture:
        width, height = picture.size
        # Nothing is transparent. Method 6 takes several times as long for 2% less.
        picture.convert("RGB").save(packed, "WEBP", lossless=True, method=4)
    source = f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"
    return Plate(source, width, height, drawing.alt)
