"""The quick way from a plain JPEG to the row of a shard, with the pixels of zpoints.datasets.picture.face.

It is taken for JPEGs that nothing is special about, several of one size in a row, as those of CelebA and the toy faces.
Whatever else comes, whatever fails and whatever libjpeg has a doubt about goes the way of picture.face, which
decides and gives the reason.

Where simplejpeg is installed (the extra `fast`), it decodes: libjpeg-turbo with the settings that Pillow has, so the
same pixels, without Pillow's detours. Where it is not, Pillow does. Nothing is taken on trust: an image of each size is
made both ways, and the quick one is taken on only if all its pixels are the same.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, features

from zpoints.datasets.picture import central_square
from zpoints.datasets.picture import face
from zpoints.shards.resize import Box, Resizer

try:
    import simplejpeg
except ImportError:
    simplejpeg = None

MAX_PIXELS = 1 << 18  # larger images are rare, and would take much memory as float64
JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
START_OF_FRAME, START_OF_SCAN = 0xC0, 0xDA
# Tables, restart intervals and comments. What may turn an image or tell of other colours (APP1, APP14 ...) is missing.
PLAIN = frozenset((0xC0, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xFE))


class QuickFaces:
    """`face` of zpoints.datasets.picture for many images alike: the same arguments, pixels and errors; for one thread."""

    def __init__(self, crop: Box | None, size: int, filter: str) -> None:
        self._crop, self._size, self._filter = crop, size, filter
        self._dimensions: tuple[int, int] | None = None  # of the image before, where it was a plain one
        self._compared = False  # whether both ways have been held against each other for such images
        self._resizer: Resizer | None = None

    def __call__(self, data: bytes) -> np.ndarray:
        """uint8 (size, size, 3) from the bytes of an image. Raises BadImage."""
        dimensions = plain_dimensions(data)
        again = dimensions is not None and dimensions == self._dimensions
        if not again:
            self._dimensions, self._compared, self._resizer = dimensions, False, None
        if self._resizer and (image := _decode(data, dimensions)) is not None:
            return self._resizer(image)
        pixels = face(data, self._crop, self._size, self._filter)
        # Images of ever other sizes would each need weights of their own: that takes longer than it saves.
        if again and not self._compared:
            self._compared = True
            self._resizer = self._agreeing(data, pixels)
        return pixels

    def _agreeing(self, data: bytes, expected: np.ndarray) -> Resizer | None:
        """What resizes images as large as this one, if it makes of it what is expected."""
        image = _decode(data, self._dimensions)
        if image is None or image.size > 3 * MAX_PIXELS:
            return None
        height, width, _ = image.shape
        resizer = Resizer(width, height, self._crop or central_square(width, height), self._size, self._filter)
        # Pillow takes the columns first where that is less work, and then rounds elsewhere.
        return resizer if np.array_equal(resizer(image), expected) else None


def decoder() -> str:
    """The libraries that decode plain JPEGs and all else, with their versions, to be recorded."""
    turbo = features.version("libjpeg_turbo")
    library = f"libjpeg-turbo {turbo}" if turbo else f"libjpeg {features.version('jpg')}"
    pillow = f"Pillow {Image.__version__} ({library})"
    return f"simplejpeg {simplejpeg.__version__}, {pillow}" if simplejpeg else pillow


def plain_dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height of a baseline JPEG of three 8-bit channels with nothing special before its pixels, else None."""
    if not data.startswith(JFIF):
        return None
    at, dimensions = 2, None
    while len(data) - at >= 10 and data[at] == 0xFF and (marker := data[at + 1]) in PLAIN:
        if marker == START_OF_SCAN:
            return dimensions
        if marker == START_OF_FRAME:
            if dimensions or data[at + 4] != 8 or data[at + 9] != 3:
                return None
            dimensions = data[at + 7] << 8 | data[at + 8], data[at + 5] << 8 | data[at + 6]
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return None


def _decode(data: bytes, dimensions: tuple[int, int] | None) -> np.ndarray | None:
    """The pixels of a plain JPEG, uint8 (height, width, 3); None where anything at all is wrong with it."""
    try:
        if simplejpeg:
            image = simplejpeg.decode_jpeg(data)  # strict: it also refuses what libjpeg only warns of
        else:
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
                image = np.asarray(opened)
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError):
        return None
    return image if dimensions and image.shape == (dimensions[1], dimensions[0], 3) else None
