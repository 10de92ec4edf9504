"""Around the head: the backdrop behind it, and the camera that looks at it all."""

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageFilter

from zpoints.datasets.toy.anatomy import Anatomy
from zpoints.datasets.toy.canvas import HEIGHT, WIDTH, Canvas, hsl, mix, rgb, step

# fixed places, sizes and strengths of the soft lights; a factor moves them round
_LIGHTS = np.random.default_rng(1177).random((9, 4))
_ACROSS = (np.arange(WIDTH, dtype=np.float32) * (2.0 / WIDTH) - 1.0)[None, :]
_DOWN = (np.arange(HEIGHT, dtype=np.float32) * (2.0 / HEIGHT) - 1.0)[:, None]


def draw_backdrop(canvas: Canvas, body: Anatomy) -> None:
    """A gradient of two colours with soft round lights, as of a room out of focus."""
    f = body.factors
    angle = 2.0 * np.pi * f["back_angle"]
    place = step(-1.0, 1.0, _ACROSS * float(np.cos(angle)) + _DOWN * float(np.sin(angle)))
    near = hsl(f["back_hue"], 0.75 * f["back_saturation"], f["back_light"])
    far_light = min(max(f["back_light"] + f["back_contrast"], 0.04), 0.96)
    far = hsl(f["back_hue"] + f["back_turn"], 0.75 * f["back_saturation"], far_light)
    canvas.pixels[:] = mix(near, far, place)
    _draw_window(canvas, f)
    for across, down, size, kind in _LIGHTS.tolist():
        x = ((across + f["back_place"]) % 1.0) * 2.6 - 1.3
        y = ((down + 0.618 * f["back_place"]) % 1.0) * 2.4 - 1.3
        radius = 0.25 + 0.42 * size
        left, right = _span(x, radius, WIDTH)
        top, bottom = _span(y, radius / 1.2, HEIGHT)
        distance = np.sqrt((_ACROSS[:, left:right] - x) ** 2 + (1.2 * (_DOWN[top:bottom] - y)) ** 2)
        spot = step(radius, radius * 0.72, distance) * ((0.25 + 0.75 * kind) * f["back_texture"])
        dark = kind < 0.4
        colour = hsl(f["back_hue"] + 0.2 * (kind - 0.5), 0.6 * f["back_saturation"], 0.25 if dark else 0.85)
        for plane, value in zip(canvas.pixels[:, top:bottom, left:right], colour, strict=True):
            plane += (value - plane) * spot * (0.9 if dark else 0.5)


def _draw_window(canvas: Canvas, f: Mapping[str, float]) -> None:
    """A bright or dark upright band, as of a window or a door far behind."""
    edge = 2.4 * f["back_window_place"] - 1.2
    band = step(0.0, 0.16, _ACROSS - edge) * step(0.75, 0.59, _ACROSS - edge)
    colour = hsl(f["back_hue"] + 0.5, 0.4 * f["back_saturation"], 0.9 if f["back_window"] > 0 else 0.08)
    for plane, value in zip(canvas.pixels, colour, strict=True):
        plane += (value - plane) * (0.75 * abs(f["back_window"]) * band)


def _span(middle: float, radius: float, length: int) -> tuple[int, int]:
    """The pixels of an axis (-1...1 from end to end) that a light reaches."""
    low, high = (int((middle + sign * radius + 1.0) * 0.5 * length) for sign in (-1, 1))
    return min(max(low, 0), length), min(max(high + 1, 0), length)


def develop(canvas: Canvas, body: Anatomy) -> np.ndarray:
    """Exposure, colour of the light, vignette and blur: uint8 (218, 178, 3)."""
    f = body.factors
    warmth = f["light_warmth"]
    gain = rgb(1.0 + 0.10 * warmth, 1.0 + 0.015 * warmth, 1.0 - 0.13 * warmth) * float(2.0 ** f["exposure"])
    vignette = 1.0 - 0.13 * (_ACROSS**2 * 0.6 + _DOWN**2 * 0.6)
    picture = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
    for channel, plane in enumerate(canvas.pixels):
        light = plane * vignette
        light *= gain[channel]
        # a soft shoulder from 0.8 on keeps highlights from clipping
        over = np.maximum(light - 0.8, 0.0)
        light -= over * over / (over + 0.2)
        picture[:, :, channel] = np.clip(light * 255.0 + 0.5, 0.0, 255.0)
    if f["blur"] == 0.0:
        return picture
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(f["blur"])))
