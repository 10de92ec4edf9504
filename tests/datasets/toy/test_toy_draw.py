"""Pictures of toy faces: every factor shows, edges are smooth, and the eyes stand where CelebA has them."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest

from zpoints.datasets.toy.canvas import Canvas, cover, waves
from zpoints.datasets.toy.draw import draw_face
from zpoints.datasets.toy.factors import FACTORS, TABLE, sample_row

# everything that can be worn is off, and the picture is taken from the front in even light
PLAIN = {factor.name: min(max(0.0, factor.low), factor.high) for factor in TABLE} | {
    "age": 30.0, "face_width": 1.0, "face_length": 1.0, "forehead": 1.0, "eye_distance": 1.0,
    "eye_size": 1.0, "eye_opening": 1.0, "brow_thickness": 1.0, "nose_length": 1.0, "nose_width": 1.0,
    "nose_height": 1.0, "mouth_width": 1.0, "lip_fullness": 1.0, "ear_size": 1.0, "glasses_size": 1.0,
    "scale": 1.0, "skin": 0.2, "hair_shade": 0.3, "hair_volume": 0.5, "hair_wave": 0.4,
    "clothes_light": 0.6, "back_light": 0.6, "back_saturation": 0.5, "back_contrast": 0.3,
    "back_texture": 0.5, "light_height": 0.5, "light_strength": 0.6, "smile": 0.4, "mouth_open": 0.3,
    "neckline": 0.3, "fullness": 0.2,
}  # fmt: skip

# what has to be there before a factor can show
NEEDS = {
    "glasses_size": {"glasses": 1.0}, "glasses_tint": {"glasses": 1.0}, "hat_brim": {"hat": 1.0},
    "hat_hue": {"hat": 1.0}, "back_window_place": {"back_window": 0.8}, "lip_hue": {"lipstick": 1.0},
}  # fmt: skip


def test_a_picture_is_rgb_of_celeba_s_size():
    picture = draw_face(PLAIN)
    assert picture.shape == (218, 178, 3) and picture.dtype == np.uint8


@pytest.mark.parametrize("name", FACTORS)
def test_each_factor_moved_alone_changes_the_picture(name):
    factor = TABLE[FACTORS.index(name)]
    base = PLAIN | NEEDS.get(name, {})
    spread = factor.high - factor.low
    moved = base[name] + 0.6 * spread if base[name] + 0.6 * spread <= factor.high else base[name] - 0.6 * spread
    change = np.abs(_drawn(tuple(base.items())).astype(int) - draw_face(base | {name: max(moved, factor.low)}))
    assert (change.max(axis=2) > 8).sum() >= 12, "the change is hardly seen"
    assert np.isfinite(change).all()


@lru_cache(maxsize=8)
def _drawn(items: tuple[tuple[str, float], ...]) -> np.ndarray:
    return draw_face(dict(items))


def _extremes() -> Iterator[dict[str, float]]:
    yield {factor.name: factor.low for factor in TABLE}
    yield {factor.name: factor.high for factor in TABLE}
    yield from (sample_row(9, 7 * index) for index in range(20))


def test_faces_at_the_ends_of_all_ranges_are_drawn_without_a_warning():
    with np.errstate(all="raise", under="ignore"):
        for row in _extremes():
            assert draw_face(row).std() > 3


def test_drawing_is_done_in_single_precision():
    canvas = Canvas(1.0, 0.1, 0.0, 0.0)
    assert canvas.x.dtype == canvas.y.dtype == np.float32
    assert cover(canvas.x).dtype == waves(canvas.x, 3.0).dtype == np.float32


def test_coverage_passes_smoothly_from_inside_to_outside_over_one_pixel():
    canvas = Canvas(1.0, 0.0, 0.0, 0.0)
    disc = cover(canvas.x**2 + canvas.y**2 - 40.0**2)
    edge = (disc > 0) & (disc < 1)
    assert disc[110, 89] == 1 and disc[0, 0] == 0
    assert abs(disc.sum() - np.pi * 40.0**2) < 10
    assert 0.5 * 2 * np.pi * 40 < edge.sum() < 2.5 * 2 * np.pi * 40


def test_the_face_s_edge_takes_values_between_skin_and_backdrop():
    """Moving the head by a tenth of a pixel moves its edge by a part of a step, never by a whole pixel."""
    base = draw_face(PLAIN).astype(int)
    moved = draw_face(PLAIN | {"shift_x": 0.1}).astype(int)
    assert 0 < np.abs(base - moved).max() < 80


def _darkest(picture: np.ndarray, column: int, row: int, reach: int = 7) -> tuple[float, float]:
    """The centre of the dark pixels (pupil and iris) near a place."""
    patch = picture[row - reach : row + reach + 1, column - reach : column + reach + 1].mean(axis=2)
    rows, columns = np.nonzero(patch <= np.quantile(patch, 0.12))
    return columns.mean() - reach + column, rows.mean() - reach + row


def test_pupils_of_a_frontal_face_stand_where_celeba_has_them():
    picture = draw_face(PLAIN)
    for column, row in ((70, 110), (109, 110)):
        x, y = _darkest(picture, column, row)
        assert abs(x - column) < 2.5 and abs(y - row) < 4


def test_the_same_factors_give_the_same_picture():
    row = sample_row(3, 40)
    np.testing.assert_array_equal(draw_face(row), draw_face(dict(row)))


def test_light_from_the_right_brightens_the_right_cheek():
    right, left = (draw_face(PLAIN | {"light_side": side})[125:150].mean(axis=(0, 2)) for side in (0.8, -0.8))
    assert right[110:120].mean() > left[110:120].mean() + 5
    assert left[60:70].mean() > right[60:70].mean() + 5
