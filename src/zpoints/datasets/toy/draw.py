"""Draw a toy face from its factors: parts are laid over one another from the backdrop to the hat."""

from collections.abc import Mapping

import numpy as np

from zpoints.datasets.toy import features, hair, head, scene, wear
from zpoints.datasets.toy.anatomy import Anatomy
from zpoints.datasets.toy.canvas import Canvas


def draw_face(factors: Mapping[str, float]) -> np.ndarray:
    """The picture of a row of factors: uint8 (218, 178, 3), RGB, aligned as CelebA's.

    `factors` holds a value for each name of `factors.FACTORS`. Nothing but they decide the picture.
    """
    canvas = Canvas(factors["scale"], factors["roll"], factors["shift_x"], factors["shift_y"])
    body = Anatomy(factors)
    scene.draw_backdrop(canvas, body)
    hairdo = hair.Hairdo(canvas, body)
    hair.draw_back_hair(hairdo)
    head.draw_neck(canvas, body)
    wear.draw_necklace(canvas, body)
    wear.draw_clothes(canvas, body)
    head.draw_ears(canvas, body)
    head.draw_head(canvas, body)
    hair.draw_beard(canvas, body)
    features.draw_nose(canvas, body)
    features.draw_mouth(canvas, body)
    features.draw_eyes(canvas, body)
    features.draw_brows(canvas, body)
    hair.draw_front_hair(hairdo)
    wear.draw_earrings(canvas, body)
    wear.draw_glasses(canvas, body)
    wear.draw_hat(canvas, body)
    return scene.develop(canvas, body)
