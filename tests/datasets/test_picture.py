import io

import numpy as np
import pytest
from PIL import Image

from tests.datasets_support import CROP, HEIGHT, WIDTH, jpeg
from zpoints.datasets import picture
from zpoints.datasets.picture import FILTERS, BadImage, face


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


def test_grey_becomes_rgb():
    pixels = face(jpeg(1, mode="L"), CROP, 8, "lanczos")
    assert pixels.shape == (8, 8, 3) and (pixels[..., 0] == pixels[..., 1]).all()


@pytest.mark.parametrize("crop", [(0, 0, WIDTH + 1, 25), (0, HEIGHT - 5, 24, HEIGHT + 1), (-1, 0, 20, 21)])
def test_a_crop_box_beyond_the_image_is_told(crop):
    with pytest.raises(BadImage, match=r"crop box \[.*\] does not lie inside the image of 24 x 30 pixels"):
        face(jpeg(1), crop, 8, "lanczos")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b"no image", "not a JPEG"),
        (jpeg(1)[:100], "not a JPEG|undecodable"),
        (jpeg(1)[:-200], "undecodable"),
    ],
)
def test_truncated_bytes_are_a_bad_image(data, reason):
    with pytest.raises(BadImage, match=reason):
        face(data, CROP, 8, "lanczos")


def test_another_format_is_refused():
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(buffer, "GIF")
    with pytest.raises(BadImage, match="not a JPEG, PNG or WebP image"):
        face(buffer.getvalue(), CROP, 8, "lanczos")


@pytest.mark.parametrize("edge", [5000, 12000, 60000])
def test_an_image_that_claims_to_be_huge_is_refused_before_it_is_decoded(monkeypatch, edge):
    data = bytearray(jpeg(1))
    frame = data.index(b"\xff\xc0")  # the start of the frame: length (2), precision (1), height (2), width (2)
    data[frame + 5 : frame + 9] = edge.to_bytes(2, "big") * 2
    monkeypatch.setattr(picture.Image.Image, "resize", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(BadImage, match="expected at most 16777216 pixels"):
        face(bytes(data), CROP, 8, "lanczos")


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def gradient(width=40, height=30):
    """Every pixel can be told from the others: red to the right, green downwards."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[..., 0], pixels[..., 1] = np.linspace(0, 250, width), np.linspace(0, 250, height)[:, None]
    return Image.fromarray(pixels)


@pytest.mark.parametrize(("width", "height"), [(178, 218), (41, 30), (30, 41), (32, 32)])
def test_without_a_box_the_central_square_is_taken(width, height):
    data = saved(gradient(width, height), "PNG")
    left, top, right, bottom = picture.central_square(width, height)
    assert right - left == bottom - top == min(width, height)
    assert abs(left - (width - right)) <= 1 and abs(top - (height - bottom)) <= 1
    boxed = face(data, (left, top, right, bottom), 16, "lanczos")
    np.testing.assert_array_equal(face(data, None, 16, "lanczos"), boxed)


def test_the_central_square_of_celeba_is_the_box_of_its_faces():
    assert picture.central_square(178, 218) == (0, 20, 178, 198)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_png_and_webp_keep_their_very_pixels(kind):
    image = gradient(16, 16)
    data = saved(image, kind, **({"lossless": True} if kind == "WEBP" else {}))
    np.testing.assert_array_equal(face(data, None, 16, "lanczos"), np.asarray(image))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_turned_as_its_camera_was_held(orientation, kind):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = gradient()
    held = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = face(saved(held, kind, exif=exif, quality=95), (0, 0, 30, 30), 30, "lanczos")
    wanted = np.asarray(upright)[:30, :30]
    assert np.abs(found.astype(int) - wanted)[..., :2].mean() < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("entry", ["0112000300000002", "0112000300010001", "0112000300000100", "ffff", ""])
def test_an_image_whose_exif_is_damaged_is_used_without_a_word(kind, entry):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + bytes.fromhex(entry) + bytes(6)
    data = saved(gradient(), kind, exif=exif)
    assert face(data, None, 8, "lanczos").shape == (8, 8, 3)  # a warning is an error here


def test_the_crop_box_is_held_against_the_turned_image():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(gradient(40, 30), "JPEG", exif=exif)
    assert face(data, (0, 0, 30, 30), 8, "lanczos").shape == (8, 8, 3)
    with pytest.raises(BadImage, match="does not lie inside the image of 30 x 40 pixels"):
        face(data, (0, 0, 40, 40), 8, "lanczos")


def test_16_bits_become_8_and_do_not_turn_white():
    values = np.linspace(0, 65535, 256).round().astype(np.uint16)
    grey = Image.fromarray(np.repeat(values[None], 256, axis=0))
    assert grey.mode == "I;16"
    found = face(saved(grey, "PNG"), None, 256, "lanczos")
    np.testing.assert_array_equal(found[0], np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))


def test_a_palette_keeps_its_colours():
    image = gradient(16, 16).quantize(256)
    assert image.mode == "P"
    np.testing.assert_array_equal(face(saved(image, "PNG"), None, 16, "lanczos"), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_lies_on_white(mode):
    image = Image.new("RGBA", (16, 16), (200, 0, 0, 255))
    image.paste((0, 0, 90, 0), (0, 0, 8, 16))
    data = saved(image.convert("P") if mode == "P" else image.convert(mode), "PNG")
    found = face(data, None, 16, "lanczos")
    assert (found[:, :8] == 255).all() and found[:, 8:, 1].max() < 255


def test_cmyk_keeps_its_colours():
    image = Image.new("RGB", (32, 32), (200, 60, 30))
    found = face(saved(image.convert("CMYK"), "JPEG", quality=100), None, 32, "lanczos")
    np.testing.assert_allclose(found.reshape(-1, 3).mean(0), (200, 60, 30), atol=4)


def test_a_png_that_swells_is_refused_before_it_is_decoded(monkeypatch):
    data = saved(Image.new("1", (4200, 4200)), "PNG")
    assert len(data) < 100_000
    monkeypatch.setattr(picture.Image.Image, "resize", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(BadImage, match="expected at most 16777216 pixels"):
        face(data, None, 8, "lanczos")
