import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datasets.fuzzing import spoilt
from zpoints.datasets import zip_index as directory
from zpoints.datasets.zip_index import members


def listed(path):
    """What zipfile says of an archive, and None where it refuses it."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return None
    return [
        (i.filename, i.flag_bits, i.compress_type, i.CRC, i.compress_size, i.file_size, i.header_offset) for i in infos
    ]


def read(path):
    try:
        return [tuple(member) for member in members(path)]
    except (zipfile.BadZipFile, ValueError):
        return None


def write(path, names=("a/1.jpg", "a/2.jpg"), comment=b"", before=b"", extra=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for number, name in enumerate(names):
            info = zipfile.ZipInfo(name)
            info.extra, info.comment = extra, b"taken at noon" * (number % 2)
            archive.writestr(info, b"0123456789" * (number + 1), zipfile.ZIP_DEFLATED if number % 2 else None)
    path.write_bytes(before + buffer.getvalue())
    return path


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"names": []},
        {"comment": b"of 2026"},
        {"comment": b"c" * 65535},
        {"before": b"#!/bin/sh"},
        {"before": b"#!/bin/sh", "comment": b"c"},
        {"names": ["Z\u00fcrich/\u00e9.jpg", "\U0001f600.png", "a b.jpg"]},
        {"extra": struct.pack("<2HI", 0x5455, 4, 7)},
    ],
    ids=lambda kind: str(kind)[:40],
)
def test_it_lists_what_zipfile_lists(tmp_path, kind):
    path = write(tmp_path / "a.zip", **kind)
    assert read(path) == listed(path) is not None


def test_more_entries_than_the_plain_record_at_the_end_counts_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    path = write(tmp_path / "a.zip", comment=b"c", before=b"stub")
    assert b"PK\6\6" in path.read_bytes()
    assert read(path) == listed(path) is not None


def test_names_in_the_old_code_page_are_read_as_zipfile_reads_them(tmp_path):
    path = write(tmp_path / "a.zip", ["aXb/1.jpg", "2Y.jpg"])
    path.write_bytes(path.read_bytes().replace(b"X", b"\x81").replace(b"Y", b"\0"))
    assert [member[0] for member in read(path)] == ["a\u00fcb/1.jpg", "2"]
    assert read(path) == listed(path)


def wide(numbers, header):
    """An archive of one entry with `header` for sizes and place, and these numbers in the extra field."""
    place, extra = 5, struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 9, *header[:2], 1, len(extra), 0, 0, 0, 0, header[2]
    )
    content = bytes(place) + entry + b"x" + extra
    at = len(content)
    content += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, at - place, place)
    content += struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
    return content + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)


MANY = 0xFFFFFFFF


@pytest.mark.parametrize("before", [b"", b"stub"])
@pytest.mark.parametrize(
    ("numbers", "header", "expected"),
    [
        ((1 << 40, 1 << 41, 1 << 42), (MANY, MANY, MANY), (1 << 41, 1 << 40, 1 << 42)),
        ((1 << 42,), (3, 4, MANY), (3, 4, 1 << 42)),
        ((1 << 41,), (MANY, 4, 5), (1 << 41, 4, 5)),
    ],
)
def test_numbers_too_large_for_the_plain_fields_are_found(tmp_path, numbers, header, expected, before):
    path = tmp_path / "a.zip"
    path.write_bytes(before + wide(numbers, header))
    packed, size, offset = expected
    assert read(path) == [("x", 0, 0, 9, packed, size, offset + len(before))] == listed(path)


@pytest.mark.parametrize("header", [(MANY, MANY, MANY), (MANY, MANY, 0)])
def test_a_number_that_is_missing_is_refused(tmp_path, header):
    (tmp_path / "a.zip").write_bytes(wide((1,), header))
    with pytest.raises(zipfile.BadZipFile, match="Zip64"):
        members(tmp_path / "a.zip")


def test_an_entry_that_is_cut_off_by_the_end_of_the_directory_is_refused(tmp_path):
    path = write(tmp_path / "a.zip", ["1.jpg"])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 28] = 200  # the length of its name
    path.write_bytes(content)
    with pytest.raises(zipfile.BadZipFile, match="truncated"):
        members(path)


WHOLE = {"plain": {}, "commented": {"comment": b"of 2026", "before": b"stub"}, "extra": {"extra": b"UT\4\0abcd"}}


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_spoilt_archive_is_refused_or_listed_as_zipfile_lists_it(tmp_path_factory, kind, data):
    path = tmp_path_factory.mktemp("spoilt") / "a.zip"
    path.write_bytes(data.draw(spoilt(write(path, **WHOLE[kind]).read_bytes())))
    assert read(path) in (None, listed(path))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_spoilt_zip64_archive_is_refused_or_listed_as_zipfile_lists_it(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("spoilt") / "a.zip"
    path.write_bytes(data.draw(spoilt(wide((1, 2, 3), (MANY, MANY, MANY)))))
    assert read(path) in (None, listed(path))


def test_the_format_is_known_up_to_the_version_that_zipfile_knows():
    assert directory.MAX_VERSION == zipfile.MAX_EXTRACT_VERSION
