"""A photograph from anywhere, cropped and resized like the training images."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from zpoints.datasets.picture import BadImage, square, upright
from zpoints.errors import UserError
from zpoints.files import read_bytes
from zpoints.interactive.placing import ORIGINALS, Box, box_in

MAX_BYTES = 64 << 20
MAX_PIXELS = Image.MAX_IMAGE_PIXELS or 89_478_485  # where Pillow warns of decompression bombs; a phone's 50 million fit


class Photograph(NamedTuple):
    """Pixels as a model sees them, uint8 (size, size, 3), and what its user should know, if anything."""

    pixels: np.ndarray
    remark: str | None


def read_photograph(path: Path, crop: Box | None, size: int, filter: str, source: str) -> np.ndarray:
    """The photograph in this file as a model sees it: uint8 (size, size, 3).

    Without a crop it is the central square. An image of the training images' size is cropped to the same box. Of any
    other, the largest part in its middle with their proportions is taken, and the same share of it as the box is of a
    training image: for CelebA's box (0, 20, 178, 198) that is the central square again, less a margin where the image
    is wider than 178:218. With source `folder`, whose images have no common size, the crop is in pixels.

    EXIF orientation, grey, palette, CMYK and 16-bit images, transparency and animations: as in
    zpoints.datasets.picture. Raises UserError for a file that is missing, too large, or no image that can be decoded.
    """
    return _cropped(path, _decoded(path), crop, size, filter, source)


def read_face(path: Path, crop: Box | None, size: int, filter: str) -> Photograph:
    """The same for a model of CelebA's faces: the face is found, and placed as theirs are before it is cropped."""
    from zpoints.interactive.alignment import align  # it imports TensorFlow

    image, faces = align(_decoded(path))
    remark = None
    if faces == 0:
        remark = "no face was found, so the image is cropped as it is"
    elif faces > 1:
        remark = f"{faces} faces were found, and the largest is taken"
    return Photograph(_cropped(path, image, crop, size, filter, "celeba"), remark)


def read_input(path: Path, crop: Box | None, size: int, filter: str, source: str, align: bool) -> Photograph:
    """A photograph for a model of this source; with `align`, its face is placed where the source places all faces."""
    if align and source == "celeba":
        return read_face(path, crop, size, filter)
    return Photograph(read_photograph(path, crop, size, filter, source), None)


def _decoded(path: Path) -> Image.Image:
    try:
        return upright(read_bytes(path, "an image file", MAX_BYTES), MAX_PIXELS)
    except BadImage as error:
        raise _unusable(path, error) from None


def _cropped(path: Path, image: Image.Image, crop: Box | None, size: int, filter: str, source: str) -> np.ndarray:
    try:
        return square(image, box_in(crop, image.size, ORIGINALS.get(source)), size, filter)
    except BadImage as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: BadImage) -> UserError:
    return UserError(f"{path}: expected a usable image, received: {error}")
