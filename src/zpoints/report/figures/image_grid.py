"""Pictures in rows, a labelled block for each model, pixel for pixel as they were decoded."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from zpoints.report.style import WIDTH, styled

COLUMNS = 10
SHARP = 900  # pixels across at least, so that the labels are crisp
LABEL = 0.24  # inches for a block's label
SWATCH = "\N{BLACK SQUARE}"


@styled
def blocks(
    pictures: Sequence[tuple[str, np.ndarray]], colors: Mapping[str, str], rows: int, columns: int = COLUMNS
) -> Figure:
    """A block for each (label, pictures) of at most `rows` rows, the same columns in all blocks.

    Args: pictures are uint8 (n, size, size, 3) of one shape. A label with an entry in `colors` gets a swatch.
    """
    count, size = pictures[0][1].shape[:2]
    columns = min(columns, count)
    zoom = -(-SHARP // (columns * size))
    montages = [(label, montage(images[: rows * columns], columns, zoom)) for label, images in pictures]
    width = montages[0][1].shape[1]
    dpi = width / WIDTH
    label_height = round(LABEL * dpi)
    height = sum(label_height + image.shape[0] for _, image in montages)
    figure = Figure(figsize=(WIDTH, height / dpi), dpi=dpi)
    top = height
    for label, image in montages:
        baseline = (top - 0.72 * label_height) / height
        swatch = colors.get(label)
        if swatch:
            figure.text(0, baseline, SWATCH, color=swatch, size=9)
        figure.text(0.034 if swatch else 0, baseline, label, weight="bold", size=9, parse_math=False)
        top -= label_height + image.shape[0]
        figure.figimage(image, 0, top)
    return figure


def montage(images: np.ndarray, columns: int, zoom: int) -> np.ndarray:
    """One picture of all, row by row, thin white gaps between them; each pixel becomes zoom x zoom."""
    count, size = images.shape[:2]
    lines, pitch = -(-count // columns), (size + 2) * zoom
    canvas = np.full((lines * pitch, columns * pitch, 3), 255, np.uint8)
    for place, image in enumerate(images):
        row, column = (pitch * part for part in divmod(place, columns))
        canvas[row : row + size * zoom, column : column + size * zoom] = image.repeat(zoom, 0).repeat(zoom, 1)
    return canvas[: -2 * zoom, : -2 * zoom]
