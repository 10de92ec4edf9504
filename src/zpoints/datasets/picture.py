"""From the bytes of an image to the pixels of a shard: decode, check, crop and resize."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 1 << 24  # refuse to decode more; an aligned face has 178 x 218 pixels

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}


# What Pillow raises besides for files that someone has damaged on purpose.
BROKEN = (struct.error, zlib.error, IndexError, KeyError, TypeError, OverflowError, AttributeError, RuntimeError)


class BadImage(ValueError):
    """An image that can't become a row of a shard; the message is a short reason."""


def face(
    data: bytes, crop: tuple[int, int, int, int] | None, size: int, filter: str, max_pixels: int = MAX_PIXELS
) -> np.ndarray:
    """Decode an image and return the box `crop` of it, resized to `size`.

    data: a JPEG, PNG or WebP file; turned as its EXIF orientation says. Grey, palette, CMYK and 16-bit images become
        8-bit RGB, and what is transparent lies on white; of an animation the first picture is taken.
    crop: left, top, right, bottom in pixels, right and bottom exclusive; it must lie inside the image. None: the
        central square, as large as can be.
    max_pixels: of the whole image; a larger one is refused before it is decoded.
    filter: a key of FILTERS; each of them averages over what a smaller pixel covers (antialias).
    Returns uint8 RGB of shape (size, size, 3). Raises BadImage. Warns of nothing: an image is used or it is not.
    """
    return square(upright(data, max_pixels), crop, size, filter)


def square(image: Image.Image, crop: tuple[int, int, int, int] | None, size: int, filter: str) -> np.ndarray:
    """The box `crop` of an RGB image, resized to `size`: as for `face`."""
    width, height = image.size
    box = crop or central_square(width, height)
    if box[2] > width or box[3] > height or box[0] < 0 or box[1] < 0:
        raise BadImage(f"the crop box {list(box)} does not lie inside the image of {width} x {height} pixels")
    return np.asarray(image.resize((size, size), FILTERS[filter], box=box))


def upright(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The decoded image in 8-bit RGB: as for `face`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of damaged EXIF and the like
        return _upright(data, max_pixels)


def _upright(data: bytes, max_pixels: int) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BadImage(f"expected at most {max_pixels} pixels") from error
    except (OSError, SyntaxError, ValueError, *BROKEN) as error:
        raise BadImage("not a JPEG, PNG or WebP image" if data else "an empty file") from error
    with image:
        # The header alone has been read so far: nothing large is decoded before these checks.
        width, height = image.size
        if width * height > max_pixels:
            raise BadImage(f"expected at most {max_pixels} pixels, received {width} x {height}")
        try:
            turned = ImageOps.exif_transpose(image) if "exif" in image.info else image
            whole = turned if turned.mode == "RGB" else _rgb(turned)
            whole.load()
            return whole
        except (OSError, SyntaxError, ValueError, EOFError, *BROKEN) as error:
            raise BadImage(f"undecodable ({error})") from error


def central_square(width: int, height: int) -> tuple[int, int, int, int]:
    """The largest square in the middle of an image: left, top, right, bottom."""
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    return left, top, left + edge, top + edge


def _rgb(image: Image.Image) -> Image.Image:
    """An image of any mode in 8-bit RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey: converting would clip everything above 255 to white.
        grey = np.asarray(image).astype(np.float64)
        return Image.fromarray(np.round(np.clip(grey / 257, 0, 255)).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        front = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front).convert("RGB")
    return image.convert("RGB")
