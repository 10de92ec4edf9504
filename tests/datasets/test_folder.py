"""Your own images, from any folder or zip, with or without labels; and LFW through scikit-learn."""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.site import Site, serve
from tests.datasets_support import IMAGES, damage_entry, jpeg, read_face, write_zip
from zpoints.config.data import Data, OwnFaces
from zpoints.config.split import Split
from zpoints.datasets import celeba, labels, lfw
from zpoints.datasets import folder as own
from zpoints.datasets import zip_writer as packing
from zpoints.datasets.archive import ARCHIVE_FILE, FaceArchive
from zpoints.datasets.filename_map import NAMES_FILE, read_names
from zpoints.datasets.folder import collect_own
from zpoints.datasets.lfw import collect_lfw
from zpoints.datasets.sources import bring, describe
from zpoints.errors import UserError
from zpoints.shards.build import build_shards
from zpoints.shards.store import Shards

OWN = IMAGES.model_copy(update={"crop": None})
HALF = Split(train=0.5)


def encoded(seed: int, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(jpeg(seed, width=20 + seed))).save(
        buffer, kind, **({"lossless": True} if kind == "WEBP" else {})
    )
    return buffer.getvalue()


FILES = {
    "b/Anna 2.PNG": encoded(1, "PNG"),
    "b/Anna 1.jpg": encoded(2, "JPEG"),
    "a.webp": encoded(3, "WEBP"),
    "Zoë.jpeg": encoded(4, "JPEG"),
    "a.jpg": encoded(5, "JPEG"),
}
ORDER = sorted(FILES)
LABELS = "Name;smiling;age;identity;partition\na.jpg;1;30;Ben;train\na.webp;0;31.5;Ben;VAL\nAnna 1;1;-4;Anna;test\n"
LABELS += "b/Anna 2.PNG;0;4;Anna;train\nZoë;1;1e3;Zoë;test\n"


@pytest.fixture
def faces(tmp_path):
    folder = tmp_path / "faces"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("no image")
    (folder / "trip.jpg").mkdir()
    (folder / ".thumbs").mkdir()
    (folder / ".thumbs" / "a.jpg").write_bytes(b"x")
    return folder


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


def collect_lfw_folder(path, raw):
    return own.in_folder(path)


def collect_jpegs(path, raw):
    return celeba._take_images(path, raw / ARCHIVE_FILE, ours=False)


def shards_of(raw, facts, images=OWN, split=HALF) -> Shards:
    (raw / "source.json").write_text(json.dumps(facts))
    out = raw.with_name("shards")
    out.mkdir()
    build_shards(raw, out, images, split, workers=1)
    return Shards.open(out)


def test_images_are_numbered_by_name_and_packed_as_they_are(faces, raw):
    facts = collect_own(faces, None, raw)
    assert (facts["source"], facts["images"], set(facts["files"])) == ("folder", 5, {ARCHIVE_FILE, NAMES_FILE})
    entries = FaceArchive(raw / ARCHIVE_FILE).entries
    assert [read_face(raw / ARCHIVE_FILE, entry) for entry in entries] == [FILES[name] for name in ORDER]
    assert [entry.name.rpartition("/")[2] for entry in entries] == [
        f"{number:06d}.{name.rpartition('.')[2].lower()}" for number, name in enumerate(ORDER, 1)
    ]
    assert read_names(raw / NAMES_FILE) == {f"{number:06d}": name for number, name in enumerate(ORDER, 1)}


def test_a_zip_and_a_folder_of_the_same_images_are_the_same(faces, raw, tmp_path):
    archive = write_zip(tmp_path / "faces.zip", {**FILES, "__MACOSX/b/Anna 1.jpg": b"x", "read me.txt": b"x"})
    (tmp_path / "again").mkdir()
    zipped, unpacked = collect_own(archive, None, tmp_path / "again"), collect_own(faces, None, raw)
    assert (zipped.pop("ignored"), unpacked.pop("ignored")) == (["read me.txt"], ["notes.txt"])
    assert zipped == unpacked


def test_columns_become_attributes_factors_identities_and_a_partition(faces, raw, tmp_path):
    (tmp_path / "labels.csv").write_bytes(b"\xef\xbb\xbf" + LABELS.replace("\n", " \r\n").encode())
    facts = collect_own(faces, tmp_path / "labels.csv", raw)
    shards = shards_of(raw, facts, split=Split(train=None, by="official"))
    assert shards.source == "folder"
    assert (shards.attribute_names, shards.factor_names) == (("smiling",), ("age",))
    rows = {line.split(";")[0]: line.split(";") for line in LABELS.splitlines()[1:]}
    of = [next(rows[key] for key in (name, name.split("/")[-1].rpartition(".")[0]) if key in rows) for name in ORDER]
    np.testing.assert_array_equal(shards.attributes[:, 0], [int(row[1]) for row in of])
    np.testing.assert_allclose(shards.factors[:, 0], [float(row[2]) for row in of])
    np.testing.assert_array_equal(shards.identities, [["Anna", "Ben", "Zoë"].index(row[3]) for row in of])
    np.testing.assert_array_equal(shards.split == 0, [row[4] == "train" for row in of])


def test_images_of_all_sizes_are_cropped_to_their_central_square(faces, raw):
    images = shards_of(raw, collect_own(faces, None, raw)).read(range(5))
    for row, name in enumerate(ORDER):
        whole = Image.open(io.BytesIO(FILES[name])).convert("RGB")
        edge, left, top = min(whole.size), (whole.width - min(whole.size)) // 2, (whole.height - min(whole.size)) // 2
        box = (left, top, left + edge, top + edge)
        np.testing.assert_array_equal(images[row], np.asarray(whole.resize((8, 8), Image.Resampling.LANCZOS, box=box)))


def test_a_bad_image_is_named_as_its_owner_called_it(faces, raw, tmp_path):
    (faces / "b" / "broken.png").write_bytes(FILES["b/Anna 2.PNG"][:60])
    facts = collect_own(faces, None, raw)
    with pytest.raises(UserError, match=r"img_align_celeba/000006\.png \(b/broken\.png\): undecodable"):
        shards_of(raw, facts)
    (tmp_path / "again").mkdir()
    skip = OWN.model_copy(update={"on_bad_image": "skip"})
    skipped = build_shards(raw, tmp_path / "again", skip, HALF, workers=1)["skipped"]
    assert [(bad["id"], bad["name"]) for bad in skipped] == [("000006", "b/broken.png")]


ROW = "a.jpg,1\na.webp,0\nAnna 1,1\nAnna 2,0\nZoë,1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected a header"),
        ("name\na.jpg\n", "line 1: expected a header"),
        ("name,x,x\n", "line 1: expected a header"),
        ("name,x\n", "line 2: expected rows of labels, received none"),
        ("name,x\na.jpg,1,2\n", "line 2: expected 2 columns, received 3"),
        ("name,x\na.jpg,1\na.jpg,1\n", "line 3: expected each image once, received 'a.jpg' again (see line 2)"),
        ("name,x\n,1\n", "line 2: expected the name of an image, received none"),
        ("name,x\na.jpg,1\n", "expected a row for every image, received none for 'Zoë.jpeg'"),
        ("name,x\n" + ROW.replace("a.jpg", "a"), "line 2: expected a name of one image, received 'a' for 'a.jpg'"),
        ("name,mood\n" + ROW.replace("Anna 1,1", "Anna 1,sad"), "line 4, column mood: expected a finite number"),
        ("name,mood\n" + ROW.replace("Anna 1,1", "Anna 1,nan"), "line 4, column mood: expected a finite number"),
        (
            "name,partition\n" + ROW.replace("Anna 1,1", "Anna 1,3"),
            "line 4, column partition: expected train, val or",
        ),
        ("name,identity\n" + ROW.replace("1,1", "1,99999999999"), "column identity: expected a whole number from 0"),
        ('name,x\n"a.jpg,1\n', "expected a CSV file, received one that can't be read"),
    ],
)
def test_what_could_shift_a_label_is_an_error_naming_file_line_and_column(faces, raw, tmp_path, text, expected):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    if "see line" not in expected and "'a' for" in expected:
        path.write_text(text.replace("a.webp,0\n", ""))
    with pytest.raises(UserError) as error:
        collect_own(faces, path, raw)
    assert str(error.value).startswith(str(path)) and expected in str(error.value)


def test_a_row_that_names_the_path_comes_before_one_that_names_the_file(tmp_path, raw):
    for name in ("a.jpg", "b/a.jpg"):
        (tmp_path / "faces" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "faces" / name).write_bytes(jpeg(1))
    (tmp_path / "labels.csv").write_text('name,"big, nose"\na.jpg,1\nb/a.jpg,0\n')
    collect_own(tmp_path / "faces", tmp_path / "labels.csv", raw)
    table = labels.read_own(raw / labels.OWN_FILE)
    assert (table.names, table.values[:, 0].tolist()) == (("big_nose",), [1, 0])


@pytest.mark.parametrize("rows", [("1", "0"), ("1", "7"), ("7", "1"), ("7", "8")])
def test_two_labels_of_one_name_are_told(tmp_path, raw, rows):
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "a.jpg").write_bytes(jpeg(1))
    (tmp_path / "labels.csv").write_text(f"name,big nose,big_nose\na,{','.join(rows)}\n")
    with pytest.raises(UserError, match=r"labels\.csv, line 1: expected distinct labels, received big_nose twice"):
        collect_own(tmp_path / "faces", tmp_path / "labels.csv", raw)


def test_more_images_than_six_digits_number_are_told(faces, raw, monkeypatch):
    monkeypatch.setattr(own, "MOST", 4)
    with pytest.raises(UserError, match="expected at most 4 images, received 5"):
        collect_own(faces, None, raw)


def test_a_damaged_image_of_a_zip_is_named(tmp_path, raw):
    path = write_zip(tmp_path / "a.zip", FILES)
    damage_entry(path, FILES["a.jpg"])
    with pytest.raises(UserError, match=r"a\.zip: a\.jpg: damaged .*CRC"):
        collect_own(path, None, raw)


def test_a_place_without_images_is_told(tmp_path, raw):
    with pytest.raises(UserError, match=r"data\.folder\.path: expected a folder or a zip of images, received .*nowh"):
        collect_own(tmp_path / "nowhere", None, raw)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty: expected images \(\.jpg, .*received none"):
        collect_own(tmp_path / "empty", None, raw)
    with pytest.raises(UserError, match=r"expected images .* in it, received none"):
        collect_own(write_zip(tmp_path / "none.zip", {"a.txt": b"x"}), None, raw)


@pytest.mark.parametrize("name", ["../a.jpg", "/a.jpg", "x/../../a.jpg", "C:/a.jpg", "x\\a.jpg"])
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path, raw, name):
    with pytest.raises(UserError, match=r"a\.zip: expected names within the archive, received"):
        collect_own(write_zip(tmp_path / "a.zip", {"b.jpg": jpeg(1), name: jpeg(2)}), None, raw)


def test_a_file_too_large_for_an_image_is_told_before_it_is_read(faces, raw, tmp_path, monkeypatch):
    monkeypatch.setattr(own, "MAX_ENTRY_BYTES", 100)
    with pytest.raises(UserError, match=r"a\.jpg: expected a JPEG, PNG or WebP image"):
        own.read_image(faces / "a.jpg")
    with pytest.raises(UserError, match=r"expected an image of at most 100 bytes, received"):
        collect_own(faces, None, raw)
    with pytest.raises(UserError, match=r"a\.zip: a\.jpg: expected an image of at most 100 bytes, received"):
        collect_own(write_zip(tmp_path / "a.zip", {"a.jpg": jpeg(1)}), None, raw)


def test_too_little_room_is_told_before_anything_is_written(faces, raw, monkeypatch):
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(UserError, match=r"raw: expected room for 0\.00. GB, received 0\.000 GB free"):
        collect_own(faces, None, raw)
    assert not list(raw.iterdir())


def test_a_sub_folder_that_can_not_be_read_is_an_error(faces, raw, monkeypatch):
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    data = Data(source="folder", folder=OwnFaces(path=str(faces)))
    with pytest.raises(UserError, match=r"faces/b: expected to bring the images .*, received: Permission denied"):
        bring(data, raw, raw)


@pytest.mark.parametrize("collect", [lambda path, raw: collect_own(path, None, raw), collect_lfw_folder, collect_jpegs])
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path, faces, raw, collect):
    (tmp_path / "secret").write_bytes(jpeg(9))
    (faces / "secret.jpg").symlink_to(tmp_path / "secret")
    with pytest.raises(UserError, match=r"secret\.jpg: expected an image within .*faces, received a link to .*secret"):
        collect(faces, raw)


def test_links_within_the_folder_are_taken_and_linked_folders_are_counted(faces, raw):
    (faces / "again.jpg").symlink_to("b/Anna 1.jpg")
    (faces / "linked").symlink_to(faces / "b")
    facts = collect_own(faces, None, raw)
    assert (facts["images"], facts["ignored"]) == (6, ["linked", "notes.txt"])


@pytest.mark.parametrize("zipped", [False, True])
def test_only_what_begins_as_an_image_is_packed(faces, raw, tmp_path, zipped):
    (faces / "secret.jpg").write_text("root:x:0:0")
    (faces / "empty.png").write_bytes(b"")
    others = {"secret.jpg": b"root:x:0:0", "empty.png": b"", "notes.txt": b"x"}
    source = write_zip(tmp_path / "faces.zip", FILES | others) if zipped else faces
    facts = collect_own(source, None, raw)
    assert (facts["images"], facts["ignored_files"]) == (5, 3)
    assert sorted(facts["ignored"]) == ["empty.png", "notes.txt", "secret.jpg"]
    assert b"root" not in (raw / ARCHIVE_FILE).read_bytes()


def test_a_jpeg_of_celeba_that_is_none_is_named(faces, raw):
    (faces / "secret.jpg").write_text("root:x:0:0")
    with pytest.raises(UserError, match=r"secret\.jpg: expected a JPEG, PNG or WebP image, received other bytes"):
        collect_jpegs(faces, raw)


@pytest.mark.parametrize("column", ["identity", "partition"])
def test_two_columns_of_one_meaning_are_an_error(faces, raw, tmp_path, column):
    rows = "".join(f"{Path(name).stem},0,1\n" for name in FILES if name != "a.webp") + "a.webp,0,1\n"
    (tmp_path / "labels.csv").write_text(f"name,{column},{column.upper()}\n{rows.replace('a,', 'a.jpg,')}")
    with pytest.raises(UserError, match=rf"line 1: expected one column {column}, received 2"):
        collect_own(faces, tmp_path / "labels.csv", raw)


def test_a_wrong_name_column_is_named(faces, raw, tmp_path):
    (tmp_path / "labels.csv").write_text("age,picture\n" + "".join(f"{row},{name}\n" for row, name in enumerate(FILES)))
    with pytest.raises(UserError, match=r"received none for 'Zoë\.jpeg' \(column 'age' names the images\)"):
        collect_own(faces, tmp_path / "labels.csv", raw)


def test_how_the_labels_were_read_is_said(faces, tmp_path, monkeypatch):
    rows = LABELS + "gone.jpg;0;5;Anna;test\n"
    (faces / "labels.csv").write_text(rows)
    (tmp_path / "raw").mkdir()
    data = Data(source="folder", folder=OwnFaces(path=str(faces), labels=str(faces / "labels.csv")))
    facts = bring(data, tmp_path / "store", tmp_path / "raw")
    assert facts.items() >= {"images": 5, "attributes": 1, "factors": 1, "identities": 3}.items()
    assert facts.items() >= {"rows_without_image": 1, "ignored_files": 1}.items()
    assert describe(facts) == (
        "5 images (folder); 1 attributes, 1 factors, 3 identities; 1 label rows without an image; 1 files ignored "
        "(notes.txt); labels.csv: separated by semicolons, images named by 'Name', attributes smiling, factors age, "
        "a partition"
    )


def lfw_archive(people: dict[str, int]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for seed, (name, count) in enumerate(people.items()):
            for number in range(1, count + 1):
                data = jpeg(10 * seed + number, width=250, height=250)
                info = tarfile.TarInfo(f"lfw_funneled/{name}/{name}_{number:04d}.jpg")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


PEOPLE = {"Zoe_Z": 2, "Adam_A": 3, "Mia_M": 1}


@pytest.fixture
def figshare(monkeypatch):
    """The server of LFW, and scikit-learn's addresses and checksums turned to it."""
    from sklearn.datasets import _lfw

    files = {"/lfw-funneled.tgz": lfw_archive(PEOPLE)} | {
        f"/{of.filename}": of.filename.encode() for of in _lfw.TARGETS
    }
    with serve(Site(files)) as site:

        def here(remote):
            checksum = hashlib.sha256(files[f"/{remote.filename}"]).hexdigest()
            return remote._replace(url=f"{site.address}/{remote.filename}", checksum=checksum)

        monkeypatch.setattr(_lfw, "FUNNELED_ARCHIVE", here(_lfw.FUNNELED_ARCHIVE))
        monkeypatch.setattr(_lfw, "TARGETS", tuple(map(here, _lfw.TARGETS)))
        monkeypatch.setattr(lfw, "IMAGES", sum(PEOPLE.values()))
        yield site


def test_lfw_becomes_faces_with_identities(figshare, raw, tmp_path):
    facts = collect_lfw(tmp_path / "store", raw)
    shards = shards_of(raw, facts, OWN, Split(train=3, by="identity"))
    assert (shards.source, len(shards)) == ("lfw", 6)
    assert shards.identities.tolist() == [0, 0, 0, 1, 2, 2]
    assert read_names(raw / NAMES_FILE)["000004"] == "Mia_M/Mia_M_0001.jpg"


def test_lfw_whose_unpacking_was_cut_off_is_not_taken_for_all(figshare, raw, tmp_path):
    half = tmp_path / "store" / "lfw" / "lfw_home" / "lfw_funneled" / "Adam_A"
    half.mkdir(parents=True)
    (half / "Adam_A_0001.jpg").write_bytes(jpeg(1))
    assert collect_lfw(tmp_path / "store", raw, verify=False)["images"] == 6


def test_lfw_with_a_wrong_checksum_or_too_few_images_is_told(figshare, raw, tmp_path, monkeypatch):
    monkeypatch.setattr(lfw, "IMAGES", 13_233)
    with pytest.raises(UserError, match="expected 13233 images, received 6"):
        collect_lfw(tmp_path / "store", raw)
    figshare.files["/lfw-funneled.tgz"] = b"other"
    with pytest.raises(UserError, match=r"data\.source: lfw: expected a download by scikit-learn, received: .*SHA256"):
        collect_lfw(tmp_path / "other", raw)


@pytest.mark.slow
def test_lfw_out_of_reach_is_one_clear_line(figshare, raw, tmp_path):
    figshare.files.clear()
    with pytest.raises(UserError, match=r"data\.source: lfw: expected .*, received: HTTP Error 404") as error:
        collect_lfw(tmp_path / "store", raw)
    assert "\n" not in str(error.value)
