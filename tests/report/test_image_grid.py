"""Pictures appear pixel for pixel, in order, the same columns in every block."""

import numpy as np
import pytest
from PIL import Image

from zpoints.report.figures.image_grid import blocks, montage
from zpoints.report.style import WIDTH, save


@pytest.mark.parametrize(("count", "size"), [(1, 8), (4, 16), (10, 96), (20, 64), (23, 16)])
def test_pictures_are_zoomed_pixel_for_pixel(tmp_path, count, size):
    rng = np.random.default_rng(count)
    pictures = [(name, rng.integers(0, 256, (count, size, size, 3), np.uint8)) for name in ("a", "b")]
    save(blocks(pictures, {"a": "#ff0000"}, rows=2), tmp_path / "grid.png")
    pixels = np.asarray(Image.open(tmp_path / "grid.png").convert("RGB"))
    columns = min(count, 10)
    zoom = -(-900 // (columns * size))
    pitch = (size + 2) * zoom
    assert pixels.shape[1] == columns * pitch - 2 * zoom
    block = pixels.shape[0] // 2
    lines = min(-(-count // columns), 2)
    label = block - lines * pitch + 2 * zoom
    for number, (_, images) in enumerate(pictures):
        for place, image in enumerate(images[: 2 * columns]):
            row, column = divmod(place, columns)
            top, left = number * block + label + row * pitch, column * pitch
            np.testing.assert_array_equal(
                pixels[top : top + size * zoom : zoom, left : left + size * zoom : zoom], image
            )


def test_grid_is_as_wide_as_all_figures():
    figure = blocks([("a", np.zeros((3, 8, 8, 3), np.uint8))], {}, rows=1)
    assert figure.get_size_inches()[0] == pytest.approx(WIDTH)


def test_last_row_may_be_short():
    images = np.zeros((3, 2, 2, 3), np.uint8)
    canvas = montage(images, columns=2, zoom=1)
    assert canvas.shape == (6, 6, 3)
    assert canvas[4:, :2].max() == 0 and canvas[4:, 2:].min() == 255


def test_label_is_no_formula():
    figure = blocks([(r"$\frac{$", np.zeros((3, 8, 8, 3), np.uint8))], {}, rows=1)
    figure.canvas.draw()
    assert figure.texts[0].get_text() == r"$\frac{$"
