"""A face in a photograph is placed as CelebA's faces are."""

import numpy as np
import pytest
from PIL import Image

from zpoints.interactive import alignment
from zpoints.interactive.alignment import EYES, SIZE, align
from zpoints.interactive.photograph import read_face

DOTS = ((255, 0, 0), (0, 0, 255))  # of the left and the right eye


def scene(eyes, size=(500, 400)):
    """A photograph with a coloured dot for each eye, wide enough to survive a reduction."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    pixels = np.full((size[1], size[0], 3), 128, np.uint8)
    radius = 0.15 * np.linalg.norm(np.subtract(*eyes))
    for (left, top), color in zip(eyes, DOTS, strict=True):
        pixels[(x + 0.5 - left) ** 2 + (y + 0.5 - top) ** 2 < radius**2] = color
    return Image.fromarray(pixels)


def dots(image):
    """x, y of the two dots."""
    pixels = np.asarray(image).astype(int)
    masks = [pixels[..., channel] - pixels[..., 2 - channel] > 60 for channel in (0, 2)]
    return np.array([[where.mean() + 0.5 for where in np.nonzero(mask)[::-1]] for mask in masks])


@pytest.fixture
def faces(monkeypatch):
    """What the detector is taken to find: eyes (2, 2) of each face."""
    found = []
    monkeypatch.setattr(alignment, "_faces", lambda photo: found)
    return found


@pytest.mark.parametrize("degrees", [-30, 0, 20])
@pytest.mark.parametrize("distance", [12, 38.3, 150])
def test_eyes_come_to_their_places(faces, degrees, distance):
    turn = distance / 2 * np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    centre = np.array([250, 180])
    faces.append(np.array([centre - turn, centre + turn]))
    image, count = align(scene(faces[0]))
    assert image.size == SIZE and count == 1
    np.testing.assert_allclose(dots(image), EYES, atol=0.6)


def test_the_largest_face_is_taken(faces):
    faces += [np.array([[50.0, 50], [60, 50]]), np.array([[200.0, 200], [260, 200]])]
    image, count = align(scene(faces[1]))
    assert count == 2
    np.testing.assert_allclose(dots(image), EYES, atol=0.6)


def test_a_face_at_the_border_gets_the_border_continued(faces):
    faces.append(np.array([[25.0, 25], [85, 25]]))
    image, _ = align(scene(faces[0]))
    assert image.size == SIZE and (np.asarray(image)[:20] == 128).all()


def test_an_aligned_image_stays_as_it_is(faces):
    photo = scene(EYES, SIZE)
    faces.append(EYES + 2)
    assert align(photo)[0] is photo


def test_a_photograph_without_a_face_stays_as_it_is(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    pixels, remark = read_face(tmp_path / "noise.png", None, 32, "box")
    assert pixels.shape == (32, 32, 3) and remark == "no face was found, so the image is cropped as it is"


@pytest.mark.parametrize("degrees", [-30, 30])
def test_points_are_turned_back_with_the_image(degrees):
    photo = scene([(150, 100), (300, 200)])
    turned = photo.rotate(degrees, Image.Resampling.BILINEAR, expand=True)
    back = (dots(turned) - np.array(turned.size) / 2) @ alignment._rotation(degrees).T + np.array(photo.size) / 2
    np.testing.assert_allclose(back, [(150, 100), (300, 200)], atol=0.6)
