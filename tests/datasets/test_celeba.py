import hashlib
import zipfile
from types import SimpleNamespace

import pytest

from tests.datasets_support import jpeg, read_face, write_labels, write_zip
from zpoints.config.data import Data
from zpoints.datasets import celeba, labels
from zpoints.datasets import checksums as published
from zpoints.datasets import zip_writer as packing
from zpoints.datasets.archive import ARCHIVE_FILE, FaceArchive
from zpoints.datasets.celeba import collect_celeba
from zpoints.datasets.sources import bring
from zpoints.errors import UserError

FACES = {f"{i:06d}.jpg": jpeg(i) for i in range(1, 6)}
LABELS = (labels.ATTRIBUTE_FILE, labels.PARTITION_FILE, labels.IDENTITY_FILE)


@pytest.fixture
def target(tmp_path):
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture
def source(tmp_path):
    """The official layout: one zip with its label files beside it."""
    folder = tmp_path / "celeba"
    folder.mkdir()
    write_labels(folder, len(FACES))
    write_zip(folder / ARCHIVE_FILE, {f"img_align_celeba/{name}": data for name, data in FACES.items()})
    return folder


def unpack(source, into):
    """Replace the zip of `source` by the JPEGs themselves."""
    into.mkdir(exist_ok=True)
    for name, data in FACES.items():
        (into / name).write_bytes(data)
    (source / ARCHIVE_FILE).unlink()


@pytest.mark.parametrize("given", ["", ARCHIVE_FILE])
def test_an_archive_and_its_labels_are_copied_byte_for_byte(source, target, given, monkeypatch):
    monkeypatch.setattr(packing, "CHUNK_BYTES", 100)
    monkeypatch.setattr(packing, "FLUSH_BYTES", 250)
    facts = collect_celeba(source / given, target)
    assert {path.name for path in target.iterdir()} == {ARCHIVE_FILE, *LABELS} == set(facts["files"])
    for file, of_file in facts["files"].items():
        data = (source / file).read_bytes()
        assert (target / file).read_bytes() == data
        assert of_file == {"bytes": len(data), "md5": hashlib.md5(data).hexdigest(), "official": False}
    assert (facts["source"], facts["images"]) == ("celeba", 5)


def test_an_official_file_is_recognised(source, target, monkeypatch):
    data = (source / labels.PARTITION_FILE).read_bytes()
    monkeypatch.setitem(published.MD5, labels.PARTITION_FILE, hashlib.md5(data).hexdigest())
    files = collect_celeba(source, target)["files"]
    assert [file for file in files if files[file]["official"]] == [labels.PARTITION_FILE]


@pytest.mark.parametrize("subfolder", ["img_align_celeba", "."])
def test_jpegs_are_packed_into_one_stored_archive(source, target, subfolder):
    unpack(source, source / subfolder)
    (source / subfolder / ".hidden.jpg").write_bytes(b"x")
    facts = collect_celeba(source, target)
    with zipfile.ZipFile(target / ARCHIVE_FILE) as archive:
        assert archive.namelist() == [f"img_align_celeba/{name}" for name in sorted(FACES)]
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    path = target / ARCHIVE_FILE
    assert {f"{entry.id}.jpg": read_face(path, entry) for entry in FaceArchive(path).entries} == FACES
    assert facts["images"] == 5
    packed = (target / ARCHIVE_FILE).read_bytes()
    assert facts["files"][ARCHIVE_FILE]["md5"] == hashlib.md5(packed).hexdigest()


def test_the_same_jpegs_make_the_same_archive_wherever_they_lie(source, target, tmp_path):
    unpack(source, source / "img_align_celeba")
    first = collect_celeba(source, target)
    moved = source.rename(tmp_path / "moved")
    for path in sorted((moved / "img_align_celeba").iterdir(), reverse=True):
        path.rename(moved / path.name)
    (tmp_path / "again").mkdir()
    assert collect_celeba(moved, tmp_path / "again") == first


def test_labels_beside_a_folder_of_jpegs_are_found(source, target):
    unpack(source, source / "img_align_celeba")
    facts = collect_celeba(source / "img_align_celeba", target)
    assert set(facts["files"]) == {ARCHIVE_FILE, *LABELS}


def test_partition_and_identities_are_optional(source, target):
    (source / labels.PARTITION_FILE).unlink()
    (source / labels.IDENTITY_FILE).unlink()
    assert set(collect_celeba(source, target)["files"]) == {ARCHIVE_FILE, labels.ATTRIBUTE_FILE}


def test_missing_attributes_are_an_error_that_says_where_they_were_looked_for(source, target):
    (source / labels.ATTRIBUTE_FILE).unlink()
    with pytest.raises(UserError) as error:
        collect_celeba(source, target)
    assert str(error.value).startswith(f"{labels.ATTRIBUTE_FILE}: expected in {source} and {source.parent}, received")
    assert not list(target.iterdir())


def test_malformed_labels_are_told_before_anything_is_copied(source, target):
    (source / labels.PARTITION_FILE).write_text("000001.jpg 7\n")
    with pytest.raises(UserError, match=r"celeba/list_eval_partition\.txt, line 1: expected a whole number"):
        collect_celeba(source, target)
    assert not list(target.iterdir())


def test_a_truncated_archive_is_told_before_anything_is_copied(source, target):
    (source / ARCHIVE_FILE).write_bytes((source / ARCHIVE_FILE).read_bytes()[:-40])
    with pytest.raises(UserError, match="expected a whole zip archive"):
        collect_celeba(source, target)
    assert not list(target.iterdir())


def test_a_missing_source_is_one_clear_line(tmp_path, target):
    with pytest.raises(
        UserError, match=r"data\.archive: expected img_align_celeba\.zip .* received .*nowhere"
    ) as error:
        collect_celeba(tmp_path / "nowhere", target)
    assert "\n" not in str(error.value)


def test_room_is_enough_to_the_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    packing.expect_room(tmp_path, 1000)
    with pytest.raises(UserError, match="expected room for"):
        packing.expect_room(tmp_path, 1001)


def test_a_folder_without_images_is_told(source, target):
    (source / ARCHIVE_FILE).unlink()
    with pytest.raises(UserError, match=r"expected img_align_celeba\.zip, img_align_celeba/\*\.jpg or"):
        collect_celeba(source, target)


def test_a_file_that_can_not_be_read_is_one_clear_line(source, target, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "some/file")

    monkeypatch.setattr(celeba, "copy", refuse)
    data = Data(source="celeba", archive=str(source))
    with pytest.raises(UserError, match=r"some/file: expected to bring the images to .*, received: Permission denied"):
        bring(data, source, target)
