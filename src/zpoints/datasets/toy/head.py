"""The head without its features: neck, ears, and the face's skin, shaded from a surface of soft bumps."""

import numpy as np

from zpoints.datasets.toy.anatomy import Anatomy, warm_shade
from zpoints.datasets.toy.canvas import Array, Canvas, Window, bell, cover, rgb, slopes, step

SHADOW = rgb(0.60, 0.42, 0.38)


def draw_neck(canvas: Canvas, body: Anatomy) -> None:
    """Neck and shoulders' skin, with the shadow that the head throws on them."""
    f = body.factors
    patch = canvas.window(-95, 25, 95, 125)
    half = 22.5 + 7.0 * f["male"] + 6.0 * f["fullness"]
    middle = 0.55 * body.skull_x
    flare = step(66.0, 108.0, patch.y)
    side = (patch.x - middle) / (half + 62.0 * flare * flare + 3 * flare)
    field = np.abs(side) - 1.0
    bend = np.clip(side, -1, 1) * (1 - 0.75 * flare)
    brightness = body.lit(0.85 * bend, 0.12, np.sqrt(1.0 - 0.75 * bend * bend))
    tone = body.skin * warm_shade(brightness)
    patch.paint(cover(field, 1.2), tone)
    # the sinews that run from the ears to the pit of the neck
    patch = canvas.window(middle - 26, 58, middle + 26, 113)
    away = np.abs(patch.x - middle) - 22.0 + 18.0 * step(58.0, 104.0, patch.y)
    patch.tint(0.16 * bell(away, 2.6) * step(60, 80, patch.y) * step(112, 96, patch.y), SHADOW)
    # the head's shadow: its own shape, moved away from the light
    lx, ly, _ = body.light
    patch = canvas.window(middle - half - 14, 36, middle + half + 14, body.middle + body.bottom + 26)
    under, _, _ = body.head(patch.x + 7.0 * lx, patch.y - 9.0 + 5.0 * ly)
    inside = np.clip(half - np.abs(patch.x - middle) + 6.0 * step(66.0, 90.0, patch.y), 0.0, 1.0)
    patch.tint(0.75 * cover(under, 13.0) * inside, SHADOW)


def draw_ears(canvas: Canvas, body: Anatomy) -> None:
    """Both ears; the one that is turned away hides behind the head, which is drawn later."""
    f = body.factors
    for sign in (-1.0, 1.0):
        size = f["ear_size"]
        x = body.at(0, 0, -27)[0] + sign * (body.half + 1.0)
        y = 9.0 - 30 * body.sin_pitch
        patch = canvas.window(x - 14, y - 22, x + 14, y + 22)
        across, down = (
            (patch.x - x - sign * 0.10 * (y - patch.y)) / (6.5 * size),
            (patch.y - y) / (14.5 * size),
        )
        squeeze = 1.0 + 0.35 * np.clip(down, 0, 1)
        field = (across * squeeze) ** 2 + down * down - 1.0
        shape = cover(field)
        brightness = body.lit(0.5 * sign, -0.1, 0.85) * (0.86 + 0.1 * step(-0.2, 1.0, sign * across))
        patch.paint(shape, body.flush * 0.4 + body.skin * 0.55 * warm_shade(np.minimum(brightness, 1.1)))
        hollow = ((across * squeeze + sign * 0.25) / 0.62) ** 2 + ((down + 0.08) / 0.66) ** 2 - 1.0
        patch.tint(0.55 * cover(hollow, 4.0) * shape, SHADOW)


def _relief(canvas: Canvas, body: Anatomy) -> Array:
    """Heights in pixels of nose, sockets, cheeks, lips and chin over the smooth head: float32 (218, 178)."""
    f = body.factors
    height = np.zeros_like(canvas.x)

    def bump(x: float, y: float, wide: float, high: float, amount: float) -> None:
        place = canvas.span(x - 2.5 * wide, y - 2.5 * high, x + 2.5 * wide, y + 2.5 * high)
        across, down = (canvas.x[place] - x) * (1.0 / wide), (canvas.y[place] - y) * (1.0 / high)
        # exp(-r^2), lowered a little so that it ends at the window's edge without a step
        height[place] += amount * np.maximum(np.exp(-(across * across) - down * down) - 0.002, 0.0)

    tip_x, tip_y = body.nose_x, body.nose_y
    width, stand = f["nose_width"], f["nose_height"]
    place = canvas.span(min(tip_x, 0.0) - 20, -16, max(tip_x, 0.0) + 20, tip_y + 8)
    x, y = canvas.x[place], canvas.y[place]
    along = np.clip((y + 6.0) * (1.0 / (tip_y + 6.0)), 0.0, 1.25)
    bridge_x, _ = body.at(0.0, 0.0, 4.0)
    rise = step(-14.0, tip_y, y) * step(tip_y + 8.0, tip_y - 1.5, y)
    height[place] += (
        (2.0 + 7.0 * along) * stand * rise * bell(x - bridge_x - (tip_x - bridge_x) * along, 5.0 + 1.5 * width)
    )
    bump(tip_x, tip_y - 1.0, 5.2 * width**0.5, 5.2 * width**0.5, 4.2 * stand)
    smile = max(f["smile"], 0.0)
    for sign in (-1.0, 1.0):
        bump(0.8 * tip_x + sign * 7.4 * width, tip_y + 0.2, 3.7 * width**0.5, 3.3 * width**0.5, 2.7)
        bump(sign * body.eye_x, 0.0, 15.0, 8.5, -3.4)
        bump(sign * body.eye_x, -15.0, 17.0, 6.0, 1.0 + 1.4 * f["male"])
        cheek_x, cheek_y = body.at(sign * 26.0, 25.0 - 3 * f["cheekbones"] - 3.0 * f["smile"], -4.0)
        bump(cheek_x, cheek_y, 14.0, 11.0, 1.6 + 2.4 * f["cheekbones"] + 2.6 * smile + 1.5 * f["fullness"])
        bump(cheek_x * 1.05, cheek_y + 22.0, 10.0, 14.0, -2.6 * f["cheekbones"] * (1 - f["fullness"]))
    bump(body.mouth_x, body.mouth_y, 19.0, 12.0, 3.0)
    bump(body.mouth_x, body.mouth_y + 11.0, 10.0, 4.5, -1.8)
    chin_x, chin_y = body.at(0.0, body.middle + body.bottom - 11.0, 2.0)
    bump(chin_x, chin_y, 11.0, 8.0, 3.2)
    return height


def draw_head(canvas: Canvas, body: Anatomy) -> None:
    """The skin of head and face: smooth ellipsoid plus relief, lit; blush and the marks of age."""
    room = body.half + abs(body.skull_x) + 3.0
    box = (-room, body.middle - body.top - 3.0, room, body.middle + body.bottom + 3.0)
    patch = canvas.window(*box)
    field, u, v = body.head(patch.x, patch.y)
    # a face is flatter in front than a ball and turns away quickly at its edge
    nx = u * (0.42 + 0.5 * u * u)
    ny = v * (0.22 + 0.55 * v * v)
    nz = np.sqrt(np.clip(1.0 - nx * nx - ny * ny, 0.06, 1.0))
    along_x, along_y = slopes(_relief(canvas, body)[canvas.span(*box)])
    nx, ny = nx - 0.7 * along_x, ny - 0.7 * along_y
    norm = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
    nx, ny, nz = nx * norm, ny * norm, nz * norm
    brightness = body.lit(nx, ny, nz) * (0.86 + 0.14 * np.clip(nz * 1.25, 0, 1))
    tone = body.skin * warm_shade(brightness)
    patch.skin[:] = shape = cover(field, 1.3)
    patch.paint(shape, tone)
    _draw_sheen(body, patch, nx, ny, nz, shape)
    _draw_blush(canvas, body)
    _draw_folds(canvas, body)
    _draw_wrinkles(canvas, body)


def _draw_sheen(body: Anatomy, patch: Window, nx: Array, ny: Array, nz: Array, shape: Array) -> None:
    lx, ly, lz = body.light
    norm = 1.0 / float(np.sqrt(lx * lx + ly * ly + (lz + 1.0) ** 2))
    facing = np.clip((nx * lx + ny * ly + nz * (lz + 1.0)) * norm, 0.0, 1.0)
    facing *= facing
    facing *= facing
    facing *= facing
    facing *= facing
    strength = (0.05 + 0.2 * body.factors["light_strength"]) * (0.8 + 0.5 * body.factors["skin"])
    patch.glow(strength * facing * facing * shape, rgb(1.0, 0.93, 0.85))


def _draw_blush(canvas: Canvas, body: Anatomy) -> None:
    f = body.factors
    for sign in (-1.0, 1.0):
        x, y = body.at(sign * 25.0, 25.0 - 3.0 * max(f["smile"], 0), -4.0)
        patch = canvas.window(x - 22, y - 18, x + 22, y + 18)
        rosy = np.exp(-(((patch.x - x) / 12.0) ** 2) - ((patch.y - y) / 9.0) ** 2) * patch.skin
        patch.tint((0.16 + 0.75 * f["blush"]) * rosy, rgb(1.0, 0.70, 0.68))
    patch = canvas.window(body.nose_x - 16, body.nose_y - 16, body.nose_x + 16, body.nose_y + 16)
    tip = np.exp(-((patch.x - body.nose_x) ** 2 + (patch.y - body.nose_y + 2) ** 2) / 60.0)
    patch.tint(0.22 * tip, rgb(1.0, 0.76, 0.72))


def _draw_folds(canvas: Canvas, body: Anatomy) -> None:
    """Folds from nose to mouth, and bags under the eyes."""
    f = body.factors
    smile, old = max(f["smile"], 0.0), aged(f["age"])
    fold = 0.10 + 0.22 * smile + 0.45 * old
    start_y, end_y = body.nose_y - 2.0, body.mouth_y + 3.0
    patch = canvas.window(-42, start_y - 8, 42, end_y + 8)
    t = np.clip((patch.y - start_y) * (1.0 / (end_y - start_y)), -0.3, 1.3)
    reach = step(-0.25, 0.15, t) * step(1.15, 0.6, t)
    away = 9.5 + (10.0 + 2 * smile) * t * (1.25 - 0.35 * t)
    middle = patch.x - body.nose_x - (body.mouth_x - body.nose_x) * t
    lines = bell(middle - away, 2.2) + bell(middle + away, 2.2)
    patch.tint(fold * lines * reach, rgb(0.66, 0.44, 0.40))
    for sign in (-1.0, 1.0):
        x = sign * body.eye_x
        patch = canvas.window(x - 19, 0, x + 19, 17)
        bag = (patch.y - 8.5 - 2.0 * old) + 0.018 * (patch.x - x) ** 2
        strength = (0.06 + 0.5 * f["eye_bags"]) * bell(bag, 2.6)
        patch.tint(strength * bell(patch.x - 0.97 * x, 10.0), rgb(0.68, 0.50, 0.52))


def _draw_wrinkles(canvas: Canvas, body: Anatomy) -> None:
    """Wrinkles of the forehead, and a second chin."""
    f = body.factors
    strength = 0.30 * aged(f["age"]) + 0.12 * max(f["brow_raise"], 0.0)
    if strength > 0.0:
        patch = canvas.window(-44, -58, 44, -20)
        _, u, _ = body.head(patch.x, patch.y)
        lines = np.zeros_like(patch.x)
        for row in range(3):
            height = -30.0 - 7.5 * row - 6.0 * f["brow_raise"]
            lines += bell(patch.y - height - 1.6 * np.cos((patch.x - body.at(0, 0, -8)[0]) * 0.11 + 0.7 * row), 1.3)
        patch.tint(strength * lines * step(0.70, 0.30, np.abs(u)), rgb(0.70, 0.50, 0.45))
    double = max(f["fullness"] - 0.35, 0.0) * 1.4
    if double > 0.0:
        x, y = body.at(0.0, body.middle + body.bottom - 4.5, 0.0)
        patch = canvas.window(x - 36, y - 22, x + 36, y + 10)
        crease = bell(patch.y - y - 2.0 + 0.016 * (patch.x - x) ** 2, 2.0) * bell(patch.x - x, 17.0)
        patch.tint(min(double, 0.8) * crease * patch.skin, rgb(0.62, 0.42, 0.38))


def aged(years: float) -> float:
    """How old a face looks, from 0 up to the thirties to 1 in the seventies."""
    t = min(max((years - 32.0) / 43.0, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
