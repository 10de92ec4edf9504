"""The factors of a toy face: one table from which names, sampling and the csv header follow.

A face is a row of numbers, one for each entry of TABLE. Rows are drawn from top to bottom, so that a rule can
lean on what stands above it (a beard on `male`, grey hair on `age`): that is the whole correlation structure.

Images come in blocks of BLOCK with PEOPLE identities each. An identity draws a whole row of its own; an image
takes the `person` factors from it, keeps each `habit` factor with probability KEEP, and draws the rest anew.
Row `index` depends on (seed, index) alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

BLOCK = 50
PEOPLE = 10
KEEP = 0.8

Known = Mapping[str, float]
Rule = Callable[[np.random.Generator, Known], float]
Number = float | Callable[[Known], float]
Scope = Literal["person", "habit", "image"]


@dataclass(frozen=True)
class Factor:
    """One factor: its values lie in [low, high], and `rule` draws them, given the factors above it."""

    name: str
    scope: Scope
    low: float
    high: float
    unit: str
    rule: Rule
    meaning: str


def _value(number: Number, known: Known) -> float:
    return number(known) if callable(number) else number


def normal(mean: Number, deviation: float) -> Rule:
    """A normal draw (clipped to the factor's range, as every draw is)."""
    return lambda generator, known: _value(mean, known) + deviation * generator.standard_normal()


def uniform(low: float, high: float) -> Rule:
    return lambda generator, known: generator.uniform(low, high)


def chance(probability: Number) -> Rule:
    """1 with the given probability, else 0."""
    return lambda generator, known: float(generator.random() < _value(probability, known))


def sometimes(probability: Number, low: float, high: float) -> Rule:
    """Uniform in [low, high] with the given probability, else 0."""

    def draw(generator: np.random.Generator, known: Known) -> float:
        return generator.uniform(low, high) if generator.random() < _value(probability, known) else 0.0

    return draw


def skewed(a: float, b: float, low: float, high: float) -> Rule:
    """A Beta(a, b) draw, stretched to [low, high]."""
    return lambda generator, known: low + (high - low) * generator.beta(a, b)


def _woman(known: Known) -> float:
    return 1.0 - known["male"]


def _years_past(known: Known, age: float) -> float:
    return max(0.0, known["age"] - age)


# fmt: off
TABLE: tuple[Factor, ...] = (
    # who it is
    Factor("male", "person", 0, 1, "yes/no", chance(0.43), "sex: jaw, brows, lashes, neck"),
    Factor("age", "person", 18, 80, "years", skewed(1.3, 2.7, 18, 80), "wrinkles, folds"),
    Factor("skin", "person", 0, 1, "share", skewed(1.1, 2.0, 0, 1), "skin tone from pale to dark"),
    Factor("skin_warmth", "person", -1, 1, "share", normal(0, 0.45), "undertone from rosy to golden"),
    Factor("face_width", "person", 0.85, 1.18, "ratio", normal(lambda k: 0.985 + 0.03 * k["male"], 0.05),
           "width"),
    Factor("face_length", "person", 0.88, 1.12, "ratio", normal(1.0, 0.045), "length below the eyes"),
    Factor("jaw", "person", 0, 1, "share", normal(lambda k: 0.3 + 0.3 * k["male"], 0.17),
           "from tapered to square"),
    Factor("fullness", "person", 0, 1, "share", normal(lambda k: 0.2 + 0.004 * _years_past(k, 25), 0.22),
           "chubby cheeks, double chin"),
    Factor("cheekbones", "person", 0, 1, "share", normal(lambda k: 0.52 - 0.1 * k["male"], 0.22),
           "how high and marked"),
    Factor("forehead", "person", 0.85, 1.15, "ratio", normal(1.0, 0.05), "height above the eyes"),
    Factor("eye_distance", "person", 0.92, 1.08, "ratio", normal(1.0, 0.025),
           "distance of the pupils, 1 = 39 px"),
    Factor("eye_size", "person", 0.75, 1.3, "ratio", normal(lambda k: 1.03 - 0.07 * k["male"], 0.08),
           "size of the eyes"),
    Factor("eye_opening", "person", 0.5, 1.3, "ratio", normal(lambda k: 1.0 - 0.08 * k["male"], 0.15),
           "height of the lids"),
    Factor("eye_slant", "person", -0.2, 0.2, "rad", normal(0.03, 0.06), "outer corners up"),
    Factor("iris", "person", 0, 1, "share", normal(lambda k: 0.6 - 0.9 * k["skin"], 0.3),
           "from brown by green to blue"),
    Factor("eye_bags", "person", 0, 1, "share", normal(lambda k: 0.12 + 0.012 * _years_past(k, 28), 0.18),
           "shadows under the eyes"),
    Factor("brow_height", "person", -1, 1, "share", normal(lambda k: 0.2 - 0.4 * k["male"], 0.4),
           "distance from the eyes"),
    Factor("brow_thickness", "person", 0.4, 2.0, "ratio", normal(lambda k: 0.85 + 0.4 * k["male"], 0.22),
           "of the brows"),
    Factor("brow_arch", "person", -0.3, 1.4, "share", normal(lambda k: 0.68 - 0.4 * k["male"], 0.28),
           "bend of the brows"),
    Factor("nose_length", "person", 0.82, 1.2, "ratio", normal(1.0, 0.06), "length of the nose"),
    Factor("nose_width", "person", 0.7, 1.5,
           "ratio", normal(lambda k: 0.92 + 0.1 * k["male"] + 0.22 * k["skin"], 0.1),
           "width of the nose"),
    Factor("nose_height", "person", 0.5, 1.6, "ratio", normal(1.0, 0.2), "how far it stands out"),
    Factor("mouth_width", "person", 0.8, 1.25, "ratio", normal(1.0, 0.07), "width of the mouth"),
    Factor("mouth_height", "person", -3, 3, "px", normal(0, 1.1), "mouth lower"),
    Factor("lip_fullness", "person", 0.5, 1.8,
           "ratio", normal(lambda k: 1.0 - 0.2 * k["male"] + 0.35 * k["skin"], 0.2),
           "thickness of the lips"),
    Factor("ear_size", "person", 0.75, 1.3, "ratio", normal(1.0, 0.1), "size of the ears"),
    # hair
    Factor("hair_shade", "person", 0, 1, "share", normal(lambda k: 0.66 - 0.72 * k["skin"], 0.28),
           "from black to blond"),
    Factor("hair_red", "person", 0, 1, "share", skewed(1.0, 3.0, 0, 1), "copper in it"),
    Factor("hair_grey", "person", 0, 1, "share", normal(lambda k: -0.25 + 0.03 * _years_past(k, 38), 0.2),
           "greyness"),
    Factor("baldness", "person", 0, 1, "share",
           normal(lambda k: k["male"] * (0.0 + 0.012 * _years_past(k, 25)) - 0.5 * _woman(k), 0.24),
           "hairline from low to gone"),
    Factor("hair_length", "habit", 0, 1, "share", normal(lambda k: 0.68 - 0.6 * k["male"], 0.2),
           "from short to long"),
    Factor("hair_volume", "habit", 0, 1, "share", normal(lambda k: 0.5 - 0.12 * k["male"], 0.25),
           "thickness of the hair"),
    Factor("hair_wave", "habit", 0, 1, "share", normal(lambda k: 0.35 + 0.2 * k["skin"], 0.26),
           "from straight to curly"),
    Factor("bangs", "habit", 0, 1, "share", sometimes(lambda k: 0.1 + 0.14 * _woman(k), 0.4, 1),
           "fringe on the brow"),
    Factor("parting", "habit", -1, 1, "share", normal(0, 0.5), "where the hair parts, + to the right"),
    Factor("strands", "habit", 0, 1, "turn", uniform(0, 1), "which strands are light and dark"),
    # beard
    Factor("stubble", "habit", 0, 1, "share", sometimes(lambda k: 0.3 * k["male"], 0.4, 1),
           "five o'clock shadow"),
    Factor("moustache", "habit", 0, 1, "share", sometimes(lambda k: 0.10 * k["male"], 0.5, 1),
           "hair on the upper lip"),
    Factor("goatee", "habit", 0, 1,
           "share", sometimes(lambda k: (0.08 + 0.6 * (k["moustache"] > 0)) * k["male"], 0.5, 1),
           "hair on the chin"),
    Factor("sideburns", "habit", 0, 1, "share", sometimes(lambda k: 0.10 * k["male"], 0.5, 1),
           "hair before the ears"),
    Factor("beard", "habit", 0, 1,
           "share", sometimes(lambda k: (0.05 + 0.2 * (k["goatee"] > 0)) * k["male"], 0.5, 1),
           "full beard along the jaw"),
    # what is worn
    Factor("makeup", "habit", 0, 1, "share", normal(lambda k: 0.58 * _woman(k) - 0.3 * k["male"], 0.26),
           "eyes made up"),
    Factor("lipstick", "habit", 0, 1,
           "share", normal(lambda k: 0.25 * _woman(k) + 0.65 * k["makeup"] - 0.3 * k["male"], 0.2),
           "strength of the lipstick"),
    Factor("lip_hue", "habit", -1, 1, "share", normal(0, 0.5), "lipstick from coral to plum"),
    Factor("blush", "habit", 0, 1, "share", normal(lambda k: 0.15 + 0.25 * k["makeup"], 0.2),
           "redness of the cheeks"),
    Factor("glasses", "habit", 0, 1, "yes/no", chance(lambda k: 0.035 + 0.004 * _years_past(k, 35)),
           "glasses on"),
    Factor("glasses_size", "habit", 0.8, 1.25, "ratio", normal(1.0, 0.1), "size of the lenses"),
    Factor("glasses_tint", "habit", 0, 1, "share", sometimes(0.2, 0.5, 1), "darkness of the lenses"),
    Factor("hat", "habit", 0, 1, "yes/no", chance(lambda k: 0.04 + 0.03 * k["male"]), "hat on"),
    Factor("hat_brim", "habit", 0, 1, "share", uniform(0, 1), "from a knitted cap to a wide brim"),
    Factor("hat_hue", "habit", 0, 1, "turn", uniform(0, 1), "colour of the hat"),
    Factor("earrings", "habit", 0, 1, "share", sometimes(lambda k: 0.02 + 0.38 * _woman(k), 0.4, 1),
           "size of the earrings"),
    Factor("necklace", "habit", 0, 1, "share", sometimes(lambda k: 0.02 + 0.21 * _woman(k), 0.4, 1),
           "size of the beads"),
    Factor("necktie", "habit", 0, 1, "yes/no", chance(lambda k: 0.16 * k["male"]), "shirt, jacket and tie"),
    Factor("clothes_hue", "habit", 0, 1, "turn", uniform(0, 1), "colour of the clothes"),
    Factor("clothes_light", "habit", 0.1, 0.9, "share", uniform(0.1, 0.9), "lightness of the clothes"),
    Factor("neckline", "habit", 0, 1, "share", normal(lambda k: 0.25 + 0.35 * _woman(k), 0.22),
           "depth of the neckline"),
    # pose
    Factor("yaw", "image", -0.55, 0.55, "rad", normal(0, 0.22), "head turned, + to the picture's right"),
    Factor("pitch", "image", -0.3, 0.3, "rad", normal(0, 0.1), "head tilted, + downwards"),
    Factor("roll", "image", -0.16, 0.16, "rad", normal(0, 0.05), "head leaning, + clockwise"),
    Factor("shift_x", "image", -4, 4, "px", normal(0, 1.2), "face to the right"),
    Factor("shift_y", "image", -4, 4, "px", normal(0, 1.2), "face lower"),
    Factor("scale", "image", 0.9, 1.1, "ratio", normal(1.0, 0.035), "size of the head"),
    # expression
    Factor("smile", "image", -0.4, 1, "share", normal(0.36, 0.36), "corners of the mouth up"),
    Factor("mouth_open", "image", 0, 1, "share", normal(lambda k: 0.02 + 0.4 * k["smile"], 0.24),
           "opening of the mouth"),
    Factor("eyes_closed", "image", 0, 1, "share", normal(lambda k: -0.1 + 0.3 * k["smile"], 0.17),
           "lids lowered"),
    Factor("gaze", "image", -1, 1, "share", normal(lambda k: -0.6 * k["yaw"], 0.3),
           "eyes looking, + to the right"),
    Factor("brow_raise", "image", -1, 1, "share", normal(0, 0.35), "brows raised"),
    # backdrop
    Factor("back_hue", "image", 0, 1, "turn", uniform(0, 1), "hue of the backdrop"),
    Factor("back_saturation", "image", 0, 1, "share", skewed(1.3, 1.5, 0, 1),
           "colourfulness of the backdrop"),
    Factor("back_light", "image", 0.08, 0.92, "share", skewed(1.9, 1.9, 0.08, 0.92),
           "lightness of the backdrop"),
    Factor("back_turn", "image", -0.5, 0.5, "turn", normal(0, 0.2),
           "hue of its far end against the near one"),
    Factor("back_contrast", "image", -0.5, 0.5, "share", normal(0, 0.32),
           "lightness of its far end against the near one"),
    Factor("back_angle", "image", 0, 1, "turn", uniform(0, 1), "direction of its gradient"),
    Factor("back_texture", "image", 0, 1, "share", skewed(1.0, 1.6, 0, 1), "strength of its soft lights"),
    Factor("back_place", "image", 0, 1, "turn", uniform(0, 1), "where the soft lights stand"),
    Factor("back_window", "image", -1, 1, "share", normal(0, 0.42), "an upright band, from dark to bright"),
    Factor("back_window_place", "image", 0, 1, "share", uniform(0, 1), "where that band stands"),
    # light and camera
    Factor("light_side", "image", -1, 1, "share", normal(0, 0.5), "where the light stands, + at the right"),
    Factor("light_height", "image", -0.2, 1, "share", normal(0.5, 0.22), "where the light stands, + above"),
    Factor("light_strength", "image", 0.2, 1, "share", normal(0.62, 0.18), "directed against ambient light"),
    Factor("light_warmth", "image", -1, 1, "share", normal(0.1, 0.42), "from bluish to golden"),
    Factor("exposure", "image", -0.4, 0.4, "stops", normal(0, 0.13), "brightness of the whole picture"),
    Factor("blur", "image", 0, 3, "px", sometimes(0.07, 1.0, 3.0), "unsharpness (standard deviation)"),
)
# fmt: on

FACTORS: tuple[str, ...] = tuple(factor.name for factor in TABLE)


def _draw(generator: np.random.Generator, keep: Callable[[Factor], bool], person: Known) -> dict[str, float]:
    row: dict[str, float] = {}
    for factor in TABLE:
        if keep(factor):
            row[factor.name] = person[factor.name]
        else:
            row[factor.name] = float(min(max(factor.rule(generator, row), factor.low), factor.high))
    return row


def identity_of(seed: int, index: int) -> int:
    """The identity (counted from 1) shown by image `index` (counted from 0)."""
    block = index // BLOCK
    shares = np.random.default_rng([seed, 1, block]).dirichlet(np.full(PEOPLE, 2.0))
    place = np.random.default_rng([seed, 2, index]).random()
    return block * PEOPLE + min(int(np.searchsorted(np.cumsum(shares), place)), PEOPLE - 1) + 1


def sample_row(seed: int, index: int) -> dict[str, float]:
    """The factors of image `index` (counted from 0), by name, in the order of FACTORS."""
    identity = identity_of(seed, index)
    person = _draw(np.random.default_rng([seed, 3, identity]), lambda factor: False, {})
    generator = np.random.default_rng([seed, 4, index])

    def keep(factor: Factor) -> bool:
        return factor.scope == "person" or (factor.scope == "habit" and generator.random() < KEEP)

    return _draw(generator, keep, person)


def sample_rows(seed: int, first: int, last: int) -> np.ndarray:
    """Factors of images first ... last - 1: float32 (last - first, len(FACTORS))."""
    rows = [list(sample_row(seed, index).values()) for index in range(first, last)]
    return np.array(rows, dtype=np.float32).reshape(last - first, len(FACTORS))
