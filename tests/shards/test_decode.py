"""The rows of a task, in this process and in workers."""

import numpy as np
import pytest

from tests.datasets_support import CROP, jpeg, write_zip
from zpoints.datasets.archive import FaceArchive
from zpoints.datasets.picture import face
from zpoints.shards.decode import BadRow, ImageTransform, Task, decode_all

ROW = 8 * 8 * 3


@pytest.fixture
def faces(tmp_path):
    files = {f"{i:06d}.jpg": jpeg(i) if i != 9 else b"no image" for i in range(1, 31)}
    return FaceArchive(write_zip(tmp_path / "a.zip", files))


def decoded(faces, shard, workers, skip_bad=True):
    """The bytes of a shard of 30 images behind 7 other bytes, made in tasks of 4; and the bad rows of each task."""
    shard.write_bytes(bytes(7 + 30 * ROW))
    names = [entry.name for entry in faces.entries]
    tasks = [Task(shard, 7 + first * ROW, first, names[first : first + 4]) for first in range(0, 30, 4)]
    bad = list(decode_all(ImageTransform(faces.path, CROP, 8, "lanczos", skip_bad), tasks, workers))
    return shard.read_bytes(), bad


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_are_written_to_their_place(tmp_path, faces, workers):
    content, bad = decoded(faces, tmp_path / "shard", workers)
    rows = [face(jpeg(i), CROP, 8, "lanczos") if i != 9 else np.zeros((8, 8, 3), np.uint8) for i in range(1, 31)]
    assert content == bytes(7) + np.stack(rows).tobytes()
    assert bad == [[], [], [BadRow(8, "not a JPEG, PNG or WebP image")], [], [], [], [], []]


def test_a_bad_image_ends_its_task(tmp_path, faces):
    content, _ = decoded(faces, tmp_path / "shard", 1, skip_bad=False)
    assert content[7 + 8 * ROW : 7 + 12 * ROW] == bytes(4 * ROW)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_can_not_be_written_names_the_file(tmp_path, faces, workers):
    task = Task(tmp_path / "none" / "shard", 0, 0, ["000001.jpg"])
    with pytest.raises(FileNotFoundError) as error:
        list(decode_all(ImageTransform(faces.path, CROP, 8, "lanczos", True), [task], workers))
    assert error.value.filename == str(tmp_path / "none" / "shard")
