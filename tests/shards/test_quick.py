import hashlib
import io
import itertools

import numpy as np
import pytest
from PIL import Image

from tests.datasets_support import jpeg
from zpoints.datasets.picture import BadImage, face
from zpoints.shards import quick
from zpoints.shards.quick import QuickFaces, plain_dimensions
from zpoints.shards.resize import Resizer

CROP, SIZE, FILTER = (0, 20, 178, 198), 48, "lanczos"


@pytest.fixture(params=["simplejpeg", "Pillow"])
def library(request, monkeypatch):
    """What decodes; Pillow where the extra is not installed."""
    if request.param == "Pillow":
        monkeypatch.setattr(quick, "simplejpeg", None)
    elif quick.simplejpeg is None:
        pytest.skip("simplejpeg is not installed")
    return request.param


def photo(seed=0, width=178, height=218, mode="RGB", **options):
    """A JPEG with edges, slopes and noise."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:height, :width]
    waves = 128 + 100 * np.sin(down[..., None] / 7 + np.hypot(down, across)[..., None] / (5 + seed + np.arange(3)))
    pixels = np.clip(waves + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def with_orientation(number):
    exif = Image.Exif()
    exif[0x0112] = number
    return photo(exif=exif)


def quickly(data, crop=CROP):
    """The row that the fourth of four such images becomes; a bad image's reason."""
    faces = QuickFaces(crop, SIZE, FILTER)
    for _ in range(3):
        faces(photo())
    try:
        return faces(data)
    except BadImage as error:
        return str(error)


def surely(data, crop=CROP):
    try:
        return face(data, crop, SIZE, FILTER)
    except BadImage as error:
        return str(error)


def cut(data, at=0.7):
    return data[: int(len(data) * at)]


def spoilt(data):
    middle = len(data) * 2 // 3
    return data[:middle] + bytes(255 - byte for byte in data[middle : middle + 40]) + data[middle + 40 :]


IMAGES = {
    "4:4:4": photo(subsampling=0, quality=95),
    "4:2:2": photo(subsampling=1),
    "4:2:0": photo(subsampling=2, quality=60),
    "with restarts": photo(restart_marker_rows=1),
    "with its own tables": photo(optimize=True),
    "with a comment": photo(comment=b"a face"),
    "progressive": photo(progressive=True),
    "grey": photo(mode="L"),
    "CMYK": photo(mode="CMYK"),
    "stored as RGB": photo(keep_rgb=True),
    "of another size": photo(width=180, height=220),
    "too small for the crop": photo(width=100, height=100),
    "on its side": with_orientation(6),
    "with an ICC profile": photo(icc_profile=b"profile"),
    "cut off": cut(photo()),
    "cut off in its header": cut(photo(), 0.02),
    "damaged": spoilt(photo()),
    "with much behind its end": photo() + b"more" * 100,
    "empty": b"",
    "none": b"no image",
}


@pytest.mark.parametrize("what", IMAGES)
def test_any_image_becomes_what_the_sure_way_makes_of_it(what, library):
    expected = surely(IMAGES[what])
    received = quickly(IMAGES[what])
    assert type(received) is type(expected)
    np.testing.assert_array_equal(received, expected)


@pytest.mark.parametrize("what", ["4:4:4", "4:2:2", "4:2:0", "with restarts", "with its own tables", "with a comment"])
def test_plain_images_go_the_quick_way(what, library, monkeypatch):
    expected = surely(IMAGES[what])
    faces = QuickFaces(CROP, SIZE, FILTER)
    for _ in range(2):
        faces(photo())
    monkeypatch.setattr(quick, "face", lambda *_: pytest.fail("the sure way"))
    np.testing.assert_array_equal(faces(IMAGES[what]), expected)


@pytest.mark.parametrize("what", ["on its side", "grey", "CMYK", "stored as RGB", "with an ICC profile", "progressive"])
def test_an_image_with_something_special_is_left_to_the_sure_way(what):
    assert plain_dimensions(IMAGES[what]) is None


def test_sizes_that_change_all_the_time_are_left_to_the_sure_way(monkeypatch):
    monkeypatch.setattr(quick, "Resizer", lambda *_: pytest.fail("weights for one image alone"))
    faces = QuickFaces(None, SIZE, FILTER)
    for width in (178, 180, 178, 180):
        np.testing.assert_array_equal(faces(photo(width=width)), surely(photo(width=width), crop=None))


def test_a_size_that_changes_for_good_gets_weights_of_its_own(monkeypatch):
    made = []
    monkeypatch.setattr(quick, "Resizer", lambda *sizes: made.append(sizes[:2]) or Resizer(*sizes))
    faces = QuickFaces(None, SIZE, FILTER)
    for width, seed in itertools.product((178, 230), range(4)):
        data = photo(seed, width=width)
        np.testing.assert_array_equal(faces(data), surely(data, crop=None))
    assert made == [(178, 218), (230, 218)]


def test_pixels_that_are_not_the_same_are_not_taken(monkeypatch):
    class Other(Resizer):
        def __call__(self, image):
            return super().__call__(image) ^ (np.arange(3 * SIZE * SIZE).reshape(SIZE, SIZE, 3) == 5)

    monkeypatch.setattr(quick, "Resizer", Other)
    np.testing.assert_array_equal(quickly(photo(7)), surely(photo(7)))


def test_large_images_are_left_to_the_sure_way(monkeypatch):
    monkeypatch.setattr(quick, "MAX_PIXELS", 178 * 218 - 1)
    monkeypatch.setattr(quick, "Resizer", lambda *_: pytest.fail("much memory"))
    assert isinstance(quickly(photo()), np.ndarray)


def test_every_prefix_of_a_header_is_no_plain_image():
    data = jpeg(1)
    start = data.index(b"\xff\xda")
    assert plain_dimensions(data) == (24, 30)
    assert all(plain_dimensions(data[:end]) is None for end in range(start))


def test_without_the_header_that_tells_of_its_colours_it_is_no_plain_image():
    data = jpeg(1)
    start = 4 + int.from_bytes(data[4:6], "big")  # where what follows JFIF's own segment begins
    bare = data[:2] + data[start:]
    assert data[2:4] == b"\xff\xe0" and Image.open(io.BytesIO(bare)).size == (24, 30)
    assert plain_dimensions(bare) is None


def test_libjpeg_turbo_decodes_to_the_pixels_that_every_machine_gets(library):
    """Where this fails, shards differ from those of other machines: DVC then shows data/shards as changed."""
    if "libjpeg-turbo" not in quick.decoder():
        pytest.skip("another libjpeg")
    digest = hashlib.sha256(quick._decode(PINNED, (32, 24)).tobytes()).hexdigest()
    assert digest == "820d0e0bb2bb7dd8dbd23f784f2569f2c98ac9e6aafc35f2ed71374c1ed14604"


# A JPEG of 32 x 24 pixels, 4:2:0.
PINNED = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931"
    "302e292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a51524fffdb0043010e0e0e131113261515264f352d35"
    "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4fffc00011"
    "080018002003012200021101031101ffc4001800010101010100000000000000000000000500030206ffc40022100001040202020301"
    "0000000000000000010003041102051221314106516171ffc40017010101010100000000000000000000000002050004ffc400231100"
    "01030402010500000000000000000001000203040511121322412123516181ffda000c03010002110311003f005e4fc935b098e114e2"
    "2bd05e367ece46d645364917f49667e186c171cb1fd4c45d440d7e22f8920f688a9763581a72b18e18cef50f1e9e10fa7d2e4310ebc3"
    "baf29775c698c38e34b19fb765b1c1a3dd574877243b21c24f8fc4e2a00d3cd545079a8ba11144358c795d67bed839eabed63965b095"
    "43239712a5213dc258dbd703f1598ecf48cedae71f2b68fab709b70df8e920d43c19f6a52e085ceaa7fba49506e9719daee061d5bf4b"
    "ffd9"
)
