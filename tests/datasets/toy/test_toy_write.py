"""The written archive of toy faces: official layout, reproducible bytes, prefixes."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zpoints import progress
from zpoints.datasets import labels
from zpoints.datasets.toy import write
from zpoints.datasets.toy.attributes import attributes
from zpoints.datasets.toy.draw import draw_face
from zpoints.datasets.toy.factors import BLOCK, FACTORS, identity_of, sample_rows

IMAGES = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw")
    write.write_toy_faces(path, IMAGES, seed=4)
    return path


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _written(tmp_path: Path, name: str, images: int, seed: int) -> Path:
    path = tmp_path / name
    path.mkdir()
    write.write_toy_faces(path, images, seed)
    return path


def test_the_archive_holds_celeba_s_names_uncompressed(folder):
    with zipfile.ZipFile(folder / "img_align_celeba.zip") as archive:
        entries = archive.infolist()
        assert [entry.filename for entry in entries] == [f"img_align_celeba/{n:06d}.jpg" for n in range(1, IMAGES + 1)]
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        for entry in entries[:3]:
            picture = Image.open(io.BytesIO(archive.read(entry)))
            assert (picture.format, picture.size, picture.mode) == ("JPEG", (178, 218), "RGB")


def test_label_files_are_read_back_by_the_library(folder):
    ids = [f"{n:06d}.jpg" for n in range(1, IMAGES + 1)]
    factors = labels.read_factors(folder / "factors.csv")
    assert factors.ids == ids and factors.names == FACTORS
    table = labels.read_attributes(folder / "list_attr_celeba.txt")
    assert table.ids == ids
    np.testing.assert_array_equal(table.values, attributes(factors.values))
    people = labels.read_identities(folder / "identity_CelebA.txt").values.ravel()
    assert people.tolist() == [identity_of(4, index) for index in range(IMAGES)]
    parts = labels.read_partition(folder / "list_eval_partition.txt").values.ravel()
    assert (np.diff(parts) >= 0).all() and np.bincount(parts).tolist() == [32, 4, 4]


def test_pictures_and_factors_belong_together(folder):
    values = labels.read_factors(folder / "factors.csv").values
    np.testing.assert_array_equal(values, sample_rows(4, 0, IMAGES))
    with zipfile.ZipFile(folder / "img_align_celeba.zip") as archive:
        for index in (0, IMAGES - 1):
            row = dict(zip(FACTORS, values[index].tolist(), strict=True))
            picture = Image.open(io.BytesIO(archive.read(archive.namelist()[index])))
            difference = np.asarray(picture).astype(int) - draw_face(row)
            assert np.abs(difference).mean() < 3, "more than JPEG's loss"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder, tmp_path):
    same = _digests(_written(tmp_path, "same", IMAGES, seed=4))
    other = _digests(_written(tmp_path, "other", IMAGES, seed=5))
    assert same == _digests(folder)
    assert all(other[name] != same[name] for name in same if name != "list_eval_partition.txt")


def test_fewer_faces_are_a_prefix_of_more(folder, tmp_path):
    fewer = _written(tmp_path, "fewer", 27, seed=4)
    with (
        zipfile.ZipFile(fewer / "img_align_celeba.zip") as one,
        zipfile.ZipFile(folder / "img_align_celeba.zip") as all_,
    ):
        assert all(one.read(name) == all_.read(name) for name in one.namelist())
    for name in ("factors.csv", "identity_CelebA.txt"):
        assert (folder / name).read_text().startswith((fewer / name).read_text())


def test_the_bytes_do_not_depend_on_the_number_of_processes(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "FEW", 0)
    monkeypatch.setattr(progress, "workers", lambda: 2)
    assert _digests(_written(tmp_path, "spawned", IMAGES, seed=4)) == _digests(folder)


def test_no_person_stands_in_two_parts_of_the_partition():
    for images in (500, 730, 2000):
        parts = write.partition(images).ravel()
        people = np.array([identity_of(0, index) for index in range(images)])
        assert all(not set(people[parts == a]) & set(people[parts == b]) for a, b in ((0, 1), (0, 2), (1, 2)))
        assert np.allclose(np.bincount(parts) / images, [0.8, 0.1, 0.1], atol=BLOCK / images)


@pytest.mark.parametrize(("images", "seed"), [(0, 0), (1_000_000, 0), (10, -1)])
def test_numbers_that_make_no_sense_are_refused(tmp_path, images, seed):
    with pytest.raises(ValueError, match="received"):
        write.write_toy_faces(tmp_path, images, seed)
