import pickle
import zipfile
import zlib

import pytest

from tests.datasets_support import damage_entry, jpeg, write_zip
from zpoints.errors import UserError
from zpoints.datasets import archive
from zpoints.datasets.archive import FaceArchive

FACES = {f"img_align_celeba/{i:06d}.jpg": jpeg(i) for i in (3, 1, 2)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_entries_are_sorted_by_id_and_read_as_zipfile_reads_them(tmp_path, method):
    with FaceArchive(write_zip(tmp_path / "a.zip", FACES, method)) as faces:
        assert [entry.id for entry in faces.entries] == ["000001", "000002", "000003"]
        assert len(faces) == 3
        for entry in reversed(faces.entries):
            assert faces.read(entry) == FACES[entry.name]


@pytest.mark.parametrize("folder", ["", "img_align_celeba/", "another/"])
def test_images_may_lie_at_the_top_or_in_one_folder(tmp_path, folder):
    path = write_zip(tmp_path / "a.zip", {f"{folder}000007.jpg": jpeg(7)})
    assert [entry.id for entry in FaceArchive(path).entries] == ["000007"]


def test_what_is_no_image_is_passed_over(tmp_path):
    other = {"img_align_celeba/": b"", "__MACOSX/000001.jpg": b"x", "img_align_celeba/._000001.jpg": b"x"}
    other |= {"readme.txt": b"x", "a/b/c/000001.jpg": b"x", ".hidden/000001.jpg": b"x"}
    faces = FaceArchive(write_zip(tmp_path / "a.zip", other | FACES))
    assert [entry.name for entry in faces.entries] == sorted(FACES)


def test_bytes_before_the_archive_do_not_matter(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    path.write_bytes(b"some stub" + path.read_bytes())
    with FaceArchive(path) as faces:
        assert faces.read(faces.entries[0]) == FACES["img_align_celeba/000001.jpg"]


def test_an_archive_passes_to_another_process_with_its_file_closed(tmp_path):
    with FaceArchive(write_zip(tmp_path / "a.zip", FACES)) as faces:
        faces.read(faces.entries[0])
        with pickle.loads(pickle.dumps(faces)) as copy:
            assert copy.entries == faces.entries
            assert copy.read(copy.entries[1]) == faces.read(faces.entries[1])


def test_an_archive_cut_off_anywhere_is_an_error_naming_it(tmp_path):
    whole = write_zip(tmp_path / "a.zip", FACES).read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.zip: expected a whole zip archive"):
            FaceArchive(tmp_path / "cut.zip")


def test_bytes_missing_in_the_middle_are_an_error(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    with FaceArchive(path) as faces:
        last = max(faces.entries, key=lambda entry: entry.offset)
        path.write_bytes(path.read_bytes()[: last.offset + 30 + len(last.name) + 20])
        with pytest.raises(UserError, match=rf"{last.name}: expected {last.packed} bytes, received 20 "):
            faces.read(last)
        path.write_bytes(path.read_bytes()[: last.offset + 20])
        with pytest.raises(UserError, match=rf"{last.name}: its header is missing"):
            faces.read(last)


def test_a_wrong_checksum_is_an_error_that_names_the_entry(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    damage_entry(path, FACES["img_align_celeba/000002.jpg"])
    with FaceArchive(path) as faces:
        faces.read(faces.entries[0])
        with pytest.raises(UserError, match=r"a\.zip: img_align_celeba/000002\.jpg: its checksum"):
            faces.read(faces.entries[1])


def test_a_damaged_compressed_entry_is_an_error_that_names_it(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"000001.jpg": bytes(5000)}, zipfile.ZIP_DEFLATED)
    with FaceArchive(path) as faces:
        start = faces.entries[0].offset + 30 + len("000001.jpg")
        content = bytearray(path.read_bytes())
        content[start : start + 4] = b"\xff" * 4
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"000001\.jpg: it can't be decompressed"):
            faces.read(faces.entries[0])


def test_an_entry_that_swells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRY_BYTES", 4000)
    with FaceArchive(write_zip(tmp_path / "a.zip", {"000001.jpg": bytes(5000)}, zipfile.ZIP_DEFLATED)) as faces:
        assert faces.entries[0].packed < 100
        with pytest.raises(UserError, match="expected at most 4000 bytes, received 5000"):
            faces.read(faces.entries[0])
        forged = faces.entries[0]._replace(size=10)
        with pytest.raises(UserError, match="checksum"):
            faces.read(forged)
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert len(archive._inflate(compressor.compress(bytes(5000)) + compressor.flush(), 10)) == 11


def test_encrypted_entries_are_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag of the first entry in the table of contents
    path.write_bytes(content)
    with pytest.raises(UserError, match="without a password"):
        FaceArchive(path)


def test_one_id_in_two_folders_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"x/000001.jpg": b"1", "y/000001.jpg": b"2"})
    with pytest.raises(UserError, match=r"each image once, received x/000001\.jpg and y/000001\.jpg"):
        FaceArchive(path)


def test_an_archive_without_images_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"a\.zip: expected \*\.jpg files"):
        FaceArchive(write_zip(tmp_path / "a.zip", {"readme.txt": b"x"}))


def test_a_missing_archive_is_an_error_naming_it(tmp_path):
    with pytest.raises(UserError, match=r"none\.zip: expected a readable zip archive"):
        FaceArchive(tmp_path / "none.zip")


@pytest.mark.parametrize("folder", ["img_align_celeba/img_align_celeba/", "a/b/"])
def test_images_may_lie_two_folders_deep_as_kaggle_has_them(tmp_path, folder):
    path = write_zip(tmp_path / "a.zip", {f"{folder}000007.jpg": jpeg(7)})
    assert [entry.id for entry in FaceArchive(path).entries] == ["000007"]


@pytest.mark.parametrize("suffix", ["jpg", "JPG", "jpeg", "png", "webp"])
def test_an_id_is_the_name_without_its_suffix(tmp_path, suffix):
    path = write_zip(tmp_path / "a.zip", {f"000007.{suffix}": b"x"})
    assert [entry.id for entry in FaceArchive(path).entries] == ["000007"]


@pytest.mark.parametrize(
    "name", ["../000001.jpg", "/etc/000001.jpg", "a/../../000001.jpg", "C:/000001.jpg", "a\\1.jpg"]
)
def test_names_that_lead_out_of_a_folder_are_refused(tmp_path, name):
    path = write_zip(tmp_path / "a.zip", {**FACES, name: b"x"})
    with pytest.raises(UserError, match=r"a\.zip: expected names within the archive, received '"):
        FaceArchive(path)


def test_a_zip_within_a_zip_is_named(tmp_path):
    inner = write_zip(tmp_path / "inner.zip", FACES).read_bytes()
    with pytest.raises(UserError, match=r"received Img/img_align_celeba\.zip alone: take it out of this archive first"):
        FaceArchive(write_zip(tmp_path / "a.zip", {"Img/img_align_celeba.zip": inner}))


def test_a_web_page_in_the_place_of_an_archive_is_named(tmp_path):
    (tmp_path / "a.zip").write_text("\n<!DOCTYPE html><title>Quota exceeded</title>")
    with pytest.raises(UserError, match=r"a\.zip: expected a whole zip archive, received a web page"):
        FaceArchive(tmp_path / "a.zip")


def test_an_unknown_compression_is_named(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"000001.jpg": bytes(5000)}, zipfile.ZIP_LZMA)
    with pytest.raises(UserError, match=r"expected entries stored or deflated, received compression method 14"):
        FaceArchive(path)


def test_bytes_missing_at_the_start_are_an_error(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    path.write_bytes(path.read_bytes()[3:])
    with FaceArchive(path) as faces:
        first = min(faces.entries, key=lambda entry: entry.offset)
        with pytest.raises(UserError, match=rf"{first.name}: its place lies outside of the archive"):
            faces.read(first)


@pytest.mark.parametrize("name", ["a\x07.jpg", "\u00fc.jpg", "a" * 61 + ".jpg"])
def test_a_name_that_is_no_id_is_refused_and_shown_on_one_line(tmp_path, name):
    with pytest.raises(UserError, match=r"a\.zip: expected names such as 000001\.jpg, received '") as error:
        FaceArchive(write_zip(tmp_path / "a.zip", {name: b"x"}))
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("place", "value", "what"), [(8, b"\0\x08", "\\xff in a name"), (6, b"\x63\0", "a version to come")]
)
def test_a_table_of_contents_that_zipfile_gives_up_on_is_an_error(tmp_path, place, value, what):
    path = write_zip(tmp_path / "a.zip", FACES)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\1\2")
    content[entry + place : entry + place + 2] = value
    content[entry + 46] = 0xFF if place == 8 else content[entry + 46]
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.zip: expected a whole zip archive"):
        FaceArchive(path)


def test_entries_that_lie_about_themselves_are_errors(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    with FaceArchive(path) as faces:
        entry = faces.entries[0]
        with pytest.raises(UserError, match="its checksum"):
            faces.read(entry._replace(size=entry.size + 1))
        with pytest.raises(UserError, match="its place lies outside"):
            faces.read(entry._replace(offset=1 << 63))
    content = bytearray(path.read_bytes())
    content[entry.offset] ^= 0xFF
    path.write_bytes(content)
    with FaceArchive(path) as faces, pytest.raises(UserError, match="its header is missing"):
        faces.read(entry)
