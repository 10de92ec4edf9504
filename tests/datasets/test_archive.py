import os
import struct
import tracemalloc
import zipfile

import pytest

from tests.datasets_support import damage_entry, jpeg, read_face, write_zip
from zpoints.datasets import archive
from zpoints.datasets.archive import BadEntry, FaceArchive
from zpoints.datasets.folder import list_pictures
from zpoints.errors import UserError

FACES = {f"img_align_celeba/{i:06d}.jpg": jpeg(i) for i in (3, 1, 2)}


# Of an entry in the table of contents: where a number stands.
CRC, PACKED, SIZE, OFFSET = 16, 20, 24, 42


def forge(path, field, number):
    """Change a number of the first entry in the table of contents."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.index(b"PK\1\2") + field, number)
    path.write_bytes(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_entries_are_sorted_by_id_and_read_as_zipfile_reads_them(tmp_path, method):
    path = write_zip(tmp_path / "a.zip", FACES, method)
    entries = FaceArchive(path).entries
    assert [entry.id for entry in entries] == ["000001", "000002", "000003"]
    assert all(read_face(path, entry) == FACES[entry.name] for entry in entries)


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
    assert read_face(path, FaceArchive(path).entries[0]) == FACES["img_align_celeba/000001.jpg"]


def test_an_archive_cut_off_anywhere_is_an_error_naming_it(tmp_path):
    whole = write_zip(tmp_path / "a.zip", FACES).read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"cut\.zip: expected a whole zip archive"):
            FaceArchive(tmp_path / "cut.zip")


def test_a_wrong_checksum_is_an_error_that_names_the_entry(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    damage_entry(path, FACES["img_align_celeba/000002.jpg"])
    first, second, _ = FaceArchive(path).entries
    read_face(path, first)
    with pytest.raises(BadEntry, match=r"damaged .*CRC.*000002\.jpg"):
        read_face(path, second)


def test_a_damaged_compressed_entry_is_an_error_that_names_it(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"000001.jpg": bytes(5000)}, zipfile.ZIP_DEFLATED)
    start = 30 + len("000001.jpg")
    content = bytearray(path.read_bytes())
    content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(BadEntry, match=r"damaged or truncated archive \(Error -3 "):
        read_face(path, FaceArchive(path).entries[0])


def test_an_entry_that_swells_is_refused(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "a.zip", {"000001.jpg": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    (entry,) = FaceArchive(path).entries
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_ENTRY_BYTES", 100_000)
        with pytest.raises(BadEntry, match="expected at most 100000 bytes, received 50000000"):
            read_face(path, entry)
    forge(path, SIZE, 10)
    tracemalloc.start()
    with pytest.raises(BadEntry, match="damaged"):
        read_face(path, entry)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


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
    with pytest.raises(UserError, match=r"a\.zip: expected a whole zip archive"):
        FaceArchive(path)


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


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(("field", "number"), [(CRC, 7), (PACKED, 20), (SIZE, 10), (SIZE, 9000)])
def test_entries_that_lie_about_themselves_are_errors(tmp_path, method, field, number):
    path = write_zip(tmp_path / "a.zip", {"000001.jpg": jpeg(1) * 5, "000002.jpg": b"x"}, method)
    forge(path, field, number)
    with pytest.raises(BadEntry, match="damaged"):
        read_face(path, FaceArchive(path).entries[0])


def test_an_entry_beyond_the_end_is_refused(tmp_path):
    path = write_zip(tmp_path / "a.zip", FACES)
    forge(path, OFFSET, 1 << 30)
    with pytest.raises(UserError, match=r"a\.zip: expected a whole zip archive"):
        FaceArchive(path)


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(12):
            archive.writestr("a/same.jpg", jpeg(number))
    for read in (FaceArchive, list_pictures):
        with pytest.raises(UserError, match=r"a\.zip: expected each name once, received 'a/same\.jpg' again"):
            read(tmp_path / "a.zip")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.zip")
    with pytest.raises(UserError, match=r"a\.zip: expected a readable zip archive, received a pipe or a device"):
        FaceArchive(tmp_path / "a.zip")
