"""A picture from anywhere, cut and resized as the training images were."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from zpoints.errors import UserError
from zpoints.datasets.picture import FORMATS, BadImage, face

Box = tuple[int, int, int, int]
MAX_BYTES = 64 << 20
# Width and height of the images that `images.crop` is measured on. Your own (source `folder`) have any.
ORIGINALS = {"celeba": (178, 218), "toy": (178, 218), "lfw": (250, 250)}
ORIENTATION = 0x0112  # of EXIF: from 5 on, width and height change places


def read_photograph(path: Path, crop: Box | None, size: int, filter: str, source: str) -> np.ndarray:
    """The picture in this file as a model sees it: uint8 (size, size, 3).

    Without a crop it is the central square. A picture with the size of the training images gives up just the box that
    they did. Of any other, the largest part in its middle is taken that has their proportions, and the same share of
    it as the box is of a training image: for CelebA's box (0, 20, 178, 198) that is the central square again, less a
    margin where the picture is wider than 178:218. With source `folder`, whose images have no common size, the crop is
    taken in pixels.

    Turned as its EXIF orientation says, grey, palette and 16-bit images and transparency as in zpoints.datasets.picture.
    Raises UserError for a file that is missing, too large, or no image that can be decoded.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path}: expected at most {MAX_BYTES} bytes, received {path.stat().st_size}")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: expected an image, received: {error.strerror or error}") from None
    try:
        with warnings.catch_warnings():
            # An image of very many pixels is refused like any other that is too large, without a warning besides.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            whole = face(data, None, size, filter)
            box = box_in(crop, upright_size(data), ORIGINALS.get(source))
            return whole if box is None else face(data, box, size, filter)
    except BadImage as error:
        raise UserError(f"{path}: expected a picture that can be used, received: {error}") from None


def box_in(crop: Box | None, size: tuple[int, int], original: tuple[int, int] | None) -> Box | None:
    """The crop of a picture of (width, height) that corresponds to `crop` on an image of the size `original`.

    None, for the central square, where there is no crop; the crop itself where there is no original.
    """
    if crop is None or original is None or size == original:
        return crop
    scale = min(size[0] / original[0], size[1] / original[1])
    corner = [(have - scale * wanted) / 2 for have, wanted in zip(size, original, strict=True)]
    # Square to the pixel, and inside for sure, whatever rounding does.
    edge = max(1, min(round(scale * (crop[2] - crop[0])), *size))
    left, top = (
        min(max(0, round(start + scale * begin)), have - edge)
        for start, begin, have in zip(corner, crop[:2], size, strict=True)
    )
    return left, top, left + edge, top + edge


def upright_size(data: bytes) -> tuple[int, int]:
    """Width and height of an image that can be decoded, once it is turned as its EXIF orientation says."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        turned = image.getexif().get(ORIENTATION, 1) if "exif" in image.info else 1
    return (height, width) if turned in (5, 6, 7, 8) else (width, height)
