"""Keep decoded pictures: a sheet of all in one file, or one after the other as an animation."""

from pathlib import Path

import numpy as np
from PIL import Image

from zpoints.errors import UserError
from zpoints.report.figures.image_grid import montage
from zpoints.artifacts import whole_file

SHEETS = (".png", ".webp")
ANIMATIONS = (".gif", ".webp")
WEBP_EDGE = 16383  # pixels; the format has no more
MAX_PIXELS = 1 << 28


def refuse_suffix(path: Path, known: tuple[str, ...]) -> None:
    """Raise UserError where the file's name does not tell one of the formats."""
    if path.suffix.lower() not in known:
        raise UserError(f"--out: expected a file that ends in {', '.join(known)}, received {path}")


def write_sheet(path: Path, pictures: np.ndarray, columns: int, zoom: int) -> None:
    """All pictures, uint8 (n, size, size, 3), row by row with thin white gaps; each pixel becomes zoom x zoom.

    PNG or WebP, both without loss. Raises UserError for another suffix, or for more pixels than a file should have.
    """
    refuse_suffix(path, SHEETS)
    pitch = (pictures.shape[1] + 2) * zoom
    width, height = pitch * columns, pitch * -(-len(pictures) // columns)
    webp = path.suffix.lower() == ".webp"
    if width * height > MAX_PIXELS or (webp and max(width, height) > WEBP_EDGE):
        limit = f"at most {WEBP_EDGE} pixels across" if webp else f"at most {MAX_PIXELS} pixels"
        raise UserError(f"{path}: expected {limit}, received a sheet of {width} x {height}")
    image = Image.fromarray(montage(pictures, columns, zoom))
    with whole_file(path) as partial:
        if webp:
            image.save(partial, format="WEBP", lossless=True)
        else:
            image.save(partial, format="PNG")


def write_animation(path: Path, pictures: np.ndarray, milliseconds: int, zoom: int) -> None:
    """Pictures, uint8 (n, size, size, 3), each shown for so long, forwards and back, without end: GIF or WebP.

    GIF has 256 colours a picture and counts hundredths of a second; WebP is kept without loss.
    """
    refuse_suffix(path, ANIMATIONS)
    there_and_back = [*pictures, *pictures[-2:0:-1]]
    first, *others = (Image.fromarray(picture.repeat(zoom, 0).repeat(zoom, 1)) for picture in there_and_back)
    shared = {"save_all": True, "append_images": others, "duration": milliseconds, "loop": 0}
    with whole_file(path) as partial:
        if path.suffix.lower() == ".gif":
            first.save(partial, format="GIF", **shared)
        else:
            first.save(partial, format="WEBP", lossless=True, **shared)
