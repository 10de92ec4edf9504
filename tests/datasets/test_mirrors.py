"""Every way to CelebA ends in the very same shards, and what is not CelebA is not taken for it."""

import csv
import hashlib
import importlib
import inspect
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.datasets.site import REVISION, folder_site, hub_site, serve
from tests.datasets_support import IMAGES, attributes_of, jpeg, write_zip
from zpoints.config.data import Addresses, Data, HuggingFace, WebFile
from zpoints.config.split import Split
from zpoints.datasets import checksums as published
from zpoints.datasets import download as web
from zpoints.datasets import labels, mirrors, parquet
from zpoints.datasets import zip_writer as packing
from zpoints.datasets.archive import ARCHIVE_FILE, Entry, FaceArchive
from zpoints.datasets.labels import ATTRIBUTE_FILE, IDENTITY_FILE, PARTITION_FILE, Table
from zpoints.datasets.mirrors import bring_celeba
from zpoints.errors import UserError
from zpoints.shards.build import build_shards

N = 20
IDS = [f"{number:06d}" for number in range(1, N + 1)]
NAMES = [f"{image}.jpg" for image in IDS]
PARTITION = np.repeat([0, 1, 2], [14, 3, 3])
IDENTITY = 100 + np.arange(N) // 3
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def official(tmp_path, monkeypatch):
    """A small CelebA in its published layout, and its checksums in the place of the real ones."""
    folder = tmp_path / "official"
    folder.mkdir()
    write_zip(folder / ARCHIVE_FILE, {f"img_align_celeba/{name}": jpeg(int(name[:6])) for name in NAMES})
    for file, names, values in (
        (ATTRIBUTE_FILE, labels.ATTRIBUTES, attributes_of(IDS)),
        (PARTITION_FILE, ("partition",), PARTITION[:, None]),
        (IDENTITY_FILE, ("identity",), IDENTITY[:, None]),
    ):
        labels.write(folder / file, Table(NAMES, names, values))
    for file in published.MD5:
        monkeypatch.setitem(published.MD5, file, hashlib.md5((folder / file).read_bytes()).hexdigest())
    monkeypatch.setattr(published, "IMAGES", N)
    monkeypatch.setattr(published, "FIRST", N)
    monkeypatch.setattr(published, "FIRST_MD5", published.images_md5(FaceArchive(folder / ARCHIVE_FILE).entries))
    monkeypatch.setattr(web, "FIRST_WAIT", 0.001)
    return folder


@pytest.fixture
def bring(tmp_path):
    """Bring CelebA by `data` and make shards of it: their bytes by name, and what source.json says."""
    made = []

    def run(data: Data, store: Path | None = None) -> tuple[dict[str, bytes], dict]:
        place = tmp_path / f"run{len(made)}"
        made.append(place)
        (place / "raw").mkdir(parents=True)
        (place / "shards").mkdir()
        facts = bring_celeba(data, store or place / "store", place / "raw")
        (place / "raw" / "source.json").write_text(json.dumps(facts))
        build_shards(place / "raw", place / "shards", IMAGES, Split(train=0.75), workers=1)
        return {path.name: path.read_bytes() for path in (place / "shards").iterdir()}, facts

    return run


@pytest.fixture
def shards(official, bring):
    return bring(Data(source="celeba", archive=str(official)))[0]


def write_csv(path: Path, file: str, folder: Path) -> None:
    """A published label file as Kaggle has it."""
    reader = {ATTRIBUTE_FILE: labels.read_attributes, PARTITION_FILE: labels.read_partition}[file]
    table = reader(folder / file)
    values = table.values * 2 - 1 if file == ATTRIBUTE_FILE else table.values
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image_id", *table.names])
        writer.writerows([image, *row] for image, row in zip(table.ids, values.tolist(), strict=True))


def kaggle_layout(official: Path, folder: Path) -> Path:
    """img_align_celeba/img_align_celeba/*.jpg and CSV files; nobody's identities."""
    (folder / "img_align_celeba" / "img_align_celeba").mkdir(parents=True)
    for name in NAMES:
        (folder / "img_align_celeba" / "img_align_celeba" / name).write_bytes(jpeg(int(name[:6])))
    for file in (ATTRIBUTE_FILE, PARTITION_FILE):
        write_csv(folder / f"{Path(file).stem}.csv", file, official)
    (folder / "list_bbox_celeba.csv").write_text("image_id,x_1\n")
    return folder


def without_identities(shards: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in shards.items() if name != "identities.npy"}


def test_the_published_label_files_are_written_byte_for_byte_from_their_values(tmp_path):
    rows = Table(NAMES[:3], labels.ATTRIBUTES, np.eye(3, 40, dtype=np.int8))
    labels.write(tmp_path / ATTRIBUTE_FILE, rows)
    lines = (tmp_path / ATTRIBUTE_FILE).read_bytes().split(b"\r\n")
    assert lines[0] == b"3" and lines[1].startswith(b"5_o_Clock_Shadow ") and lines[1].endswith(b" Young ")
    assert lines[2].startswith(b"000001.jpg 1 -1 -1 ") and lines[3].startswith(b"000002.jpg -1  1 -1 ")
    labels.write(tmp_path / PARTITION_FILE, Table(NAMES[:2], ("partition",), np.array([[0], [2]])))
    assert (tmp_path / PARTITION_FILE).read_bytes() == b"000001.jpg 0\r\n000002.jpg 2\r\n"


def test_celeba_s_own_folders_end_in_the_same_shards(official, bring, shards, tmp_path):
    whole = tmp_path / "CelebA"
    places = {ARCHIVE_FILE: "Img", ATTRIBUTE_FILE: "Anno", IDENTITY_FILE: "Anno", PARTITION_FILE: "Eval"}
    for file, place in places.items():
        (whole / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(official / file, whole / place / file)
    for archive in (whole, whole / "Img" / ARCHIVE_FILE):
        found, facts = bring(Data(source="celeba", archive=str(archive)))
        assert found == shards
        assert all(of["official"] for of in facts["files"].values()) and facts["first_official"]


@pytest.mark.parametrize("place", [".", "img_align_celeba", "Img/img_align_celeba"])
def test_a_folder_of_jpegs_ends_in_the_same_shards(official, bring, shards, tmp_path, place):
    folder = tmp_path / "unpacked"
    (folder / place).mkdir(parents=True)
    for name in NAMES:
        (folder / place / name).write_bytes(jpeg(int(name[:6])))
    for file in (ATTRIBUTE_FILE, PARTITION_FILE, IDENTITY_FILE):
        shutil.copy(official / file, folder / file)
    found, facts = bring(Data(source="celeba", mirror="folder", archive=str(folder)))
    assert found == shards
    assert facts["first_official"] and not facts["files"][ARCHIVE_FILE]["official"]


def test_the_mirror_folder_takes_the_jpegs_though_an_archive_is_there_too(official, bring, shards):
    (official / "img_align_celeba").mkdir()
    (official / "img_align_celeba" / NAMES[0]).write_bytes(jpeg(1))
    assert bring(Data(source="celeba", archive=str(official)))[0] == shards
    with pytest.raises(UserError, match=r"split\.train"):
        bring(Data(source="celeba", mirror="folder", archive=str(official)))
    with pytest.raises(UserError, match=r"data\.archive: expected a folder of JPEGs .*, received .*\.zip"):
        bring(Data(source="celeba", mirror="folder", archive=str(official / ARCHIVE_FILE)))


def test_kaggle_s_layout_ends_in_the_same_shards_unpacked_and_as_one_zip(official, bring, shards, tmp_path):
    folder = kaggle_layout(official, tmp_path / "kaggle")
    expected = without_identities(shards)
    assert bring(Data(source="celeba", archive=str(folder)))[0] == expected
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    alone = tmp_path / "alone"
    alone.mkdir()
    found, facts = bring(Data(source="celeba", archive=str(write_zip(alone / "archive.zip", files))))
    assert found == expected
    assert facts["files"][ATTRIBUTE_FILE]["official"], "CSV is written back as it was published"


def addresses(site, **changes) -> Addresses:
    names = {"images": ARCHIVE_FILE, "attributes": ATTRIBUTE_FILE}
    names |= {"partition": PARTITION_FILE, "identities": IDENTITY_FILE}
    return Addresses(**({key: WebFile(address=f"{site.address}/{name}") for key, name in names.items()} | changes))


def test_any_web_server_ends_in_the_same_shards_whatever_happens_on_the_way(official, bring, shards):
    with serve(folder_site(official)) as site:
        site.mishaps = [("cut", 20), ("status", 503, {}), ("none",), ("cut", 10), ("none",), ("cut", 1000), ("cut", 5)]
        found, facts = bring(Data(source="celeba", mirror="url", url=addresses(site)))
    assert found == shards
    assert all(of["official"] for of in facts["files"].values())


def test_a_web_server_with_another_archive_is_told_unless_its_checksum_is_given(official, bring, shards):
    site = folder_site(official)
    other = site.files[f"/{ARCHIVE_FILE}"] + b"\0"
    site.files[f"/{ARCHIVE_FILE}"] = other
    with serve(site):
        with pytest.raises(UserError, match=r"expected a file with MD5 .*, received .* bytes with MD5"):
            bring(Data(source="celeba", mirror="url", url=addresses(site)))
        mine = WebFile(address=f"{site.address}/{ARCHIVE_FILE}", md5=hashlib.md5(other).hexdigest())
        assert bring(Data(source="celeba", mirror="url", url=addresses(site, images=mine)))[0] == shards
        assert bring(Data(source="celeba", mirror="url", verify=False, url=addresses(site)))[0] == shards


def test_a_download_that_gave_up_goes_on_and_fetches_nothing_twice(official, bring, shards, tmp_path):
    store = tmp_path / "store"
    with serve(folder_site(official)) as site:
        data = Data(source="celeba", mirror="url", url=addresses(site))
        site.mishaps = [("none",)] * 3 + [("cut", 1000)] + [("status", 500, {})] * 5
        with pytest.raises(UserError, match="run it again to go on from there"):
            bring(data, store)
        before = len(site.requests)
        assert bring(data, store)[0] == shards
    assert site.requests[before:] == [(f"/{ARCHIVE_FILE}", "bytes=1000-")]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (3, r"list_attr_celeba\.txt: expected a file that can be used, received one that cannot: .*number of images"),
        (4, r"img_align_celeba\.zip: expected a file that can be used, received one that cannot: .*whole zip archive"),
    ],
)
def test_what_no_checksum_speaks_for_must_be_readable_to_be_kept(official, bring, shards, tmp_path, place, expected):
    store = tmp_path / "store"
    with serve(folder_site(official)) as site:
        data = Data(source="celeba", mirror="url", verify=False, url=addresses(site))
        site.mishaps = [("none",)] * (place - 1) + [("page", '{"error": "quota"}')]
        with pytest.raises(UserError, match=expected):
            bring(data, store)
        assert len(site.requests) == place, "it is told before the next file is fetched"
        assert bring(data, store)[0] == shards


def test_a_file_that_is_no_longer_wanted_is_not_taken_from_an_earlier_run(official, bring, tmp_path):
    (tmp_path / "store").mkdir()
    shutil.copy(official / IDENTITY_FILE, tmp_path / "store" / IDENTITY_FILE)
    with serve(folder_site(official)) as site:
        data = Data(source="celeba", mirror="url", url=addresses(site, identities=None))
        assert IDENTITY_FILE not in bring(data, tmp_path / "store")[1]["files"]


def test_what_has_come_is_not_written_a_second_time(official, tmp_path):
    (tmp_path / "raw").mkdir()
    with serve(folder_site(official)) as site:
        bring_celeba(Data(source="celeba", mirror="url", url=addresses(site)), tmp_path / "store", tmp_path / "raw")
    assert (tmp_path / "store" / ARCHIVE_FILE).samefile(tmp_path / "raw" / ARCHIVE_FILE)


@pytest.fixture
def drive(official, monkeypatch):
    """A gdown that reads from the official folder."""
    names = {id: name for name, id in mirrors.GOOGLE_DRIVE.items()}
    calls = []

    def download(*, id, output, quiet, resume, use_cookies, timeout, retries):
        calls.append(names[id])
        shutil.copy(official / names[id], output)
        return output

    monkeypatch.setitem(sys.modules, "gdown", SimpleNamespace(download=download))
    return calls


def test_google_drive_ends_in_the_same_shards(bring, shards, drive):
    assert bring(Data(source="celeba", mirror="google-drive"))[0] == shards
    assert sorted(drive) == sorted(published.MD5)


def test_google_drive_fetches_again_what_is_not_there_yet_alone(bring, shards, drive, official, tmp_path):
    (tmp_path / "store").mkdir()
    shutil.copy(official / ARCHIVE_FILE, tmp_path / "store" / ARCHIVE_FILE)
    assert bring(Data(source="celeba", mirror="google-drive"), tmp_path / "store")[0] == shards
    assert ARCHIVE_FILE not in drive


def test_a_quota_page_of_google_drive_is_told_and_not_kept(bring, official, drive, tmp_path):
    (official / PARTITION_FILE).write_text("<html>quota exceeded")
    with pytest.raises(UserError, match=r"google-drive: list_eval_partition\.txt: expected MD5 .* quota or login page"):
        bring(Data(source="celeba", mirror="google-drive"), tmp_path / "store")
    assert not (tmp_path / "store" / PARTITION_FILE).exists()
    assert ARCHIVE_FILE not in drive, "the small files are fetched first"


def test_google_drive_that_brings_nothing_is_told(bring, monkeypatch):
    monkeypatch.setitem(sys.modules, "gdown", SimpleNamespace(download=lambda **_: None))
    with pytest.raises(UserError, match=r"google-drive: .*\.txt: expected the file, received nothing"):
        bring(Data(source="celeba", mirror="google-drive"))


def test_google_drive_unverified_takes_other_files(bring, official, drive):
    labels.write(official / PARTITION_FILE, Table(NAMES, ("partition",), PARTITION[::-1, None]))
    facts = bring(Data(source="celeba", mirror="google-drive", verify=False))[1]
    assert not facts["files"][PARTITION_FILE]["official"]


@pytest.mark.parametrize(
    "error", [ValueError("Too many users\n have viewed"), OSError(28, "No space left"), TimeoutError()]
)
def test_whatever_a_mirror_s_library_raises_is_one_line(bring, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setitem(sys.modules, "gdown", SimpleNamespace(download=fail))
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=fail))
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=fail))
    for mirror in ("google-drive", "kaggle", "huggingface"):
        with pytest.raises(
            UserError, match=r"expected a download, received: .*(Too many users have|No space|TimeoutError)"
        ) as told:
            bring(Data(source="celeba", mirror=mirror))
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("mirror", "library"),
    [
        ("google-drive", "gdown"),
        ("kaggle", "kagglehub"),
        ("huggingface", "huggingface_hub"),
        ("huggingface", "pyarrow.parquet"),
    ],
)
def test_a_missing_library_names_the_extra_to_install(bring, monkeypatch, mirror, library):
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace())
    monkeypatch.setitem(sys.modules, library, None)
    package = library.partition(".")[0]
    expected = (
        rf"data\.mirror: {mirror} expected the library {package}, received none: pip install 'zpoints\[{mirror}\]'"
    )
    with pytest.raises(UserError, match=expected):
        bring(Data(source="celeba", mirror=mirror))


@pytest.mark.parametrize(
    ("library", "function", "arguments"),
    [
        ("gdown", "download", {"id", "output", "quiet", "resume", "use_cookies", "timeout", "retries"}),
        ("kagglehub", "dataset_download", set()),
        (
            "huggingface_hub",
            "snapshot_download",
            {"repo_type", "revision", "local_dir", "allow_patterns", "max_workers"},
        ),
    ],
)
def test_the_libraries_know_the_arguments_that_are_used(library, function, arguments):
    module = pytest.importorskip(library)
    assert arguments <= set(inspect.signature(getattr(module, function)).parameters)


def test_kaggle_ends_in_the_same_shards(official, bring, shards, monkeypatch, tmp_path):
    folder = kaggle_layout(official, tmp_path / "cache")
    monkeypatch.setitem(sys.modules, "kagglehub", SimpleNamespace(dataset_download=lambda handle: str(folder)))
    assert bring(Data(source="celeba", mirror="kaggle"))[0] == without_identities(shards)
    image = folder / "img_align_celeba" / "img_align_celeba" / NAMES[4]
    other = bytearray(image.read_bytes())
    other[-20] ^= 1
    image.write_bytes(other)
    with pytest.raises(UserError, match="expected the published JPEGs 000001 to 000020, received others"):
        bring(Data(source="celeba", mirror="kaggle"))
    image.unlink()
    with pytest.raises(UserError, match=r"expected 20 images, received 19"):
        bring(Data(source="celeba", mirror="kaggle"))


def png(data: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, "PNG")
    return buffer.getvalue()


def parquet_files(official: Path, recode=bytes, kind: str = "bool", identities: bool = True) -> dict[str, bytes]:
    """CelebA as the hub has it: a folder of a configuration, the splits in files, the images' bytes in a column."""
    pyarrow, writer = pytest.importorskip("pyarrow"), importlib.import_module("pyarrow.parquet")
    attributes = labels.read_attributes(official / ATTRIBUTE_FILE).values
    parts = {
        "train-00000-of-00002": range(8),
        "train-00001-of-00002": range(8, 14),
        "valid-00000-of-00001": range(14, 17),
    }
    parts["test-00000-of-00001"] = range(17, 20)
    files = {}
    for name, rows in parts.items():
        columns = {"image": [{"bytes": recode(jpeg(row + 1)), "path": None} for row in rows]}
        if identities:
            columns["celeb_id"] = IDENTITY[rows].tolist()
        for place, attribute in enumerate(labels.ATTRIBUTES):
            values = attributes[rows, place]
            columns[attribute] = (values.astype(bool) if kind == "bool" else values * 2 - 1).tolist()
        buffer = io.BytesIO()
        writer.write_table(pyarrow.table(columns), buffer, row_group_size=3)
        files[f"img_align+identity+attr/{name}.parquet"] = buffer.getvalue()
    return files


def fake_hub(monkeypatch, files):
    def snapshot_download(repository, *, repo_type, revision, local_dir, allow_patterns, max_workers):
        assert (repo_type, allow_patterns) == ("dataset", ["*.parquet"])
        for name, data in files.items():
            path = Path(local_dir, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        Path(local_dir, ".cache").mkdir(parents=True, exist_ok=True)
        Path(local_dir, ".cache", "unfinished.parquet").write_bytes(b"")

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=snapshot_download))


@pytest.mark.parametrize("recode", [bytes, png])
def test_the_hub_s_parquet_ends_in_the_same_shards(official, bring, shards, monkeypatch, recode):
    monkeypatch.setattr(parquet, "ROWS", 2)
    fake_hub(monkeypatch, parquet_files(official, recode))
    found, facts = bring(Data(source="celeba", mirror="huggingface"))
    assert found == shards
    assert {file for file, of in facts["files"].items() if of["official"]} == set(published.MD5) - {ARCHIVE_FILE}
    assert facts["first_official"] is (recode is bytes)


def test_parquet_without_identities_and_with_signs_is_read_too(official, bring, shards, monkeypatch):
    fake_hub(monkeypatch, parquet_files(official, kind="signs", identities=False))
    assert bring(Data(source="celeba", mirror="huggingface"))[0] == without_identities(shards)


def test_rows_in_another_order_do_not_pass_for_the_published_ones(official, bring, monkeypatch):
    files = parquet_files(official)
    first, second, *_ = files
    files[first], files[second] = files[second], files[first]
    fake_hub(monkeypatch, files)
    with pytest.raises(UserError, match=r"huggingface: list_attr_celeba\.txt: expected MD5 .*, received"):
        bring(Data(source="celeba", mirror="huggingface"))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda files: files.clear(), r"expected \*\.parquet files, received none"),
        (lambda files: files.update({"train-1.parquet": b"PAR1 no"}), "expected a parquet file, received"),
        (lambda files: files.update({"other.parquet": b""}), "expected names that begin with train, val, test"),
    ],
)
def test_parquet_that_is_none_is_told(official, bring, monkeypatch, spoil, expected):
    files = parquet_files(official)
    spoil(files)
    fake_hub(monkeypatch, files)
    with pytest.raises(UserError, match=expected):
        bring(Data(source="celeba", mirror="huggingface"))


def one_parquet(folder: Path, **changes: list) -> Path:
    """A folder with a parquet file of three rows; None takes a column out."""
    pyarrow, writer = pytest.importorskip("pyarrow"), importlib.import_module("pyarrow.parquet")
    columns = {"image": [{"bytes": jpeg(row), "path": None} for row in range(3)], "celeb_id": [1, 2, 2]}
    columns |= {name: [True, False, True] for name in labels.ATTRIBUTES} | changes
    (folder / "hub").mkdir()
    table = pyarrow.table({name: column for name, column in columns.items() if column is not None})
    writer.write_table(table, folder / "hub" / "train-0.parquet", compression="none")
    (folder / "raw").mkdir()
    return folder / "hub"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"image": None}, "expected the columns image and CelebA's 40 attributes, received none called image"),
        ({"Young": None}, "received none called Young"),
        ({"image": [{"bytes": jpeg(1), "path": None}] * 2 + [{"bytes": None, "path": "a"}]}, "image 3: expected its"),
        ({"image": ["a", "b", "c"]}, "image 1: expected its bytes, received none"),
        (
            {"image": [{"bytes": data, "path": "a.jpg"} for data in (jpeg(1), b"#!/bin/sh", jpeg(3))]},
            "image 2: expected a JPEG, PNG or WebP image, received other bytes",
        ),
        ({"Young": [0, 1, 2]}, "expected attributes of 0 or 1, or -1 or 1, received 0 to 2"),
        ({"Young": [0.0, 1.0, 1.0]}, "Young: expected whole numbers in every row, received float64"),
        ({"Young": [True, None, False]}, "Young: expected whole numbers in every row, received object"),
        ({"celeb_id": [1, -2, 3]}, "celeb_id: expected whole numbers from 0, received -2"),
        ({"celeb_id": [1, 2, 1 << 40]}, "celeb_id: expected whole numbers from 0"),
    ],
)
def test_columns_that_do_not_fit_are_named(tmp_path, changes, expected):
    with pytest.raises(UserError) as error:
        parquet.repack(one_parquet(tmp_path, **changes), tmp_path / "raw")
    assert str(error.value).startswith(str(tmp_path / "hub")) and expected in str(error.value)


def test_a_parquet_file_damaged_in_its_middle_is_named(tmp_path):
    file = one_parquet(tmp_path) / "train-0.parquet"
    data = bytearray(file.read_bytes())
    data[4:60] = b"\xff" * 56
    file.write_bytes(data)
    with pytest.raises(UserError, match=r"train-0\.parquet: expected a parquet file, received"):
        parquet.repack(tmp_path / "hub", tmp_path / "raw")


def test_no_room_and_a_full_disk_are_told_while_parquet_is_repacked(tmp_path, monkeypatch):
    hub = one_parquet(tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "pack", full)
    with pytest.raises(OSError, match="No space left on device"):
        parquet.repack(hub, tmp_path / "raw")
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(UserError, match=r"raw: expected room for 0\.0.. GB"):
        parquet.repack(hub, tmp_path / "raw")


def entries(*numbers: int) -> list[Entry]:
    return [Entry(f"{number:06d}", f"{number:06d}.jpg", 1, 7) for number in numbers]


def test_only_images_that_are_all_there_are_held_against_the_published_ones(monkeypatch):
    monkeypatch.setattr(published, "FIRST", 3)
    monkeypatch.setattr(published, "FIRST_MD5", published.images_md5(entries(1, 2, 3)))
    assert published.first_official(entries(1, 2, 3)) and published.first_official(entries(1, 2, 3, 4))
    assert published.first_official([*entries(1, 2), entries(3)[0]._replace(crc=8)]) is False
    for others in ((1, 3), (1, 2), (2, 3, 4), (0, 1, 3)):
        assert published.first_official(entries(*others)) is None


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (PARTITION_FILE, "image_id,a,b\n000001.jpg,0,0\n", "line 1: expected image_id,partition, received 3 columns"),
        (PARTITION_FILE, "image_id,a\n000001.jpg,3\n", "line 2, column a: expected a whole number from 0 to 2"),
        (PARTITION_FILE, "image_id,a\n000001.png,1\n", "line 2: expected an image id such as 000001.jpg"),
        (IDENTITY_FILE, "image_id,a\n000001.jpg,x\n", "line 2, column a: expected a whole number from 0 to 9999"),
        (ATTRIBUTE_FILE, "image_id,Bald\n000001.jpg,1\n", "line 1: expected the 40 attribute names, received 1 names"),
        (
            ATTRIBUTE_FILE,
            f"image_id,{','.join(labels.ATTRIBUTES)}\n000001.jpg,{'1,' * 39}2\n",
            "line 2, column Young: expected -1 or 1, received '2'",
        ),
        (
            ATTRIBUTE_FILE,
            f"image_id,{','.join(labels.ATTRIBUTES)}\n000001.jpg,{'1,' * 39}-1\n000002.jpg,{'1,' * 39}0\n",
            "line 3, column Young: expected -1 or 1, received '0'",
        ),
    ],
)
def test_a_csv_that_is_not_what_it_should_be_is_told_with_line_and_column(tmp_path, file, text, expected):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(UserError) as error:
        published.read_csv(file, tmp_path / "labels.csv")
    assert str(error.value).startswith(f"{tmp_path / 'labels.csv'}, ") and expected in str(error.value)


def test_the_hub_s_own_library_fetches_from_a_server_that_speaks_as_the_hub(official, shards, tmp_path):
    pytest.importorskip("huggingface_hub")
    with serve(hub_site("some/celeba", parquet_files(official))) as site:
        code = (
            "import json, sys; from pathlib import Path; from zpoints.datasets.mirrors import bring_celeba\n"
            "from zpoints.config.data import Data\n"
            "data, store, raw = Data.model_validate_json(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])\n"
            "facts = bring_celeba(data, store, raw); (raw / 'source.json').write_text(json.dumps(facts))"
        )
        wanted = HuggingFace(repository="some/celeba", revision=REVISION)
        data = Data(source="celeba", mirror="huggingface", verify=False, huggingface=wanted).model_dump_json()
        raw, out = tmp_path / "raw", tmp_path / "shards"
        raw.mkdir(), out.mkdir()
        environment = {**os.environ, "HF_ENDPOINT": site.address, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path)}
        command = [sys.executable, "-c", code, data, str(tmp_path / "store"), str(raw)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + str(site.requests)
    build_shards(raw, out, IMAGES, Split(train=0.75), workers=1)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == shards
