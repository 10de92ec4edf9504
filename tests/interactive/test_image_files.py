"""Sheets, strips and animations hold what was decoded, in a format that the suffix names."""

import numpy as np
import pytest
from PIL import Image, ImageSequence

from zpoints.errors import UserError
from zpoints.interactive import image_files
from zpoints.interactive.image_files import check_out, write_animation, write_sheet, write_strip

FACES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)
WRITERS = (
    lambda path: write_sheet(path, FACES, 5, 1),
    lambda path: write_strip(path, FACES, ["a"] * 5, 1),
    lambda path: write_animation(path, FACES, 9, 1),
)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("suffix", [".png", ".webp", ".PNG"])
def test_sheet_holds_every_image_pixel_for_pixel(tmp_path, suffix):
    path = tmp_path / f"sheet{suffix}"
    assert write_sheet(path, FACES, columns=3, zoom=2) == f"{path}: 5 images, 56 x 36 pixels"
    sheet = pixels(path)
    assert sheet.shape == (2 * 20 - 4, 3 * 20 - 4, 3)
    for index, face in enumerate(FACES):
        top, left = (20 * part for part in divmod(index, 3))
        np.testing.assert_array_equal(sheet[top : top + 16, left : left + 16], face.repeat(2, 0).repeat(2, 1))
    assert (sheet[-16:, -16:] == 255).all() and (sheet[16:20] == 255).all()


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_strip_has_a_label_above_each_image(tmp_path, suffix):
    path = tmp_path / f"strip{suffix}"
    labels = ["a", "Wearing_Necktie +2\nMale -1", "reconstruction", "", "b"]
    line = write_strip(path, FACES, labels, zoom=2)
    strip = pixels(path)
    height, width = strip.shape[:2]
    assert line == f"{path}: 5 images, {width} x {height} pixels"
    pitch, header = (width + 4) // 5, height - 16
    assert pitch > 60 and header > 20  # the widest label and two lines
    for index, (face, label) in enumerate(zip(FACES, labels, strict=True)):
        cell = strip[:, index * pitch : (index + 1) * pitch]
        np.testing.assert_array_equal(cell[header:, :16], face.repeat(2, 0).repeat(2, 1))
        assert (cell[:header] < 128).any() == bool(label)
        assert (cell[:header, -4:] == 255).all()  # no label reaches the next image


def test_label_grows_with_the_images(tmp_path):
    heights = []
    for zoom in (1, 40):
        write_strip(tmp_path / "a.png", FACES, ["A"] * 5, zoom)
        heights.append(len(pixels(tmp_path / "a.png")) - 8 * zoom)
    assert heights[1] > 2 * heights[0]


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_animation_runs_forwards_and_back(tmp_path, suffix):
    path = tmp_path / f"morph{suffix}"
    flat = np.broadcast_to(np.arange(0, 250, 50, dtype=np.uint8)[:, None, None, None], (5, 8, 8, 3))
    assert write_animation(path, flat, 120, zoom=2) == f"{path}: 5 images, 16 x 16 pixels"
    with Image.open(path) as image:
        shown, duration, loop = [], [], image.info["loop"]
        for frame in ImageSequence.Iterator(image):
            shown.append(np.asarray(frame.convert("RGB"))[0, 0, 0])
            duration.append(frame.info["duration"])
    np.testing.assert_allclose(shown, [0, 50, 100, 150, 200, 150, 100, 50], atol=1)
    assert image.size == (16, 16) and loop == 0 and set(duration) == {120}


def test_webp_animation_is_lossless(tmp_path):
    write_animation(tmp_path / "a.webp", FACES, 100, zoom=1)
    with Image.open(tmp_path / "a.webp") as image:
        for face, frame in zip(FACES, ImageSequence.Iterator(image), strict=False):
            np.testing.assert_array_equal(np.asarray(frame.convert("RGB")), face)


def test_two_images_make_an_animation(tmp_path):
    write_animation(tmp_path / "a.gif", FACES[:2], 100, zoom=1)
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 2


@pytest.mark.parametrize("write", WRITERS)
def test_unknown_suffix_writes_nothing(tmp_path, write):
    with pytest.raises(UserError, match=r"--out: expected a file that ends in \.\w+, \.webp, received .*x\.bmp"):
        write(tmp_path / "x.bmp")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", WRITERS)
def test_too_many_pixels_are_refused(tmp_path, monkeypatch, write):
    monkeypatch.setattr(image_files, "WEBP_EDGE", 7)
    with pytest.raises(UserError, match=r"x\.webp: expected at most 7 pixels across, received"):
        write(tmp_path / "x.webp")
    monkeypatch.setattr(image_files, "MAX_PIXELS", 99)
    with pytest.raises(UserError, match=r"expected at most 99 pixels, received (8 times 8 x 8|\d+ x \d+)"):
        write(tmp_path / ("x.gif" if write is WRITERS[2] else "x.png"))
    assert not list(tmp_path.iterdir())


def test_out_is_never_the_photograph(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "link.png").symlink_to("a.png")
    check_out(tmp_path / "b.png", (".png",), [tmp_path / "a.png", tmp_path / "none.png"])
    with pytest.raises(UserError, match="expected another file than the photograph"):
        check_out(tmp_path / "a.png", (".png",), [tmp_path / "link.png"])
