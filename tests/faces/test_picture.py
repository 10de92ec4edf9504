import io

import numpy as np
import pytest
from PIL import Image

from tests.faces_support import CROP, HEIGHT, WIDTH, jpeg
from zpoints.faces import picture
from zpoints.faces.picture import FILTERS, BadImage, face


def flat(colour, width=178, height=218):
    """Blocks of 8 pixels, so that JPEG keeps them: left half one colour, right half black."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, : width // 2] = colour
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=100, subsampling=0)
    return buffer.getvalue()


@pytest.mark.parametrize("name", FILTERS)
def test_a_face_has_the_size_asked_for_and_keeps_its_colours(name):
    pixels = face(flat((200, 100, 50)), (0, 20, 178, 198), 96, name)
    assert (pixels.shape, pixels.dtype) == ((96, 96, 3), np.uint8)
    np.testing.assert_allclose(pixels[:, :40].mean((0, 1)), (200, 100, 50), atol=3)
    np.testing.assert_allclose(pixels[:, 56:].mean((0, 1)), 0, atol=3)


def test_the_crop_box_of_the_right_size_is_copied_pixel_for_pixel():
    data = jpeg(1)
    whole = np.asarray(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(face(data, (5, 3, 15, 13), 10, "lanczos"), whole[3:13, 5:15])


def test_a_smaller_face_averages_over_what_its_pixels_cover():
    stripes = np.zeros((64, 64, 3), dtype=np.uint8)
    stripes[:, ::2] = 255  # finer than the target: without antialias all black or all white
    buffer = io.BytesIO()
    Image.fromarray(stripes).save(buffer, "JPEG", quality=100, subsampling=0)
    for name in FILTERS:
        inner = face(buffer.getvalue(), (0, 0, 64, 64), 16, name)[2:-2, 2:-2]
        np.testing.assert_allclose(inner, 127, atol=12)


def test_pixels_outside_the_crop_do_not_leak_in():
    inside = face(flat((200, 100, 50)), (0, 0, 80, 80), 16, "lanczos")
    np.testing.assert_allclose(inside.reshape(-1, 3).mean(0), (200, 100, 50), atol=2)
    assert inside.std(axis=(0, 1)).max() < 2


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colour_modes_become_rgb(mode):
    pixels = face(jpeg(1, mode=mode), CROP, 8, "lanczos")
    assert pixels.shape == (8, 8, 3)
    if mode == "L":
        assert (pixels[..., 0] == pixels[..., 1]).all()


@pytest.mark.parametrize("crop", [(0, 0, WIDTH + 1, 25), (0, HEIGHT - 5, 24, HEIGHT + 1), (-1, 0, 20, 21)])
def test_a_crop_box_beyond_the_image_is_told(crop):
    with pytest.raises(BadImage, match=r"crop box \[.*\] does not lie inside the image of 24 x 30 pixels"):
        face(jpeg(1), crop, 8, "lanczos")


def test_damaged_bytes_are_a_bad_image_and_nothing_else():
    data = jpeg(1)
    rng = np.random.default_rng(0)
    bad = 0
    for _ in range(300):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 4):
            broken[place] = rng.integers(256)
        try:
            assert face(bytes(broken), CROP, 8, "lanczos").shape == (8, 8, 3)
        except BadImage:
            bad += 1
    assert bad > 30


@pytest.mark.parametrize("data", [b"", b"no image", jpeg(1)[:100], jpeg(1)[:-200]])
def test_truncated_bytes_are_a_bad_image(data):
    with pytest.raises(BadImage):
        face(data, CROP, 8, "lanczos")


def test_another_format_is_refused():
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(buffer, "PNG")
    with pytest.raises(BadImage, match="not a JPEG"):
        face(buffer.getvalue(), CROP, 8, "lanczos")


@pytest.mark.parametrize("edge", [5000, 12000, 60000])
def test_an_image_that_claims_to_be_huge_is_refused_before_it_is_decoded(monkeypatch, edge):
    data = bytearray(jpeg(1))
    frame = data.index(b"\xff\xc0")  # the start of the frame: length (2), precision (1), height (2), width (2)
    data[frame + 5 : frame + 9] = edge.to_bytes(2, "big") * 2
    monkeypatch.setattr(picture.Image.Image, "resize", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(BadImage, match="expected at most 16777216 pixels"):
        face(bytes(data), CROP, 8, "lanczos")
