"""A face in a photograph, placed as the faces of CelebA are: its eyes at the same pixels.

Found by MTCNN, Zhang et al. (2016), the detector whose last network also gives the face features.
"""

from functools import cache
from typing import Any

import numpy as np
from PIL import Image

SIZE = (178, 218)  # width and height of CelebA's aligned images
# x, y of the left and the right eye in the picture: means of 199 of CelebA's images, by this detector.
EYES = np.array([[69.4, 111.2], [107.7, 111.2]])
SPREAD = 4.0  # pixels by which eyes in CelebA's own images vary: such an image stays as it is
DETECTED_AT = 512  # pixels of the longer edge at which faces are looked for
MIN_CONFIDENCE = 0.9
TURNS = (0, -30, 30)  # degrees; the detector was trained on upright faces


def align(photo: Image.Image) -> tuple[Image.Image, int]:
    """Turn, scale and move the largest face of an RGB photograph so that its eyes lie at EYES.

    Returns the image, 178 x 218 pixels, and the number of faces. What lies outside the photograph continues its border.
    Without a face the photograph stays as it is.
    """
    faces = _faces(photo)
    if not faces:
        return photo, 0
    eyes = max(faces, key=lambda points: float(np.linalg.norm(points[1] - points[0])))
    if photo.size == SIZE and np.abs(eyes - EYES).max() <= SPREAD:
        return photo, len(faces)
    return _warp(photo, eyes), len(faces)


def _faces(photo: Image.Image) -> list[np.ndarray]:
    """The eyes of each face, float (2, 2), in pixels of the photograph."""
    scale = min(1.0, DETECTED_AT / max(photo.size))
    width, height = (max(1, round(edge * scale)) for edge in photo.size)
    small = photo.resize((width, height), Image.Resampling.BILINEAR)
    centre = np.array([width, height]) / 2
    for turn in TURNS:
        turned = small.rotate(turn, Image.Resampling.BILINEAR, expand=True)
        found = _detector().detect_faces(np.asarray(turned), output_type="numpy", box_format="xyxy")
        faces = [_eyes(row) for row in np.reshape(found, (-1, 16)) if row[5] >= MIN_CONFIDENCE]
        if faces:
            back = _rotation(turn)
            middle = np.array(turned.size) / 2
            return [((points - middle) @ back.T + centre) * photo.size / [width, height] for points in faces]
    return []


def _eyes(row: np.ndarray) -> np.ndarray:
    """x, y of the left and the right eye out of a row of the detector: image, box, confidence, five x, five y."""
    return np.stack([row[6:8], row[11:13]], axis=1).astype(np.float64)


def _rotation(degrees: float) -> np.ndarray:
    """From an image that Pillow has turned by so many degrees back to the original: (2, 2), y downwards."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, -sine], [sine, cosine]])


def _warp(photo: Image.Image, eyes: np.ndarray) -> Image.Image:
    """The similarity that takes `eyes` to EYES."""
    scale = np.linalg.norm(eyes[1] - eyes[0]) / np.linalg.norm(EYES[1] - EYES[0])
    if scale > 1:  # an affine transform does not average over what a smaller pixel covers
        smaller = (max(1, round(photo.width / scale)), max(1, round(photo.height / scale)))
        eyes = eyes * smaller / photo.size
        photo = photo.resize(smaller, Image.Resampling.LANCZOS)
    # As complex numbers a similarity is z -> a z + b: from pixels of the result to those of the photograph.
    (left, right), (to_left, to_right) = eyes @ [1, 1j], EYES @ [1, 1j]
    a = (right - left) / (to_right - to_left)
    b = left - a * to_left
    corners = a * np.array([0, SIZE[0], 1j * SIZE[1], SIZE[0] + 1j * SIZE[1]]) + b
    before = [max(0, int(np.ceil(-axis.min())) + 2) for axis in (corners.real, corners.imag)]
    after = [
        max(0, int(np.ceil(axis.max() - edge)) + 2)
        for axis, edge in zip((corners.real, corners.imag), photo.size, strict=True)
    ]
    pads = ((before[1], after[1]), (before[0], after[0]), (0, 0))
    padded = Image.fromarray(np.pad(np.asarray(photo), pads, mode="edge"))
    b += before[0] + 1j * before[1]
    matrix = (a.real, -a.imag, b.real, a.imag, a.real, b.imag)
    return padded.transform(SIZE, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


@cache
def _detector() -> Any:
    from mtcnn import MTCNN  # type: ignore[import-untyped]

    return MTCNN()
