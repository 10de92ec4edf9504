"""The 40 attributes of CelebA, derived from the factors of a toy face."""

from collections.abc import Callable, Mapping

import numpy as np

from zpoints.datasets.labels import ATTRIBUTES
from zpoints.datasets.toy.factors import FACTORS

Columns = Mapping[str, np.ndarray]


def _bald(f: Columns) -> np.ndarray:
    return f["baldness"] > 0.62


def _hair(f: Columns) -> np.ndarray:
    """Hair that has a colour of its own: neither bald nor grey."""
    return ~_bald(f) & (f["hair_grey"] <= 0.55)


def _reddish_or_dull(f: Columns) -> np.ndarray:
    """Shade as it is seen: copper darkens what would be blond."""
    return f["hair_shade"] - 0.25 * f["hair_red"] ** 1.5


def _beardless(f: Columns) -> np.ndarray:
    return np.max([f["stubble"], f["moustache"], f["goatee"], f["sideburns"], f["beard"]], axis=0) == 0


def _attractive(f: Columns) -> np.ndarray:
    """A rating as annotators gave it: youth, make-up, a smile and regular proportions."""
    odd = np.abs(f["face_width"] - 1) * 4 + np.abs(f["nose_width"] - 0.95) * 2 + np.abs(f["eye_distance"] - 1) * 4
    age = np.clip(f["age"] - 30, 0, None) * 0.035
    score = 0.5 * f["makeup"] + 0.4 * f["smile"] + 0.6 * f["cheekbones"] - f["fullness"] - odd - age
    return (score > -0.5) & (f["blur"] == 0)


RULES: dict[str, Callable[[Columns], np.ndarray]] = {
    "5_o_Clock_Shadow": lambda f: f["stubble"] > 0.5,
    "Arched_Eyebrows": lambda f: f["brow_arch"] > 0.75,
    "Attractive": _attractive,
    "Bags_Under_Eyes": lambda f: f["eye_bags"] > 0.42,
    "Bald": _bald,
    "Bangs": lambda f: (f["bangs"] > 0) & ~_bald(f) & (f["hat"] == 0),
    "Big_Lips": lambda f: f["lip_fullness"] > 1.2,
    "Big_Nose": lambda f: f["nose_width"] * f["nose_length"] > 1.12,
    "Black_Hair": lambda f: _hair(f) & (_reddish_or_dull(f) < 0.17),
    "Blond_Hair": lambda f: _hair(f) & (_reddish_or_dull(f) > 0.68),
    "Blurry": lambda f: f["blur"] > 0,
    "Brown_Hair": lambda f: _hair(f) & (_reddish_or_dull(f) >= 0.2) & (_reddish_or_dull(f) < 0.43),
    "Bushy_Eyebrows": lambda f: f["brow_thickness"] > 1.36,
    "Chubby": lambda f: f["fullness"] > 0.62,
    "Double_Chin": lambda f: f["fullness"] + 0.004 * (f["age"] - 40) > 0.66,
    "Eyeglasses": lambda f: f["glasses"] > 0,
    "Goatee": lambda f: f["goatee"] > 0,
    "Gray_Hair": lambda f: ~_bald(f) & (f["hair_grey"] > 0.55),
    "Heavy_Makeup": lambda f: f["makeup"] > 0.5,
    "High_Cheekbones": lambda f: f["cheekbones"] + 0.4 * f["smile"] > 0.66,
    "Male": lambda f: f["male"] > 0,
    "Mouth_Slightly_Open": lambda f: f["mouth_open"] > 0.15,
    "Mustache": lambda f: f["moustache"] > 0,
    "Narrow_Eyes": lambda f: f["eye_opening"] * (1 - f["eyes_closed"]) < 0.68,
    "No_Beard": _beardless,
    "Oval_Face": lambda f: (f["face_length"] > f["face_width"]) & (f["jaw"] < 0.5) & (f["fullness"] < 0.4),
    "Pale_Skin": lambda f: (f["skin"] < 0.035) & (f["blush"] < 0.5),
    "Pointy_Nose": lambda f: f["nose_height"] / f["nose_width"] > 1.12,
    "Receding_Hairline": lambda f: f["baldness"] > 0.42,
    "Rosy_Cheeks": lambda f: f["blush"] > 0.58,
    "Sideburns": lambda f: f["sideburns"] > 0,
    "Smiling": lambda f: f["smile"] > 0.38,
    "Straight_Hair": lambda f: ~_bald(f) & (f["hair_wave"] < 0.24),
    "Wavy_Hair": lambda f: ~_bald(f) & (f["hair_wave"] > 0.5),
    "Wearing_Earrings": lambda f: f["earrings"] > 0,
    "Wearing_Hat": lambda f: f["hat"] > 0,
    "Wearing_Lipstick": lambda f: f["lipstick"] > 0.35,
    "Wearing_Necklace": lambda f: (f["necklace"] > 0) & (f["necktie"] == 0),
    "Wearing_Necktie": lambda f: f["necktie"] > 0,
    "Young": lambda f: f["age"] < 46,
}  # fmt: skip


def attributes(rows: np.ndarray) -> np.ndarray:
    """Attributes of rows of factors (n, len(FACTORS)): int8 (n, 40), 0 or 1, in the order of ATTRIBUTES."""
    columns = dict(zip(FACTORS, rows.T, strict=True))
    return np.stack([RULES[name](columns) for name in ATTRIBUTES], axis=1).astype(np.int8)
