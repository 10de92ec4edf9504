"""A picture from anywhere becomes what the model knows: the same box of it, upright, in RGB, or one line of error."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from zpoints.errors import UserError
from zpoints.datasets.picture import FILTERS, face
from zpoints.interactive import photograph
from zpoints.interactive.photograph import ORIENTATION, box_in, read_photograph

CELEBA = (178, 218)
CENTRAL = (0, 20, 178, 198)
TIGHT = (39, 60, 139, 160)


def picture(width, height):
    """Red rises from left to right, green from top to bottom, so that a crop tells where it was taken."""
    y, x = np.mgrid[0 : 255 : height * 1j, 0 : 255 : width * 1j]
    return Image.fromarray(np.rint(np.stack([x, y, np.full_like(x, 9)], axis=-1)).astype(np.uint8))


def kept(path, image, **options):
    image.save(path, **options)
    return path


def test_a_picture_of_the_training_images_size_gives_up_the_very_pixels_that_they_did(tmp_path):
    path = kept(tmp_path / "a.png", picture(*CELEBA))
    found = read_photograph(path, TIGHT, 24, "bicubic", "celeba")
    np.testing.assert_array_equal(found, face(path.read_bytes(), TIGHT, 24, "bicubic"))


@pytest.mark.parametrize("scale", [0.5, 2, 3.7])
def test_the_box_grows_with_the_picture(scale):
    box = box_in(TIGHT, (round(178 * scale), round(218 * scale)), CELEBA)
    np.testing.assert_allclose(box, np.multiply(TIGHT, scale), atol=1.01)


def test_a_picture_of_other_proportions_is_seen_in_its_middle():
    assert box_in(CENTRAL, (1000, 436), CELEBA) == (322, 40, 678, 396)
    assert box_in(CENTRAL, (356, 1000), CELEBA) == (0, 322, 356, 678)
    assert box_in(TIGHT, (356, 1000), CELEBA) == (78, 402, 278, 602)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (177, 218), (178, 219), (999, 3)])
@pytest.mark.parametrize("crop", [CENTRAL, TIGHT, (0, 0, 10, 10), (168, 208, 178, 218)])
def test_a_box_is_square_and_inside_whatever_the_size(size, crop):
    left, top, right, bottom = box_in(crop, size, CELEBA)
    assert right - left == bottom - top > 0
    assert 0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]


def test_without_a_crop_it_is_the_central_square_and_your_own_images_are_cropped_in_pixels(tmp_path):
    path = kept(tmp_path / "a.png", picture(300, 200))
    data = path.read_bytes()
    np.testing.assert_array_equal(
        read_photograph(path, None, 16, "box", "celeba"), face(data, (50, 0, 250, 200), 16, "box")
    )
    found = read_photograph(path, (0, 0, 20, 20), 16, "box", "folder")
    np.testing.assert_array_equal(found, face(data, (0, 0, 20, 20), 16, "box"))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_photograph_is_set_upright_before_it_is_cropped(tmp_path, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright = picture(400, 300)
    turns = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = upright if turns[orientation] is None else upright.transpose(turns[orientation])
    found = read_photograph(kept(tmp_path / "a.png", stored, exif=exif), TIGHT, 16, "box", "celeba")
    expected = read_photograph(kept(tmp_path / "b.png", upright), TIGHT, 16, "box", "celeba")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "I;16"])
def test_any_mode_becomes_rgb(tmp_path, mode):
    image = picture(*CELEBA)
    stored = image.convert("L").convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
    found = read_photograph(kept(tmp_path / "a.png", stored), CENTRAL, 16, "lanczos", "celeba")
    assert found.shape == (16, 16, 3) and found.dtype == np.uint8


def message(path, crop=None, source="celeba"):
    with pytest.raises(UserError) as raised:
        read_photograph(path, crop, 16, "box", source)
    assert "\n" not in str(raised.value) and str(path) in str(raised.value)
    return str(raised.value)


def test_a_file_that_cannot_be_read_is_one_line_that_names_it(tmp_path):
    assert "No such file" in message(tmp_path / "none.jpg")
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    assert "not a JPEG, PNG or WebP image" in message(text)
    whole = kept(tmp_path / "a.png", picture(*CELEBA)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert "undecodable" in message(tmp_path / "cut.png")
    assert "does not lie inside" in message(tmp_path / "a.png", (0, 0, 999, 999), "folder")


def test_what_is_too_large_is_not_even_decoded(tmp_path, monkeypatch):
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    (tmp_path / "bomb.png").write_bytes(bomb.getvalue())
    assert "pixels" in message(tmp_path / "bomb.png")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "large.png")
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        assert "expected at most" in message(tmp_path / "large.png")
    assert not given
    monkeypatch.setattr(photograph, "MAX_BYTES", 100)
    assert "expected at most 100 bytes" in message(tmp_path / "bomb.png")


def test_every_filter_of_the_params_will_do(tmp_path):
    path = kept(tmp_path / "a.png", picture(*CELEBA))
    assert all(read_photograph(path, CENTRAL, 16, name, "toy").shape == (16, 16, 3) for name in FILTERS)
