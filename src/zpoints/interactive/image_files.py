"""Write decoded images: a sheet, a labelled strip, or an animation. Each writer returns one line on what it wrote."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zpoints.artifacts import whole_file
from zpoints.errors import UserError

SHEETS = (".png", ".webp")
ANIMATIONS = (".gif", ".webp")
WEBP_EDGE = 16383  # pixels, the limit of the format
MAX_PIXELS = 1 << 28  # of a sheet, or of all frames of an animation
FONT_PIXELS = 10  # at least


def check_out(path: Path, suffixes: Sequence[str], inputs: Sequence[Path] = ()) -> None:
    """Raise UserError where the suffix names none of the formats, or where `path` is one of the input files."""
    if path.suffix.lower() not in suffixes:
        raise UserError(f"--out: expected a file that ends in {', '.join(suffixes)}, received {path}")
    if any(path.exists() and source.exists() and path.samefile(source) for source in inputs):
        raise UserError(f"--out: expected another file than the photograph, received {path}")


def check_size(path: Path, width: int, height: int, frames: int = 1) -> None:
    """Raise UserError for more pixels than the format, or any viewer, holds."""
    if path.suffix.lower() == ".webp" and max(width, height) > WEBP_EDGE:
        raise UserError(f"{path}: expected at most {WEBP_EDGE} pixels across, received {width} x {height}")
    if width * height * frames > MAX_PIXELS:
        count = f"{frames} times " if frames > 1 else ""
        raise UserError(f"{path}: expected at most {MAX_PIXELS} pixels, received {count}{width} x {height}")


def sheet_size(count: int, size: int, columns: int, zoom: int) -> tuple[int, int]:
    """Width and height of a sheet of `count` images of `size` pixels, with gaps of two."""
    rows = -(-count // columns)
    return ((size + 2) * columns - 2) * zoom, ((size + 2) * rows - 2) * zoom


def write_sheet(path: Path, images: np.ndarray, columns: int, zoom: int) -> str:
    """Write all images, uint8 (n, size, size, 3), row by row with white gaps; each pixel becomes zoom x zoom.

    PNG or lossless WebP. Raises UserError for another suffix or too many pixels.
    """
    check_out(path, SHEETS)
    size = images.shape[1]
    width, height = sheet_size(len(images), size, columns, zoom)
    check_size(path, width, height)
    sheet = np.full((height // zoom, width // zoom, 3), 255, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = row * (size + 2), column * (size + 2)
        sheet[top : top + size, left : left + size] = image
    return _save(path, _zoomed(sheet, zoom), len(images))


def write_strip(path: Path, images: np.ndarray, labels: Sequence[str], zoom: int) -> str:
    """Write images, uint8 (n, size, size, 3), in a row, a label of one or more lines above each.

    PNG or lossless WebP. Raises UserError for another suffix or too many pixels.
    """
    check_out(path, SHEETS)
    edge = images.shape[1] * zoom
    font = ImageFont.load_default(max(FONT_PIXELS, edge // 12))
    ruler = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    extents = [ruler.multiline_textbbox((0, 0), label, font)[2:] for label in labels]
    # A label wider than its image moves the next image to the right.
    pitch = max(edge, *(round(width) for width, _ in extents)) + 2 * zoom
    header = max(round(height) for _, height in extents) + 4
    width, height = pitch * len(images) - 2 * zoom, header + edge
    check_size(path, width, height)
    strip = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(strip)
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        draw.multiline_text((index * pitch, 0), label, "black", font)
        strip.paste(_zoomed(image, zoom), (index * pitch, header))
    return _save(path, strip, len(images))


def write_animation(path: Path, images: np.ndarray, milliseconds: int, zoom: int) -> str:
    """Write images, uint8 (n, size, size, 3), each shown for so long, forwards and back in a loop: GIF or WebP.

    GIF has 256 colours an image and counts hundredths of a second; WebP is lossless.
    Raises UserError for another suffix or too many pixels.
    """
    check_out(path, ANIMATIONS)
    edge = images.shape[1] * zoom
    forwards_and_back = [*images, *images[-2:0:-1]]
    check_size(path, edge, edge, len(forwards_and_back))
    first, *others = (_zoomed(image, zoom) for image in forwards_and_back)
    options = {"save_all": True, "append_images": others, "duration": milliseconds, "loop": 0}
    return _save(path, first, len(images), **options)


def _zoomed(image: np.ndarray, zoom: int) -> Image.Image:
    return Image.fromarray(image.repeat(zoom, 0).repeat(zoom, 1))


def _save(path: Path, image: Image.Image, count: int, **options: object) -> str:
    lossless = {"lossless": True} if path.suffix.lower() == ".webp" else {}
    with whole_file(path) as partial:
        image.save(partial, format=path.suffix[1:].upper(), **lossless, **options)
    return f"{path}: {count} images, {image.width} x {image.height} pixels"
