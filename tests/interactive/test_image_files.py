"""Sheets and animations: what is written is what was decoded, under a name that tells the format."""

import numpy as np
import pytest
from PIL import Image, ImageSequence

from zpoints.errors import UserError
from zpoints.interactive import image_files as pictures
from zpoints.interactive.image_files import write_animation
from zpoints.interactive.image_files import write_sheet

WRITERS = (lambda path: write_sheet(path, FACES, 5, 1), lambda path: write_animation(path, FACES, 9, 1))
FACES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".PNG"])
def test_a_sheet_holds_every_picture_pixel_for_pixel(tmp_path, suffix):
    path = tmp_path / f"sheet{suffix}"
    write_sheet(path, FACES, columns=3, zoom=2)
    with Image.open(path) as image:
        sheet = np.asarray(image.convert("RGB"))
    assert sheet.shape == (2 * 20 - 4, 3 * 20 - 4, 3)
    for place, face in enumerate(FACES):
        top, left = (20 * part for part in divmod(place, 3))
        np.testing.assert_array_equal(sheet[top : top + 16 : 2, left : left + 16 : 2], face)
    assert (sheet[-16:, -16:] == 255).all()


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_an_animation_goes_there_and_back_without_end(tmp_path, suffix):
    path = tmp_path / f"morph{suffix}"
    flat = np.broadcast_to(np.arange(0, 250, 50, dtype=np.uint8)[:, None, None, None], (5, 8, 8, 3))
    write_animation(path, flat, 120, zoom=2)
    with Image.open(path) as image:
        shown, duration, loop = [], [], image.info["loop"]
        for frame in ImageSequence.Iterator(image):
            shown.append(np.asarray(frame.convert("RGB"))[0, 0, 0])
            duration.append(frame.info["duration"])
    np.testing.assert_allclose(shown, [0, 50, 100, 150, 200, 150, 100, 50], atol=1)
    assert image.size == (16, 16) and loop == 0 and set(duration) == {120}


def test_a_webp_animation_loses_nothing(tmp_path):
    write_animation(tmp_path / "a.webp", FACES, 100, zoom=1)
    with Image.open(tmp_path / "a.webp") as image:
        for face, frame in zip(FACES, ImageSequence.Iterator(image), strict=False):
            np.testing.assert_array_equal(np.asarray(frame.convert("RGB")), face)


def test_two_pictures_are_an_animation_too(tmp_path):
    write_animation(tmp_path / "a.gif", FACES[:2], 100, zoom=1)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 2


@pytest.mark.parametrize("write", WRITERS)
def test_an_unknown_suffix_names_the_known_ones_and_writes_nothing(tmp_path, write):
    with pytest.raises(UserError, match=r"--out: expected a file that ends in \.\w+, \.webp, received .*x\.bmp"):
        write(tmp_path / "x.bmp")
    assert not list(tmp_path.iterdir())


def test_a_sheet_that_no_format_holds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "WEBP_EDGE", 30)
    with pytest.raises(UserError, match="at most 30 pixels across"):
        write_sheet(tmp_path / "x.webp", FACES, 5, 1)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 30)
    with pytest.raises(UserError, match="received a sheet of 50 x 10"):
        write_sheet(tmp_path / "x.png", FACES, 5, 1)
