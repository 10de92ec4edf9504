"""A canvas in planar float32 and the few brushes that all parts of a toy face are drawn with.

Shapes are implicit fields, negative inside. `cover` turns any field into coverage with an edge of a given
width in pixels, by dividing the field by its own gradient: edges are anti-aliased whatever its units.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 throughout

WIDTH, HEIGHT = 178, 218
CENTRE_X, CENTRE_Y = 89.5, 110.0  # between the eyes, as in aligned CelebA


def rgb(red: float, green: float, blue: float) -> Array:
    """A colour in 0...1, shaped (3, 1, 1) so that it meets planar pixels."""
    return np.array([red, green, blue], dtype=np.float32).reshape(3, 1, 1)


def hsl(hue: float, saturation: float, lightness: float) -> Array:
    """The colour of a hue in turns, a saturation and a lightness in 0...1."""
    k = (np.array([0.0, 8.0, 4.0]) + 12.0 * (hue % 1.0)) % 12.0
    reach = saturation * min(lightness, 1.0 - lightness)
    channel = lightness - reach * np.clip(np.minimum(k - 3.0, 9.0 - k), -1.0, 1.0)
    return channel.astype(np.float32).reshape(3, 1, 1)


def ramp(colours: list[Array], place: float) -> Array:
    """The colour at `place` in 0...1 along evenly spaced colours."""
    position = min(max(place, 0.0), 1.0) * (len(colours) - 1)
    index = min(int(position), len(colours) - 2)
    return mix(colours[index], colours[index + 1], position - index)


def mix(one: Array, other: Array, share: Array | float) -> Array:
    return one + (other - one) * share


def step(low: Array | float, high: Array | float, field: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between; falls instead when low > high."""
    with np.errstate(divide="ignore"):  # low == high is a hard edge
        t = np.clip((field - low) * (1.0 / (high - low)), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bell(field: Array, width: float) -> Array:
    """exp(-(field / width)^2)."""
    scaled = field * (1.0 / width)
    return np.exp(-scaled * scaled)


def slopes(field: Array) -> tuple[Array, Array]:
    """The derivatives of a field along x and y, per pixel."""
    along_x, along_y = np.empty_like(field), np.empty_like(field)
    along_x[:, 1:-1] = (field[:, 2:] - field[:, :-2]) * 0.5
    along_x[:, 0], along_x[:, -1] = field[:, 1] - field[:, 0], field[:, -1] - field[:, -2]
    along_y[1:-1] = (field[2:] - field[:-2]) * 0.5
    along_y[0], along_y[-1] = field[1] - field[0], field[-1] - field[-2]
    return along_x, along_y


def cover(field: Array, width: float = 1.0) -> Array:
    """Coverage in 0...1 of the inside of a field, with an edge `width` pixels wide."""
    along_x, along_y = slopes(field)
    steepness = np.sqrt(along_x * along_x + along_y * along_y + 1e-12)
    return np.clip(0.5 - field / (steepness * width), 0.0, 1.0)


@dataclass
class Window:
    """A rectangle of a canvas, as views: pixels (3, h, w), face coordinates and coverage by skin (h, w)."""

    pixels: Array
    x: Array
    y: Array
    skin: Array

    # plane by plane: small temporaries stay in the cache, which makes this several times faster

    def paint(self, coverage: Array, colour: Array) -> None:
        """Lay a colour, or colours per pixel, over the pixels."""
        for plane, value in zip(self.pixels, colour, strict=True):
            change = value - plane
            change *= coverage
            plane += change

    def tint(self, coverage: Array, colour: Array) -> None:
        """Multiply by a colour where covered: shadows and glazes."""
        for plane, value in zip(self.pixels, colour, strict=True):
            factor = coverage * (value - 1.0)
            factor += 1.0
            plane *= factor

    def glow(self, coverage: Array, colour: Array) -> None:
        """Add light of a colour, without passing white."""
        for plane, value in zip(self.pixels, colour, strict=True):
            light = coverage * value
            light *= 1.0 - plane
            plane += light


class Canvas:
    """Pixels (3, 218, 178) and, for each, where it lies on the face.

    Face coordinates have their origin between the eyes, x to the picture's right and y down, in pixels of a
    head of scale 1. `scale`, `roll` and the shifts carry them to the picture.
    """

    def __init__(self, scale: float, roll: float, shift_x: float, shift_y: float) -> None:
        self.pixels: Array = np.zeros((3, HEIGHT, WIDTH), dtype=np.float32)
        self.skin: Array = np.zeros((HEIGHT, WIDTH), dtype=np.float32)  # where the head is, once it is drawn
        self._scale, self._roll = scale, roll
        self._origin = (CENTRE_X + shift_x, CENTRE_Y + shift_y)
        across = (np.arange(WIDTH, dtype=np.float32) - self._origin[0]) * (1.0 / scale)
        down = ((np.arange(HEIGHT, dtype=np.float32) - self._origin[1]) * (1.0 / scale))[:, None]
        cos, sin = float(np.cos(roll)), float(np.sin(roll))
        self.x: Array = across * cos + down * sin
        self.y: Array = down * cos - across * sin

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The picture's pixel (column, row) of a point of the face."""
        cos, sin = float(np.cos(self._roll)), float(np.sin(self._roll))
        column = self._origin[0] + self._scale * (x * cos - y * sin)
        return column, self._origin[1] + self._scale * (x * sin + y * cos)

    def span(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        """Rows and columns of the canvas that hold a rectangle of the face (at least 3 of each)."""
        corners = [self.place(x, y) for x in (left, right) for y in (top, bottom)]
        columns, rows = [c for c, _ in corners], [r for _, r in corners]
        x0 = min(max(int(min(columns)), 0), WIDTH - 3)
        y0 = min(max(int(min(rows)), 0), HEIGHT - 3)
        x1 = max(min(int(max(columns)) + 2, WIDTH), x0 + 3)
        y1 = max(min(int(max(rows)) + 2, HEIGHT), y0 + 3)
        return slice(y0, y1), slice(x0, x1)

    def window(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The window on a rectangle of the face."""
        rows, columns = self.span(left, top, right, bottom)
        return Window(
            self.pixels[:, rows, columns],
            self.x[rows, columns],
            self.y[rows, columns],
            self.skin[rows, columns],
        )


def _smooth_noise(knots: int, steps: int) -> Array:
    values = np.random.default_rng(20211).random(knots)  # a fixed texture, the same for every face
    t = np.linspace(0.0, 1.0, steps, endpoint=False)
    t = t * t * (3.0 - 2.0 * t)
    return (values[:, None] + (np.roll(values, -1) - values)[:, None] * t).astype(np.float32).ravel()


_STEPS = 32
_NOISE = _smooth_noise(512, _STEPS)


def waves(position: Array, offset: float) -> Array:
    """Smooth 1-d noise in 0...1, of one knot per unit, anywhere on the real line."""
    return _NOISE[((position + (offset + 4096.0)) * _STEPS).astype(np.intp) & (len(_NOISE) - 1)]
