"""Hair: its outline behind the head, its fall around the face, its strands and sheen."""

from functools import cached_property

import numpy as np

from zpoints.datasets.toy.anatomy import Anatomy
from zpoints.datasets.toy.canvas import Array, Canvas, Window, bell, cover, mix, rgb, step, waves


class Hairdo:
    """The shape of one head's hair in the window that it needs; fields are negative inside."""

    def __init__(self, canvas: Canvas, body: Anatomy) -> None:
        self.body = body
        f = body.factors
        length, bald = f["hair_length"], f["baldness"]
        self.bare = min(max((bald - 0.3) / 0.4, 0.0), 1.0)  # how much of the top is gone
        volume = f["hair_volume"] * (0.35 + 0.65 * min(length / 0.3, 1.0)) * (1.0 - 0.7 * self.bare)
        self.middle_x = self.body.skull_x
        self.reach = self.body.half + 2.5 + 9.0 * volume
        self.rise = self.body.top + 6.0 - 9.0 * self.bare + 9.0 * f["hair_volume"] * (1.0 - 0.9 * self.bare)
        self.end = 4.0 + 40.0 * length if length < 0.25 else 14.0 + 135.0 * (length - 0.25)
        # long hair doesn't grow where the top is bald
        self.end = self.end - (self.end - 12.0) * self.bare
        side, low = self.reach * 1.4 + 6.0, max(self.end, 20.0) + 12.0
        self.patch = canvas.window(self.middle_x - side, body.middle - self.rise - 6.0, self.middle_x + side, low)
        self.x, self.y = self.patch.x, self.patch.y

    @cached_property
    def _upper(self) -> Array:
        return np.clip((self.y - self.body.middle) * (-1.0 / self.rise), 0.0, None)

    @cached_property
    def side(self) -> Array:
        """Where across the hair a pixel lies, -1...1 from edge to edge, on lines that fall from the crown."""
        f = self.body.factors
        down = np.clip(self.y - self.body.middle, 0.0, None)
        curl = f["hair_wave"] * step(-30.0, 30.0, self.y)
        sway = curl * 0.055 * np.sin(self.y * 0.16 + 6.3 * f["strands"])
        flare = 1.0 + (0.0012 + 0.0022 * f["hair_volume"]) * down
        vault = np.sqrt(np.clip(1.0 - 0.995 * self._upper * self._upper, 0.02, 1.0))
        return (self.x - self.middle_x) * (1.0 / self.reach) / (flare * (1.0 + sway) * vault)

    @cached_property
    def outline(self) -> Array:
        f = self.body.factors
        up = self._upper
        across = (self.x - self.middle_x) * (1.0 / self.reach)
        rim = across / (np.abs(across) + up + 0.01) * 3.0 + np.sign(across) * 0.07 * (self.y + 60.0) * (up == 0)
        frizz = 0.22 * f["hair_wave"] ** 2 * (waves(rim * 1.6, 40 * f["strands"]) - 0.5)
        ball = across * across * (0.62 + 0.38 * across * across) + up * up * (0.62 + 0.38 * up * up) - 1.0 + frizz
        fall = self.side * self.side - 1.0 + frizz
        across_hair = np.clip(self.side, -1.3, 1.3)
        ends = self.end + 9.0 * (waves(across_hair * 4.0, 90 * f["strands"]) - 0.5) * (0.4 + f["hair_wave"])
        ends = ends - 10.0 * across_hair * across_hair * min(1.0, self.end / 60.0)
        return np.maximum(np.where(up > 0, ball, fall), (self.y - ends) * 0.05)

    @cached_property
    def inside(self) -> Array:
        """Coverage by the outline."""
        return cover(self.outline, 1.4)

    @cached_property
    def opening(self) -> Array:
        """The field of the face that the hair leaves free."""
        f = self.body.factors
        x0 = self.body.at(0, 0, -11)[0]
        across = (self.x - x0) * (1.0 / (self.body.half * (0.91 + 0.06 * self.bare - 0.05 * f["bangs"])))
        foot = -6.0
        base = 37.0 * f["forehead"] - 8.0 * self.body.sin_pitch
        temples = bell(np.abs(across) - 0.62, 0.3)
        height = base * (1.0 + 0.30 * max(f["baldness"], 0.0) * (1 + temples) + 1.1 * self.bare)
        lean = f["parting"]
        notch = 0.13 * bell(across - 0.75 * lean, 0.26) - 0.20 * lean * across
        height = height * (1.0 + notch * (1.0 - self.bare))
        if f["bangs"] > 0:
            fringe = 10.5 + 5.0 * waves(across * 6.5 + 0.3, 60 * f["strands"]) + 3.0 * across * lean
            share = f["bangs"] * (1.0 - self.bare)
            height = height + (fringe - height) * (0.45 + 0.55 * share) * (share > 0.05)
        up = np.clip((foot - self.y) / height, 0.0, None)
        down = np.clip((self.y - foot) * (1.0 / 90.0), 0.0, None)
        widen = 1.0 + 0.10 * down - 0.10 * (1.0 - f["hair_volume"]) * down * (self.end > 40)
        across = across / widen
        square = 0.25 + 0.6 * f["bangs"]
        aa = across * across
        return aa * (1.0 - square + square * aa) + up * up - 1.0

    @cached_property
    def strand(self) -> Array:
        """Light and dark strands, 0...1."""
        f = self.body.factors
        part = 0.30 * f["parting"] * np.clip(1.0 - (self.y + 70.0) * (1 / 70.0), 0, 1)
        along = (
            self.side - part + 0.05 * f["hair_wave"] * np.sin(self.y * (0.13 + 0.2 * f["hair_wave"]) + 5.0 * self.side)
        )
        offset = 300.0 * f["strands"]
        return 0.6 * waves(along * 15.0, offset) + 0.4 * waves(along * 41.0, offset + 77.0)

    def colours(self) -> Array:
        """The lit colour of the hair, (3, h, w)."""
        body = self.body
        nx = np.clip(self.side, -1, 1) * 0.85
        ny = -0.8 * np.clip(self._upper, 0, 1) + 0.05
        nz = np.sqrt(np.clip(1.0 - nx * nx - ny * ny, 0.05, 1.0))
        strand = self.strand
        level = body.lit(nx, ny, nz) * (0.5 + 0.75 * strand)
        lx, _, _ = body.light
        band = bell(self._upper - 0.55 + 0.10 * self.side * self.side + 0.12 * (strand - 0.5), 0.17)
        band = band * bell(self.side - 0.55 * lx, 0.62)
        low = bell(self.y - 34.0 - 16.0 * strand, 18.0) * bell(np.abs(self.side) - 0.85, 0.25) * 0.5
        shine = (
            (band + low)
            * strand
            * (0.15 + 0.55 * body.factors["light_strength"])
            * (1 - 0.6 * body.factors["hair_wave"])
        )
        glow = mix(body.hair, rgb(1.0, 0.96, 0.90), 0.42)
        tone = body.hair * level
        return np.clip(tone + (glow - tone) * np.clip(shine * 0.9, 0.0, 1.0), 0.0, 1.0)


def draw_back_hair(hair: Hairdo) -> None:
    """What hangs behind the neck, in the head's shade."""
    if hair.end > 20.0:
        depth = 0.42 + 0.2 * hair.strand
        hair.patch.paint(hair.inside, hair.body.hair * depth)


def draw_front_hair(hair: Hairdo) -> None:
    """What grows around the face, and the soft shadow that it throws on the skin."""
    patch, body, inside = hair.patch, hair.body, hair.inside
    _throw_shadow(patch, body, hair)
    free = cover(hair.opening, 1.8 + 1.6 * body.factors["hair_wave"])
    if body.factors["baldness"] > 0.3:
        # hair thins out towards a bald top
        free = np.maximum(free, hair.bare * step(-0.08, 0.10, hair.opening * -1.0 + 0.25 * hair.strand))
    # above the brow only skin lies bare: what rises over the skull is hair
    free = free * np.maximum(patch.skin, step(-26.0, -12.0, patch.y))
    grown = inside * (1.0 - free)
    # short hair ends softly before the ears, and with sideburns when there are some
    if hair.end < 20.0:
        over_ear = np.clip(np.abs(hair.side) - 0.72, 0.0, 0.28) * 60.0
        grown = grown * step(hair.end + 6.0, hair.end - 3.0, patch.y + over_ear)
    tone = hair.colours()
    edge = 1.0 - 0.34 * bell(hair.opening, 0.22) * step(-60.0, 0.0, patch.y)
    patch.paint(grown, tone * edge)


def _throw_shadow(patch: Window, body: Anatomy, hair: Hairdo) -> None:
    lx, ly, _ = body.light
    moved = np.clip(hair.opening + 0.16 + 0.10 * step(0.0, -40.0, patch.y) * (0.5 - ly) * 0.8, -1.0, 1.0)
    shade = step(-0.28, 0.22, moved + 0.10 * lx * np.sign(patch.x))
    patch.tint(
        0.42 * shade * patch.skin * step(hair.end + 20.0, hair.end, patch.y) * (1.0 - 0.8 * hair.bare),
        rgb(0.52, 0.36, 0.34),
    )


def draw_beard(canvas: Canvas, body: Anatomy) -> None:
    """Stubble, full beard, goatee, moustache and sideburns, before the lips are drawn."""
    f = body.factors
    if max(f["stubble"], f["beard"], f["goatee"], f["moustache"], f["sideburns"]) == 0.0:
        return
    patch = canvas.window(-60, -22, 60, 98)
    x, y = patch.x, patch.y
    skin, u, _ = body.head(x, y, 4.5 * f["beard"])
    shape = cover(skin, 1.5 + 2.5 * f["beard"])
    across, below = x - body.mouth_x, y - body.mouth_y
    far = np.abs(u)
    line = -7.0 - 46.0 * step(0.62, 1.0, far) + 7.0 * bell(across, 13.0) - 2.0 * np.cos(across * 0.2)
    jaw = step(-5.0, 7.0, below - line) * (1.0 - bell(below + 9.0, 5.0) * bell(across, 7.0) * 0.5)
    lip = below + 9.5 - 0.02 * across * across - 1.5 * bell(across, 2.0)
    upper = step(5.6, 2.6, np.abs(lip)) * step(21.0, 15.0, np.abs(across))
    chin = (across / (12.5 + 2.0 * f["beard"])) ** 2 + ((below - 17.0) / 12.5) ** 2
    tuft = step(1.25, 0.75, chin) * np.clip(0.25 + 0.06 * (below - 4.0) + 0.3 * bell(across, 4.0), 0.0, 1.0)
    link = bell(np.abs(across) - 14.0 - 0.12 * below, 3.2) * step(-8.0, -3.0, below) * step(18.0, 8.0, below)
    burns = step(0.80, 0.93, far + 0.002 * (y - 10.0)) * step(30.0, 18.0, y)

    grain = 0.55 * waves(across * 0.75 + 0.05 * below * np.sign(across), 5.0) + 0.45 * waves(
        below * 0.8 + 0.9 * across, 31.0
    )
    stubble = 0.45 * f["stubble"] * np.maximum(np.maximum(jaw, upper * 0.9), burns * 0.7)
    patch.paint(stubble * (0.6 + 0.4 * grain) * shape, mix(body.brow, body.skin * rgb(0.40, 0.38, 0.40), 0.5))
    hairs = np.maximum(f["beard"] * jaw, f["goatee"] * np.maximum(tuft, 0.8 * link * (f["moustache"] > 0)))
    hairs = np.maximum(np.maximum(hairs, np.maximum(f["moustache"], 0.85 * f["beard"]) * upper), f["sideburns"] * burns)
    bend = np.clip(u, -1.0, 1.0) * 0.8
    level = body.lit(bend, 0.25, np.sqrt(np.clip(1.0 - bend * bend - 0.06, 0.05, 1.0)))
    density = np.clip(hairs * (0.85 + 0.5 * grain), 0.0, 0.95)
    patch.paint(density * shape, np.clip(mix(body.hair, body.brow, 0.4) * level * (0.6 + 0.6 * grain), 0.0, 1.0))
