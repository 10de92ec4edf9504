"""A photograph from anywhere, cropped and resized like the training images."""

import io
import stat
from pathlib import Path

import numpy as np
from PIL import Image

from zpoints.datasets.picture import FORMATS, BadImage, face
from zpoints.errors import UserError

Box = tuple[int, int, int, int]
MAX_BYTES = 64 << 20
MAX_PIXELS = Image.MAX_IMAGE_PIXELS or 89_478_485  # where Pillow warns of decompression bombs; a phone's 50 million fit
# Width and height of the images that `images.crop` refers to; those of source `folder` have any.
ORIGINALS = {"celeba": (178, 218), "toy": (178, 218), "lfw": (250, 250)}
ORIENTATION = 0x0112  # of EXIF: from 5 on, width and height are swapped


def read_photograph(path: Path, crop: Box | None, size: int, filter: str, source: str) -> np.ndarray:
    """The photograph in this file as a model sees it: uint8 (size, size, 3).

    Without a crop it is the central square. An image of the training images' size is cropped to the same box. Of any
    other, the largest part in its middle with their proportions is taken, and the same share of it as the box is of a
    training image: for CelebA's box (0, 20, 178, 198) that is the central square again, less a margin where the image
    is wider than 178:218. With source `folder`, whose images have no common size, the crop is in pixels.

    EXIF orientation, grey, palette, CMYK and 16-bit images, transparency and animations: as in
    zpoints.datasets.picture. Raises UserError for a file that is missing, too large, or no image that can be decoded.
    """
    data = _read(path)
    try:
        square = face(data, None, size, filter, MAX_PIXELS)
        box = box_in(crop, upright_size(data), ORIGINALS.get(source))
        return square if box is None else face(data, box, size, filter, MAX_PIXELS)
    except BadImage as error:
        raise UserError(f"{path}: expected a usable image, received: {error}") from None


def _read(path: Path) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES. Raises UserError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a FIFO or a device might never end
            received = "a folder" if path.is_dir() else "something that is no regular file"
            raise UserError(f"{path}: expected an image file, received {received}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: expected an image file, received: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"{path}: expected at most {MAX_BYTES} bytes, received more")
    return data


def box_in(crop: Box | None, size: tuple[int, int], original: tuple[int, int] | None) -> Box | None:
    """The crop of an image of (width, height) that corresponds to `crop` on an image of the size `original`.

    None, for the central square, where there is no crop; the crop itself where there is no original.
    """
    if crop is None or original is None or size == original:
        return crop
    scale = min(size[0] / original[0], size[1] / original[1])
    corner = [(length - scale * reference) / 2 for length, reference in zip(size, original, strict=True)]
    # Square to the pixel and inside the image, whatever rounding does.
    edge = max(1, min(round(scale * (crop[2] - crop[0])), *size))
    left, top = (
        min(max(0, round(offset + scale * begin)), length - edge)
        for offset, begin, length in zip(corner, crop[:2], size, strict=True)
    )
    return left, top, left + edge, top + edge


def upright_size(data: bytes) -> tuple[int, int]:
    """Width and height of a decodable image, once turned by its EXIF orientation."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        orientation = image.getexif().get(ORIENTATION, 1) if "exif" in image.info else 1
    return (height, width) if orientation in (5, 6, 7, 8) else (width, height)
