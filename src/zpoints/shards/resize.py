"""Resize small images as matrix products: the pixels of Pillow's resize to the last bit, in half its time.

Pillow averages with weights of 22 fractional bits, along the rows first, rounds to whole levels, then along the columns
(src/libImaging/Resample.c); of an image that is narrow beside its box it may take the columns first, which is not done
here. Products of such weights with levels, and their sums, are whole numbers below 2^53: float64
holds them exactly, in whatever order a BLAS adds them up. So every machine makes the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Box = tuple[int, int, int, int]

WEIGHT_BITS = 22
# Output pixels made by one product. Each needs a dozen of the inputs: larger blocks multiply more zeros, smaller ones
# cost more calls.
BLOCK = 8


def _lanczos(x: np.ndarray) -> np.ndarray:
    return np.where((x >= -3) & (x < 3), np.sinc(x) * np.sinc(x / 3), 0.0)


def _bicubic(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1, (((x - 5) * x + 8) * x - 4) * -0.5
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _bilinear(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(x), 0.0)


def _box(x: np.ndarray) -> np.ndarray:
    return np.where((x > -0.5) & (x <= 0.5), 1.0, 0.0)


# The keys of zpoints.datasets.picture.FILTERS: the kernel, and how far it reaches, in output pixels.
KERNELS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "lanczos": (_lanczos, 3.0),
    "bicubic": (_bicubic, 2.0),
    "bilinear": (_bilinear, 1.0),
    "box": (_box, 0.5),
}


def weights(length: int, low: int, high: int, size: int, filter: str) -> np.ndarray:
    """How much each of `length` pixels adds to each of `size` that cover low ... high: float64 (size, length).

    They are multiples of 2^-22, rounded as Pillow does, and the same pixels beyond low ... high count, as in Pillow.
    """
    kernel, reach = KERNELS[filter]
    scale = (high - low) / size
    wide = max(scale, 1.0)  # a smaller image averages over what its pixels cover: antialias
    centre = low + (np.arange(size)[:, None] + 0.5) * scale
    first = np.maximum((centre - reach * wide + 0.5).astype(np.int64), 0)
    last = np.minimum((centre + reach * wide + 0.5).astype(np.int64), length)
    at = first + np.arange((last - first).max())
    values = np.where(at < last, kernel((at - centre + 0.5) / wide), 0.0)
    values *= 2.0**WEIGHT_BITS / values.sum(axis=1, keepdims=True)
    values = np.trunc(values + np.copysign(0.5, values))  # half away from zero, as a cast of value +- 0.5 does it in C
    matrix = np.zeros((size, length + at.shape[1]))  # columns to spare for what lies beyond the last pixel
    np.put_along_axis(matrix, at, values * 2.0**-WEIGHT_BITS, axis=1)
    return matrix[:, :length]


class Resizer:
    """Takes the box `box` out of RGB images of one size and resizes it; for one thread at a time.

    width, height: of the images, in pixels.  box: left, top, right, bottom, inside the image.
    size: edge of the square that comes out.  filter: a key of KERNELS.
    It holds (bottom - top) * width * 24 bytes and some more.
    """

    def __init__(self, width: int, height: int, box: Box, size: int, filter: str) -> None:
        across = weights(width, box[0], box[2], size, filter).T
        down = weights(height, box[1], box[3], size, filter)
        rows = np.flatnonzero(down.any(axis=0))
        self._rows = slice(int(rows[0]), int(rows[-1]) + 1)
        down = down[:, self._rows]
        count = down.shape[1]
        # Channels stand apart, so that a product runs along the pixels of one: (rows, 3, columns).
        self._image = np.empty((count, 3, width))
        self._narrow = np.empty((count, 3, size))
        self._small = np.empty((size, 3, size))
        image, narrow = self._image.reshape(-1, width), self._narrow.reshape(-1, size)
        rows_narrow, rows_small = self._narrow.reshape(count, -1), self._small.reshape(size, -1)
        self._across = [
            (image[:, used], np.ascontiguousarray(across[used, made]), narrow[:, made])
            for made, used in _blocks(across.T)
        ]
        self._down = [
            (np.ascontiguousarray(down[made, used]), rows_narrow[used], rows_small[made])
            for made, used in _blocks(down)
        ]

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """image: uint8 (height, width, 3). Returns uint8 (size, size, 3), in C order."""
        np.copyto(self._image, image[self._rows].transpose(0, 2, 1))
        for left, right, out in self._across:
            np.matmul(left, right, out=out)
        np.floor(_levels(self._narrow), out=self._narrow)
        for left, right, out in self._down:
            np.matmul(left, right, out=out)
        levels = _levels(self._small).astype(np.uint8)  # the cast rounds down
        small = np.empty((len(levels), levels.shape[2], 3), dtype=np.uint8)
        for channel in range(3):  # much quicker than a transposed copy
            small[:, :, channel] = levels[:, channel]
        return small


def _blocks(matrix: np.ndarray) -> list[tuple[slice, slice]]:
    """Some rows that follow one another, and the columns that they need."""
    blocks = []
    for first in range(0, len(matrix), BLOCK):
        made = slice(first, min(first + BLOCK, len(matrix)))
        used = np.flatnonzero(matrix[made].any(axis=0))
        blocks.append((made, slice(int(used[0]), int(used[-1]) + 1)))
    return blocks


def _levels(values: np.ndarray) -> np.ndarray:
    """Half a level more, between 0 and 255, in place: rounding down then rounds to the nearest."""
    values += 0.5
    return np.clip(values, 0.0, 255.0, out=values)
