"""What a toy face wears: clothes and tie, jewellery, glasses, hat."""

import numpy as np

from zpoints.datasets.toy.anatomy import Anatomy
from zpoints.datasets.toy.canvas import Array, Canvas, Window, bell, cover, hsl, mix, rgb, step, waves

WHITE = rgb(1.0, 1.0, 1.0)
GOLD = rgb(0.86, 0.68, 0.34)
DARK = rgb(0.08, 0.08, 0.10)


def draw_clothes(canvas: Canvas, body: Anatomy) -> None:
    """A top with a rounded neckline, or collar, jacket and tie."""
    f = body.factors
    patch = canvas.window(-105, 62, 105, 126)
    x, y = patch.x - 0.3 * body.skull_x, patch.y
    far = np.abs(x)
    neck = 29.0 + 5.0 * f["male"] + 5.0 * f["fullness"]
    shoulder = 80.0 + 0.20 * np.clip(far - neck, 0.0, None) + 0.0016 * np.clip(far - neck, 0.0, None) ** 2
    level = body.lit(np.clip(x * (1 / 110.0), -0.8, 0.8), -0.25, 0.85)
    folds = 1.0 + 0.07 * (waves(x * 0.05 + y * 0.03, 200 * f["clothes_hue"]) - 0.5)
    cloth = hsl(f["clothes_hue"], 0.45, f["clothes_light"])
    if f["necktie"]:
        _draw_suit(patch, body, x, y, shoulder, level * folds)
        return
    depth = 93.0 + 24.0 * f["neckline"]
    dip = depth - (depth - 78.0) * np.clip(far * (1.0 / (neck + 7.0)), 0.0, 1.3) ** 2.4
    top = np.maximum(shoulder, dip)
    field = top - y
    shape = cover(field, 1.2)
    patch.tint(
        0.45 * step(-5.0, 1.0, y - top + 2.0) * (1.0 - shape) * step(neck, neck - 8.0, far),
        rgb(0.70, 0.52, 0.48),
    )
    patch.paint(shape, np.clip(cloth * level * folds, 0.0, 1.0))
    hem = y - top - 2.6
    patch.tint(0.22 * bell(hem, 0.9) * shape, rgb(0.3, 0.3, 0.35))
    patch.glow(0.10 * bell(hem + 1.6, 0.8) * shape, WHITE)


def _draw_suit(patch: Window, body: Anatomy, x: Array, y: Array, shoulder: Array, level: Array) -> None:
    f = body.factors
    far = np.abs(x)
    jacket = hsl(0.6 + 0.15 * f["clothes_hue"], 0.2, 0.12 + 0.25 * f["clothes_light"])
    shirt = mix(WHITE * 0.97, hsl(f["clothes_hue"] + 0.5, 0.5, 0.8), 0.25)
    tie = hsl(f["clothes_hue"], 0.62, 0.28 + 0.2 * f["clothes_light"])
    patch.paint(cover(shoulder - 1.0 - y, 1.2), np.clip(jacket * level, 0, 1))
    shirt_field = np.maximum(far - 26.0 + 0.42 * (y - 78.0), 80.0 + 0.0 * y - y)
    patch.paint(cover(shirt_field, 1.2), np.clip(shirt * level, 0, 1))
    knot_y = 84.0
    collar = np.maximum(np.abs(y - (knot_y - 6.0) - 0.0 - 0.35 * (30.0 - far) * 0.55) - 6.0, far - 33.0)
    collar = np.maximum(collar, 3.0 - far)
    patch.paint(cover(collar, 1.2), np.clip(shirt * level * 1.04, 0, 1))
    patch.tint(0.30 * bell(y - (knot_y + 0.2) - 0.19 * (30.0 - far), 1.3) * step(34, 30, far), rgb(0.4, 0.42, 0.5))
    knot = np.maximum(far - 6.4 + 0.28 * (y - knot_y), np.abs(y - knot_y - 4.5) - 5.5)
    blade = np.maximum(far - 3.8 - 0.16 * (y - knot_y - 9.0), knot_y + 9.0 - y)
    stripe = 0.85 + 0.15 * step(-0.2, 0.2, np.sin((x + y) * 0.8))
    patch.paint(cover(blade), np.clip(tie * level * stripe, 0, 1))
    patch.paint(cover(knot), np.clip(tie * level * 1.12, 0, 1))
    patch.tint(0.4 * bell(y - knot_y - 10.0, 1.0) * cover(blade, 3.0), DARK)


def draw_necklace(canvas: Canvas, body: Anatomy) -> None:
    f = body.factors
    if f["necklace"] == 0.0:
        return
    patch = canvas.window(-40, 58, 40, 112)
    x = patch.x - 0.45 * body.skull_x
    line = patch.y - 94.0 + 0.019 * x * x
    size = 1.1 + 1.9 * f["necklace"]
    spacing = size * 1.75
    phase = (x * (1.0 + 0.006 * np.abs(x)) / spacing + 0.5) % 1.0 - 0.5
    beads = np.sqrt((phase * spacing) ** 2 + line * line)
    shape = np.clip(0.5 - (beads - size) / 1.2, 0.0, 1.0) * step(29.0, 27.0, np.abs(x))
    pearl = mix(GOLD, rgb(0.97, 0.94, 0.90), min(1.0, max(0.0, 1.6 * f["necklace"] - 0.6)))
    patch.tint(0.35 * bell(line - size - 0.6, 1.6) * step(29.0, 25.0, np.abs(x)), rgb(0.55, 0.40, 0.36))
    ball = np.clip(1.05 - 0.16 * (line + phase * spacing) / size, 0.6, 1.2)
    patch.paint(shape, np.clip(pearl * ball * body.lit(0.0, 0.1, 0.95), 0.0, 1.0))
    shine = bell(np.sqrt((phase * spacing + 0.35 * size) ** 2 + (line + 0.4 * size) ** 2), 0.45 * size)
    patch.glow(0.7 * shine * shape, WHITE)


def draw_earrings(canvas: Canvas, body: Anatomy) -> None:
    f = body.factors
    if f["earrings"] == 0.0:
        return
    for sign in (-1.0, 1.0):
        if sign * f["yaw"] > 0.22:
            continue  # this ear is hidden
        x0 = body.at(0, 0, -25)[0] + sign * (body.half + 0.5)
        y0 = 24.5 * (0.6 + 0.4 * f["ear_size"]) - 26 * body.sin_pitch
        patch = canvas.window(x0 - 9, y0 - 4, x0 + 9, y0 + 22)
        size = 2.0 + 3.2 * f["earrings"]
        drop = y0 + 1.5 * size + 1.0
        distance = np.sqrt((patch.x - x0) ** 2 + (patch.y - drop) ** 2)
        hoop = np.abs(distance - size * 1.1) - (0.9 + 0.4 * f["earrings"])
        stud = np.sqrt((patch.x - x0) ** 2 + (patch.y - y0) ** 2) - 1.6
        field = np.minimum(hoop, stud)
        light = 0.85 + 0.25 * np.sin(patch.y * 0.9 + patch.x * 0.5)
        patch.paint(np.clip(0.5 - field / 1.1, 0.0, 1.0), np.clip(GOLD * light, 0.0, 1.0))
        gleam = np.exp(-((patch.x - x0 + 0.7 * size) ** 2 + (patch.y - drop + 0.8 * size) ** 2) / 2.0)
        patch.glow(0.9 * gleam * np.clip(0.5 - field, 0, 1), WHITE)


def draw_glasses(canvas: Canvas, body: Anatomy) -> None:
    """Rims, bridge and temples around lenses that may be dark, with a reflection."""
    f = body.factors
    if f["glasses"] == 0.0:
        return
    patch = canvas.window(-62, -26, 62, 30)
    x, y = patch.x, patch.y
    size, tint = f["glasses_size"], f["glasses_tint"]
    rim_colour = mix(DARK, hsl(f["hat_hue"], 0.45, 0.28), 0.6 * (1.0 - tint))
    bridge_x, bridge_y = body.at(0.0, -1.0, 7.0)
    middle_y = 1.8 + 4.0 * body.sin_pitch
    rims = np.full_like(x, 1e3)
    for sign in (-1.0, 1.0):
        squeeze = 1.0 - 0.28 * sign * f["yaw"]
        centre = sign * 20.5 * f["eye_distance"] * body.cos_yaw + 3.0 * body.sin_yaw
        wide, high = 15.8 * size * squeeze, 12.2 * size * (1.0 + 0.12 * tint)
        corner = 7.5
        dx = np.abs(x - centre) - (wide - corner)
        dy = np.abs(y - middle_y) - (high - corner) + 0.06 * sign * (centre - x)
        lens = (
            np.sqrt(np.clip(dx, 0, None) ** 2 + np.clip(dy, 0, None) ** 2) + np.minimum(np.maximum(dx, dy), 0) - corner
        )
        inside = np.clip(0.5 - lens, 0.0, 1.0)
        shade = mix(DARK, hsl(f["hat_hue"] + 0.08, 0.4, 0.22), 0.5) * (0.75 + 0.55 * step(-12.0, 14.0, y))
        patch.paint((0.05 + 0.93 * min(1.0, tint * 1.25)) * (tint > 0) * inside, shade)
        slope = (x - centre) * 0.8 + (y - middle_y)
        streak = step(-13.0, -9.0, slope) * step(-1.0, -5.0, slope) + 0.6 * step(1.0, 2.5, slope) * step(
            6.0, 4.5, slope
        )
        patch.glow((0.10 + 0.16 * tint) * streak * inside, WHITE)
        rims = np.minimum(rims, np.abs(lens + 0.6) - 1.15)
        edge = centre + sign * wide
        arm_end = body.at(0, 0, -25)[0] + sign * (body.half + 1.0)
        along = np.clip((x - edge) * sign, 0.0, None)
        arm = np.maximum(
            np.abs(y - middle_y + 5.0 + 0.04 * along) - 1.3,
            np.maximum((edge - x) * sign, (x - arm_end) * sign),
        )
        rims = np.minimum(rims, arm)
    gap = 6.2 * f["eye_distance"]
    bow = np.maximum(np.abs(y - bridge_y + 1.5 - 0.06 * (x - bridge_x) ** 2) - 1.15, np.abs(x - bridge_x) - gap)
    rims = np.minimum(rims, bow)
    patch.tint(0.30 * np.clip(1.0 - (rims + 0.5) * 0.22, 0.0, 1.0) * step(-20.0, 0.0, y), rgb(0.70, 0.55, 0.50))
    shape = np.clip(0.5 - rims, 0.0, 1.0)
    patch.paint(shape, rim_colour)
    patch.glow(0.25 * shape * bell(y - middle_y + 10.0 * size, 2.5), WHITE)


def draw_hat(canvas: Canvas, body: Anatomy) -> None:
    """A hat from a knitted cap (narrow brim) to a wide brim, with the shadow that it throws."""
    f = body.factors
    if f["hat"] == 0.0:
        return
    patch = canvas.window(-100, -112, 100, 10)
    x0 = body.at(0, 0, -18)[0]
    x, y = patch.x - x0, patch.y
    brim = max(f["hat_brim"] - 0.35, 0.0) / 0.65
    seat = -27.0 - 5.0 * brim - 10.0 * body.sin_pitch  # height of the lower edge in front
    half = body.half + 6.5 + 3.0 * f["hair_volume"]
    cloth = hsl(f["hat_hue"], 0.42, 0.34 + 0.22 * f["clothes_light"])
    u = x * (1.0 / half)
    edge = seat + 8.0 * u * u
    shade = step(edge + 13.0 + 12.0 * brim, edge - 2.0, y)
    patch.tint(0.55 * shade * patch.skin, rgb(0.48, 0.34, 0.33))

    up = np.clip((edge - y) * (1.0 / (56.0 - 4.0 * brim)), -0.2, None)
    crown = u * u * (0.5 + 0.5 * u * u) + up * up * (0.55 + 0.45 * up * up) - 1.0
    crown = np.maximum(crown, (y - edge) * 0.05)
    bend = np.clip(u, -1, 1)
    level = body.lit(
        0.8 * bend,
        -0.6 * np.clip(up, 0, 1),
        np.sqrt(np.clip(1 - 0.64 * bend * bend - 0.36 * up * up, 0.05, 1)),
    )
    if brim == 0.0:
        ribs = 0.88 + 0.12 * np.sin(np.arcsin(np.clip(u, -1, 1)) * 34.0)
    else:
        ribs = 1.0 + 0.05 * (waves(u * 5.0 + 2.0 * up, 9.0) - 0.5)
    shape = cover(crown, 1.3)
    patch.paint(shape, np.clip(cloth * level * ribs, 0.0, 1.0))
    if brim == 0.0:
        cuff = np.maximum(np.abs(y - edge + 7.5) - 8.0, (np.abs(u) - 1.03) * half)
        patch.tint(0.4 * bell(y - edge + 17.0, 2.2) * shape, DARK)
        patch.paint(cover(cuff, 1.3), np.clip(cloth * level * (0.72 + 0.42 * ribs), 0.0, 1.0))
        return
    ribbon = shape * np.clip(0.5 - np.abs(y - edge + 8.0) + 6.0, 0.0, 1.0)
    patch.paint(ribbon, np.clip(hsl(f["hat_hue"] + 0.45, 0.4, 0.2) * (0.5 + 0.6 * level), 0.0, 1.0))
    reach = half + 6.0 + 26.0 * brim
    w = np.clip(np.abs(x) / reach, 0.0, 1.0)
    rim_y = seat + 1.0 + 3.0 * w * w
    thick = 6.5 * np.sqrt(1.0 - 0.96 * w * w)
    rim = np.maximum(np.abs(y - rim_y) - thick, np.abs(x) - reach)
    top_light = 0.80 + 0.35 * step(4.0, -6.0, y - rim_y)
    patch.paint(cover(rim, 1.2), np.clip(cloth * top_light * body.lit(0.3 * bend, -0.5, 0.8), 0.0, 1.0))
