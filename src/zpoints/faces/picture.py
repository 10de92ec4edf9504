"""From the bytes of a JPEG to the pixels of a shard: decode, check, crop and resize."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

MAX_PIXELS = 1 << 24  # refuse to decode more; an aligned face has 178 x 218 pixels

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}


class BadImage(ValueError):
    """An image that can't become a row of a shard; the message is a short reason."""


def face(data: bytes, crop: tuple[int, int, int, int], size: int, filter: str) -> np.ndarray:
    """Decode a JPEG and return the box `crop` of it, resized to `size`.

    crop: left, top, right, bottom in pixels, right and bottom exclusive; it must lie inside the image.
    filter: a key of FILTERS; each of them averages over what a smaller pixel covers (antialias).
    Returns uint8 RGB of shape (size, size, 3). Raises BadImage.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImage(f"expected at most {MAX_PIXELS} pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadImage("not a JPEG image") from error
    with image:
        # The header alone has been read so far: nothing large is decoded before these checks.
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise BadImage(f"expected at most {MAX_PIXELS} pixels, received {width} x {height}")
        if crop[2] > width or crop[3] > height or crop[0] < 0 or crop[1] < 0:
            raise BadImage(f"the crop box {list(crop)} does not lie inside the image of {width} x {height} pixels")
        try:
            whole = image if image.mode == "RGB" else image.convert("RGB")
            return np.asarray(whole.resize((size, size), FILTERS[filter], box=crop))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise BadImage(f"undecodable ({error})") from error
