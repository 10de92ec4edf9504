"""What the factors mean in space: where the parts of a head stand, its colours and its light."""

from collections.abc import Mapping
from math import cos, sin
from typing import Any

import numpy as np

from zpoints.datasets.toy.canvas import Array, hsl, mix, ramp, rgb, step

SKIN = [
    rgb(0.975, 0.84, 0.76),
    rgb(0.96, 0.78, 0.66),
    rgb(0.85, 0.62, 0.47),
    rgb(0.64, 0.42, 0.29),
    rgb(0.43, 0.27, 0.19),
]
HAIR = [
    rgb(0.10, 0.085, 0.09),
    rgb(0.23, 0.15, 0.11),
    rgb(0.40, 0.26, 0.17),
    rgb(0.66, 0.47, 0.27),
    rgb(0.87, 0.71, 0.45),
    rgb(0.93, 0.83, 0.62),
]
IRIS = [
    rgb(0.22, 0.12, 0.07),
    rgb(0.42, 0.26, 0.13),
    rgb(0.42, 0.44, 0.22),
    rgb(0.33, 0.49, 0.50),
    rgb(0.30, 0.50, 0.70),
]


class Anatomy:
    """A head in face coordinates: pixels of scale 1, from between the eyes, z towards the viewer."""

    def __init__(self, factors: Mapping[str, float]) -> None:
        self.factors = f = factors
        self.sin_yaw, self.cos_yaw = sin(f["yaw"]), cos(f["yaw"])
        self.sin_pitch = sin(f["pitch"])
        self._set_sizes(f)
        self._set_colours(f)
        azimuth, elevation = 1.15 * f["light_side"], 0.95 * f["light_height"]
        self.light = (sin(azimuth) * cos(elevation), -sin(elevation), cos(azimuth) * cos(elevation))

    def _set_sizes(self, f: Mapping[str, float]) -> None:
        self.half = 43.0 * f["face_width"] * (1 + 0.05 * abs(f["yaw"])) + 1.5 * f["fullness"]
        self.middle = 6.0
        self.top = self.middle + 64.0 * f["forehead"] + 18 * self.sin_pitch
        self.bottom = 66.0 * f["face_length"] + 2.0 * f["male"] + 12 * self.sin_pitch + 4.0 * f["mouth_open"]
        self.squareness = 0.18 + 0.35 * f["jaw"] + 0.1 * f["fullness"]
        self.taper = 0.36 - 0.2 * f["jaw"] - 0.16 * f["fullness"]
        self.eye_x = 19.5 * f["eye_distance"] * self.cos_yaw
        self.nose_x, self.nose_y = self.at(0.0, 31.0 * f["nose_length"], 13.0 * f["nose_height"])
        mouth = 46.0 * (0.5 + 0.5 * f["face_length"]) + 3.0 * (f["nose_length"] - 1) * 10 + f["mouth_height"]
        self.mouth_x, self.mouth_y = self.at(0.0, max(mouth, 31 * f["nose_length"] + 10), 7.0)
        self.skull_x = self.at(0.0, 0.0, -32.0)[0]

    def _set_colours(self, f: Mapping[str, float]) -> None:
        warmth = rgb(1.0 + 0.01 * f["skin_warmth"], 1.0 + 0.025 * f["skin_warmth"], 1.0 - 0.09 * f["skin_warmth"])
        self.skin = np.minimum(ramp(SKIN, f["skin"]) * warmth, 1.0)
        self.flush = self.skin * rgb(0.96, 0.66, 0.62)
        hair = ramp(HAIR, f["hair_shade"])
        copper = mix(hair, rgb(0.62, 0.25, 0.10) * (0.5 + 0.8 * f["hair_shade"]), 0.75)
        hair = mix(hair, copper, f["hair_red"] ** 1.5)
        self.hair = mix(hair, rgb(0.74, 0.74, 0.76), f["hair_grey"] * 0.92)
        self.brow = mix(self.hair * 0.62, self.skin * rgb(0.5, 0.38, 0.32), 0.3)
        self.iris = ramp(IRIS, f["iris"])
        paint = hsl(0.985 - 0.045 * f["lip_hue"], 0.72, 0.42 - 0.10 * f["lip_hue"] * (f["lip_hue"] > 0))
        bare = self.skin * rgb(0.90, 0.62, 0.60)
        self.lips = mix(bare, paint, 0.8 * f["lipstick"])

    def at(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Where a point of the head is seen: depth moves with yaw and pitch, the eyes stay."""
        return x * self.cos_yaw + z * self.sin_yaw, y + z * self.sin_pitch

    def axis(self, y: Array) -> Array:
        """The x of the head's middle line at height y: a turn moves the skull further than the chin."""
        skull, chin = self.at(0, 0, -25)[0], self.at(0, 0, -7)[0]
        return skull + (chin - skull) * step(-10.0, 70.0, y)

    def head(self, x: Array, y: Array, grow: float = 0.0) -> tuple[Array, Array, Array]:
        """The head's field (negative inside) and the place u, v on it, both in -1...1 from its middle."""
        down = y - self.middle
        v = np.where(down < 0, down * (1.0 / (self.top + grow)), down * (1.0 / (self.bottom + grow)))
        low = np.clip(v, 0.0, 1.0)
        width = (self.half + grow) * (1.0 - self.taper * low * low)
        u = (x - self.axis(y)) / width
        uu, vv = u * u, v * v
        square = np.where(down < 0, 0.45, self.squareness).astype(np.float32)
        field = uu * (1 - square + square * uu) + vv * (1 - square + square * vv) - 1.0
        return field, u, v

    def lit(self, nx: Array | float, ny: Array | float, nz: Array | float) -> Any:
        """Brightness (about 0.3 to 1.2) of a matt surface with the given unit normals; a float for floats."""
        lx, ly, lz = self.light
        share = 0.25 + 0.65 * self.factors["light_strength"]
        facing = np.clip((nx * lx + ny * ly + nz * lz + 0.3) * (1 / 1.3), 0.0, 1.0)
        brightness = (1.0 - share) * (0.72 + 0.2 * nz - 0.06 * ny) + share * 1.14 * facing
        # a numpy scalar would carry double precision into the pixels
        return brightness if isinstance(brightness, np.ndarray) else float(brightness)


def warm_shade(brightness: Array) -> Array:
    """Turn brightness into a tint (3, h, w) whose shadows are warm, as under skin."""
    dip = brightness * np.clip(1.0 - brightness, 0.0, 1.0)
    return np.stack([brightness + 0.42 * dip, brightness - 0.04 * dip, brightness - 0.12 * dip])
