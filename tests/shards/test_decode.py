"""The images of a chunk, in this process and in workers."""

import numpy as np
import pytest

from tests.datasets_support import CROP, jpeg, write_zip
from zpoints.datasets.archive import FaceArchive
from zpoints.datasets.picture import face
from zpoints.shards.decode import ImageTransform, decode_all

BAD = "not a JPEG, PNG or WebP image"


@pytest.fixture
def faces(tmp_path):
    files = {f"{i:06d}.jpg": jpeg(i) if i != 10 else b"no image" for i in range(1, 31)}
    return write_zip(tmp_path / "a.zip", files)


def decoded(faces, workers, skip_bad=True):
    """What comes of 30 images, in chunks of 4."""
    names = [entry.name for entry in FaceArchive(faces).entries]
    chunks = [names[first : first + 4] for first in range(0, 30, 4)]
    return list(decode_all(ImageTransform(faces, CROP, 8, "lanczos", skip_bad), chunks, workers))


@pytest.mark.parametrize("workers", [1, 2])
def test_good_images_are_in_order_and_bad_ones_have_a_reason(faces, workers):
    results = decoded(faces, workers)
    rows = [face(jpeg(i), CROP, 8, "lanczos") for i in range(1, 31) if i != 10]
    np.testing.assert_array_equal(np.concatenate([result.pixels for result in results]), np.stack(rows))
    assert [result.bad for result in results] == [{}, {}, {1: BAD}, {}, {}, {}, {}, {}]


def test_a_bad_image_ends_its_chunk(faces):
    assert [len(result.pixels) for result in decoded(faces, 1, skip_bad=False)] == [4, 4, 1, 4, 4, 4, 4, 2]
