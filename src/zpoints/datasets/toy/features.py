"""The features of the face: eyes, brows, nostrils and mouth."""

import numpy as np

from zpoints.datasets.toy.anatomy import Anatomy
from zpoints.datasets.toy.canvas import Array, Canvas, Window, bell, hsl, mix, rgb, step, waves

INK = rgb(0.13, 0.08, 0.07)
WHITE = rgb(1.0, 1.0, 1.0)


def draw_eyes(canvas: Canvas, body: Anatomy) -> None:
    for sign in (-1.0, 1.0):
        _draw_eye(canvas.window(sign * body.eye_x - 20, -17, sign * body.eye_x + 20, 15), body, sign)


def _draw_eye(patch: Window, body: Anatomy, sign: float) -> None:
    """One eye: lids' shadow and colour, eyeball, iris with a highlight, lashes and crease."""
    f = body.factors
    # the eye that turns away is seen narrower
    half = 11.0 * f["eye_size"] * (1.0 - 0.28 * sign * f["yaw"])
    slant = f["eye_slant"] * sign
    x = patch.x - sign * body.eye_x
    y = patch.y + slant * x
    u = x * (1.0 / half)
    out = u * sign  # -1 at the inner corner, +1 at the outer one
    inside = np.clip(1.0 - u * u, 0.0, 1.0)
    lid = np.sqrt(inside + 1e-6) * (0.35 + 0.65 * inside)
    opening = (1.0 - 0.9 * f["eyes_closed"]) * f["eye_opening"] * f["eye_size"]
    upper = -6.1 * opening * lid * (1.0 + 0.12 * out) + 1.2 * f["eyes_closed"]
    lower = (4.3 - 1.3 * max(f["smile"], 0.0)) * (0.35 + 0.65 * opening) * inside * (1.0 + 0.1 * out) + 0.3
    makeup = f["makeup"]

    socket = np.exp(-((x / (half * 1.35)) ** 2) - ((y + 4.0) / 8.0) ** 2)
    patch.tint(0.20 * socket, rgb(0.72, 0.52, 0.48))
    shadow = step(upper - 11.0, upper - 1.0, y) * step(upper + 2.0, upper - 1.0, y) * bell(out - 0.15, 1.0)
    patch.tint(0.85 * makeup * shadow, mix(hsl(0.95 + 0.1 * f["lip_hue"], 0.3, 0.42), WHITE, 0.15))

    field = np.maximum(np.maximum(upper - y, y - lower), (np.abs(u) - 1.0) * half)
    eye = np.clip(0.5 - field / 1.1, 0.0, 1.0)
    depth = (y - upper) * (1.0 / 9.0)
    ball = rgb(0.97, 0.95, 0.94) * (0.70 + 0.30 * step(0.0, 0.5, depth)) * (1.0 - 0.16 * u * u)
    brightness = 0.72 + 0.32 * float(body.lit(0.2 * sign, 0.0, 0.95))
    patch.paint(eye, np.minimum(ball * brightness, 1.0))
    _draw_iris(patch, body, x, y, eye, depth)

    # pink inner corner, lash lines, crease, lower rim
    patch.paint(0.6 * eye * step(-0.72, -0.98, out), body.flush * rgb(1.0, 0.8, 0.78))
    thick = (1.0 + 1.1 * makeup) * (0.75 + 0.3 * out) * (0.65 + 0.35 * lid)
    across = np.clip(1.35 - np.abs(u + 0.06 * sign) / (1.0 + 0.12 * makeup), 0.0, 0.3) * (1 / 0.3)
    lash = np.clip(1.0 - np.abs(y - upper + 0.5 * thick) / (thick * 0.75 + 0.55), 0.0, 1.0) * across
    patch.paint(
        0.94 * lash * (2.0 - lash) * step(1.18, 1.0, np.abs(u)),
        mix(INK, _lash_colour(body), 0.35 * (1.0 - makeup)),
    )
    wing = y + 1.5 + 3.2 * (out - 0.95) * (1.0 + makeup)
    patch.paint(0.85 * makeup * bell(wing, 1.0) * step(0.8, 1.0, out) * step(1.32, 1.12, out), INK)
    fold = y - upper + (3.2 + 1.2 * f["eye_opening"])
    patch.tint(0.5 * bell(fold, 1.3) * step(1.15, 0.7, np.abs(out - 0.08)), rgb(0.60, 0.40, 0.36))
    rim = y - lower - 0.4
    patch.tint((0.40 + 0.3 * makeup) * bell(rim, 1.0) * step(1.0, 0.6, np.abs(out - 0.1)), rgb(0.55, 0.36, 0.33))
    patch.glow(0.12 * bell(rim - 2.2, 1.3) * step(1.0, 0.5, np.abs(u)), rgb(1.0, 0.9, 0.85))


def _lash_colour(body: Anatomy) -> Array:
    """The colour of bare lashes."""
    return mix(body.brow, INK, 0.5)


def _draw_iris(patch: Window, body: Anatomy, x: Array, y: Array, eye: Array, depth: Array) -> None:
    f = body.factors
    radius = 5.2 * (0.45 + 0.55 * f["eye_size"])
    across = x - 4.2 * f["gaze"] - 1.5 * f["yaw"]
    down = y + 0.9 - 1.5 * f["pitch"]
    distance = np.sqrt(across * across + down * down)
    inside = np.clip(0.5 - (distance - radius) / 1.2, 0.0, 1.0) * eye
    lift = 0.75 + 0.55 * step(-3.0, 4.0, down) - 0.45 * step(0.62, 1.0, distance * (1.0 / radius))
    lift *= 0.55 + 0.45 * step(0.02, 0.4, depth)
    patch.paint(inside, np.clip(body.iris * lift, 0.0, 1.0))
    patch.paint(np.clip(0.5 - (distance - 0.43 * radius) / 1.1, 0.0, 1.0) * eye, rgb(0.04, 0.03, 0.03))
    lx, ly, _ = body.light
    spot = np.sqrt((across - 2.3 * lx - 0.4) ** 2 + (down + 1.6 - 1.2 * (ly + 0.4)) ** 2)
    patch.glow(0.95 * np.clip(0.5 - (spot - 1.35) / 1.1, 0.0, 1.0) * eye, WHITE)
    glint = np.sqrt((across + 1.9) ** 2 + (down - 2.0) ** 2)
    patch.glow(0.35 * bell(glint, 1.3) * eye, WHITE)


def draw_brows(canvas: Canvas, body: Anatomy) -> None:
    f = body.factors
    for sign in (-1.0, 1.0):
        middle_x, middle_y = body.at(
            sign * 20.5 * f["eye_distance"], -15.5 - 2.6 * f["brow_height"] - 2.6 * f["brow_raise"], 3.0
        )
        patch = canvas.window(middle_x - 20, middle_y - 14, middle_x + 20, middle_y + 14)
        half = 14.0 * (1.0 - 0.22 * sign * f["yaw"])
        out = (patch.x - middle_x) * (sign / half)
        bend = np.clip(out, -1.1, 1.1)
        line = middle_y - (1.0 - 0.75 * (bend - 0.2) ** 2) * 4.6 * f["brow_arch"] + 1.8 - 0.3 * bend
        thick = 2.7 * f["brow_thickness"] * (1.0 - 0.62 * step(-0.3, 1.1, out)) * (0.6 + 0.4 * step(-1.1, -0.5, out))
        hairs = waves((patch.x * sign + 0.7 * (patch.y - line)) * 0.95, 11.0)
        field = np.abs(patch.y - line) - thick * (0.72 + 0.5 * hairs)
        ends = step(-1.08, -0.82, out) * step(1.08, 0.9, out)
        patch.paint(0.84 * np.clip(0.5 - field / 1.9, 0.0, 1.0) * ends * (0.72 + 0.28 * hairs), body.brow)


def draw_nose(canvas: Canvas, body: Anatomy) -> None:
    """Nostrils, the wings' creases and the shadow below: the nose itself is relief."""
    f = body.factors
    x0, y0, width = body.nose_x, body.nose_y, f["nose_width"]
    patch = canvas.window(x0 - 20, y0 - 14, x0 + 20, y0 + 16)
    x, y = patch.x - x0, patch.y - y0
    lx = body.light[0]
    under = np.exp(-(((x + 3.0 * lx) / (9.5 * width)) ** 2) - ((y - 6.4) / 3.2) ** 2)
    patch.tint(0.34 * under, rgb(0.62, 0.42, 0.38))
    for sign in (-1.0, 1.0):
        side = x - sign * 4.6 * width + 2.0 * f["yaw"]
        nostril = (side / (2.3 * width)) ** 2 + ((y - 4.4 + 0.20 * side * sign) / 1.35) ** 2
        patch.tint(0.66 * np.exp(-nostril * nostril), rgb(0.34, 0.18, 0.16))
        wing_x = x * sign - 9.6 * width * (1.0 - 0.3 * sign * f["yaw"])
        arc = np.abs(np.sqrt((wing_x + 3.6) ** 2 + (y - 0.4) ** 2) - 4.4)
        patch.tint(
            0.36 * bell(arc, 1.0) * step(-2.0, 1.5, wing_x + 3.6) * step(-4.5, -1.0, y) * step(5.5, 3.0, y),
            rgb(0.58, 0.38, 0.34),
        )


def draw_mouth(canvas: Canvas, body: Anatomy) -> None:
    """Lips around an opening with teeth and tongue, corners lifted by a smile."""
    f = body.factors
    smile, gape = f["smile"], f["mouth_open"]
    patch = canvas.window(body.mouth_x - 28, body.mouth_y - 18, body.mouth_x + 28, body.mouth_y + 26)
    half = 14.3 * f["mouth_width"] * (1.0 + 0.24 * max(smile, 0.0) - 0.10 * gape)
    x = patch.x - body.mouth_x
    u = x * (1.0 / half) / (1.0 + 0.22 * f["yaw"] * np.sign(x))
    uu = np.clip(u * u, 0.0, 1.4)
    inside = np.clip(1.0 - uu, 0.0, 1.0)
    y = patch.y - body.mouth_y + (7.5 if smile > 0 else 3.5) * smile * (uu - 0.35)
    taper = np.sqrt(inside + 1e-6)
    full = f["lip_fullness"]
    grin = gape * (1.0 + 0.2 * max(smile, 0.0))
    top = -1.6 * grin * inside - 0.5 * inside * (1 - uu)  # lower edge of the upper lip
    low = (10.5 * grin * taper * inside) * (1 - 0.25 * max(smile, 0.0)) + top  # upper edge of the lower lip
    bow = 1.0 - 0.34 * np.exp(-((u / 0.13) ** 2)) - 0.15 * uu
    crown = top - 4.3 * full * bow * (0.35 * taper + 0.65 * inside) * (1 - 0.15 * max(smile, 0))
    sill = low + 5.4 * full * (0.4 * taper + 0.6 * inside) * (1 - 0.12 * max(smile, 0))

    def band(above: Array, below: Array, soft: float) -> Array:
        return np.clip(0.5 - np.maximum(above - y, y - below) / soft, 0.0, 1.0) * np.clip(
            (1.0 - np.abs(u)) * half, 0.0, 1.0
        )

    level = float(body.lit(0.0, 0.1, 0.95))
    lips = np.minimum(body.lips * level, 1.0)
    soft = 1.5 - 0.4 * f["lipstick"]
    patch.paint(band(crown, top, soft), lips * 0.84)
    patch.paint(band(low, sill, soft), lips * (1.0 - 0.16 * step(0.0, 1.0, (y - low) / (sill - low + 0.5))))
    if grin > 0.02:
        hole = band(top, low, 1.1) * min(1.0, grin * 9.0)
        patch.paint(hole, rgb(0.25, 0.07, 0.07))
        reach = top + (low - top) * 0.58 + 0.6
        teeth = np.clip(0.5 - (y - reach) / 1.2, 0.0, 1.0) * step(1.0, 0.8, np.abs(u))
        gaps = 1.0 - 0.10 * bell(np.abs((u * 4.2) % 1.0 - 0.5), 0.12)
        shade = (0.62 + 0.38 * step(0.0, 1.6, y - top)) * (1.0 - 0.4 * uu) * gaps
        patch.paint(hole * teeth, np.minimum(rgb(0.98, 0.96, 0.93) * shade * (0.7 + 0.3 * level), 1.0))
        tongue = np.exp(-((x / (half * 0.5)) ** 2)) * step(reach + 0.5, low + 1.0, y)
        patch.paint(0.75 * hole * tongue, rgb(0.70, 0.32, 0.32))
    else:
        hole = np.zeros_like(u)
    # the line between the lips, their corners, the light on the lower lip, the shadow below it
    closed = 1.0 - min(1.0, grin * 6.0)
    patch.tint((0.25 + 0.55 * closed) * bell(y - top, 1.0) * step(1.04, 0.85, np.abs(u)), rgb(0.42, 0.22, 0.21))
    corner = np.exp(-(((np.abs(u) - 1.0) * half / 2.2) ** 2) - ((y - top - 0.2) / 1.7) ** 2)
    patch.tint((0.5 + 0.2 * max(smile, 0)) * corner, rgb(0.50, 0.30, 0.28))
    gloss = bell(y - low - 2.0 * full, 1.3 * full) * bell(u - 0.3 * body.light[0], 0.42)
    patch.glow((0.12 + 0.28 * f["lipstick"]) * gloss * (1.0 - hole), rgb(1.0, 0.9, 0.9))
    below = y - sill - 3.0
    patch.tint(0.34 * bell(below, 2.4) * bell(u, 0.62), rgb(0.66, 0.46, 0.42))
