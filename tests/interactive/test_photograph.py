"""A photograph from anywhere is cropped like the training images, upright, in RGB, or refused in one line."""

import os

import numpy as np
import pytest
from PIL import Image

from zpoints.datasets.picture import FILTERS, face
from zpoints.errors import UserError
from zpoints.interactive import photograph
from zpoints.interactive.photograph import read_photograph
from zpoints.interactive.placing import box_in

ORIENTATION = 0x0112  # of EXIF
CELEBA = (178, 218)
CENTRAL = (0, 20, 178, 198)
TIGHT = (39, 60, 139, 160)


def gradient(width, height):
    """Red rises from left to right, green from top to bottom, so that a crop tells where it was taken."""
    y, x = np.mgrid[0 : 255 : height * 1j, 0 : 255 : width * 1j]
    return Image.fromarray(np.rint(np.stack([x, y, np.full_like(x, 9)], axis=-1)).astype(np.uint8))


def saved(path, image, **options):
    image.save(path, **options)
    return path


def test_training_size_gives_the_same_pixels_as_prepare(tmp_path):
    path = saved(tmp_path / "a.png", gradient(*CELEBA))
    pixels = read_photograph(path, TIGHT, 24, "bicubic", "celeba")
    np.testing.assert_array_equal(pixels, face(path.read_bytes(), TIGHT, 24, "bicubic"))


@pytest.mark.parametrize("scale", [0.5, 2, 3.7])
def test_box_grows_with_the_image(scale):
    box = box_in(TIGHT, (round(178 * scale), round(218 * scale)), CELEBA)
    np.testing.assert_allclose(box, np.multiply(TIGHT, scale), atol=1.01)


def test_other_proportions_are_cropped_in_the_middle():
    assert box_in(CENTRAL, (1000, 436), CELEBA) == (322, 40, 678, 396)
    assert box_in(CENTRAL, (356, 1000), CELEBA) == (0, 322, 356, 678)
    assert box_in(TIGHT, (356, 1000), CELEBA) == (78, 402, 278, 602)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (177, 218), (178, 219), (999, 3)])
@pytest.mark.parametrize("crop", [CENTRAL, TIGHT, (0, 0, 10, 10), (168, 208, 178, 218)])
def test_box_is_square_and_inside_for_any_size(size, crop):
    left, top, right, bottom = box_in(crop, size, CELEBA)
    assert right - left == bottom - top > 0
    assert 0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]


def test_no_crop_is_the_central_square(tmp_path):
    path = saved(tmp_path / "a.png", gradient(300, 200))
    data = path.read_bytes()
    np.testing.assert_array_equal(
        read_photograph(path, None, 16, "box", "celeba"), face(data, (50, 0, 250, 200), 16, "box")
    )
    pixels = read_photograph(path, (0, 0, 20, 20), 16, "box", "folder")
    np.testing.assert_array_equal(pixels, face(data, (0, 0, 20, 20), 16, "box"))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_orientation_is_applied_before_the_crop(tmp_path, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright = gradient(400, 300)
    turns = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = upright if turns[orientation] is None else upright.transpose(turns[orientation])
    pixels = read_photograph(saved(tmp_path / "a.png", stored, exif=exif), TIGHT, 16, "box", "celeba")
    expected = read_photograph(saved(tmp_path / "b.png", upright), TIGHT, 16, "box", "celeba")
    np.testing.assert_array_equal(pixels, expected)


def test_cmyk_and_animations_are_read(tmp_path):
    read_photograph(saved(tmp_path / "a.jpg", gradient(*CELEBA).convert("CMYK")), CENTRAL, 16, "box", "celeba")
    frames = [gradient(*CELEBA), Image.new("RGB", CELEBA)]
    path = saved(tmp_path / "a.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
    pixels = read_photograph(path, CENTRAL, 16, "box", "celeba")
    np.testing.assert_array_equal(
        pixels, read_photograph(saved(tmp_path / "b.png", frames[0]), CENTRAL, 16, "box", "toy")
    )


def test_one_pixel_becomes_a_flat_image(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("RGB", (1, 1), (1, 2, 3)))
    assert (read_photograph(path, TIGHT, 16, "lanczos", "celeba") == [1, 2, 3]).all()


def message(path, crop=None, source="celeba"):
    with pytest.raises(UserError) as raised:
        read_photograph(path, crop, 16, "box", source)
    assert "\n" not in str(raised.value) and str(path) in str(raised.value)
    return str(raised.value)


def test_unusable_image_is_one_line(tmp_path):
    text = tmp_path / "text.jpg"
    text.write_text("no image")
    assert "not a JPEG, PNG or WebP image" in message(text)
    (tmp_path / "empty.jpg").touch()
    assert "an empty file" in message(tmp_path / "empty.jpg")
    whole = saved(tmp_path / "a.png", gradient(*CELEBA)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert "undecodable" in message(tmp_path / "cut.png")
    assert "does not lie inside" in message(tmp_path / "a.png", (0, 0, 999, 999), "folder")


def test_what_is_no_file_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "fifo.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("folder.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert "received a pipe or a device" in message(tmp_path / "fifo.png")
    assert "received a folder" in message(tmp_path / "folder.png")
    assert "received a folder" in message(tmp_path / "link.png")
    assert "received: Too many levels" in message(tmp_path / "loop.png")
    assert "received no such file" in message(tmp_path / "none.png")
    (tmp_path / "text").touch()
    assert "received: Not a directory" in message(tmp_path / "text/a.png")


def test_large_image_is_refused_without_decoding(tmp_path, monkeypatch):
    for edge in (9_500, 14_000):  # between Pillow's warning and its error, and beyond
        Image.new("1", (edge, edge)).save(tmp_path / "bomb.png")
        assert f"expected at most {photograph.MAX_PIXELS} pixels" in message(tmp_path / "bomb.png")
    monkeypatch.setattr(photograph, "MAX_BYTES", 100)
    assert "of at most 100 bytes" in message(tmp_path / "bomb.png")


def test_photograph_of_a_phone_is_accepted(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("L", (5_000, 5_000), 200))
    assert (read_photograph(path, CENTRAL, 16, "box", "celeba") == 200).all()


def test_every_filter_is_accepted(tmp_path):
    path = saved(tmp_path / "a.png", gradient(*CELEBA))
    assert all(read_photograph(path, CENTRAL, 16, name, "toy").shape == (16, 16, 3) for name in FILTERS)
