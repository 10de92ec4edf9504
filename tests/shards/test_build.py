import json
import os
import zipfile

import numpy as np
import pytest

from tests.datasets_support import CROP, IMAGES, attributes_of, damage_entry, jpeg, write_raw
from zpoints.config.split import Split
from zpoints.datasets import labels
from zpoints.datasets import zip_writer as packing
from zpoints.datasets.picture import face
from zpoints.errors import UserError
from zpoints.shards import build
from zpoints.shards.build import build_shards, describe
from zpoints.shards.decode import decode_all
from zpoints.shards.store import Shards

SKIP = IMAGES.model_copy(update={"on_bad_image": "skip"})
SPLIT = Split(train=0.75)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    """Shards of 8 images in chunks of 3: few images make many of both, and chunks that do not fill a shard."""
    monkeypatch.setattr(build, "SHARD_IMAGES", 8)
    monkeypatch.setattr(build, "CHUNK_BYTES", 3 * 8 * 8 * 3)


@pytest.fixture
def out(tmp_path):
    (tmp_path / "shards").mkdir()
    return tmp_path / "shards"


def expected_pixels(ids):
    return np.stack([face(jpeg(int(image)), CROP, 8, "lanczos") for image in ids])


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_image_lies_in_its_row_with_its_labels(tmp_path, out):
    measures = build_shards(write_raw(tmp_path / "raw", 20), out, IMAGES, SPLIT, workers=1)
    shards = Shards.open(out)
    assert "libjpeg" in measures.pop("decoder")
    assert shards.ids.tolist() == [f"{i:06d}" for i in range(1, 21)]
    np.testing.assert_array_equal(shards.read(np.arange(20)), expected_pixels(shards.ids))
    np.testing.assert_array_equal(shards.attributes, attributes_of(shards.ids))
    np.testing.assert_array_equal(shards.identities, 1000 + np.arange(1, 21) // 2)
    assert shards.attribute_names == labels.ATTRIBUTES
    assert (len(shards.rows("train")), len(shards.rows("held_out"))) == (15, 5)
    counts = {"images": 20, "train": 15, "held_out": 5, "size": 8, "shards": 3}
    assert measures.items() >= {**counts, "source": "celeba", "skipped": []}.items()
    assert json.loads((out / "index.json").read_text())["shards"][-1] == {"file": "shard_002.npy", "images": 4}


@pytest.mark.parametrize("images", [IMAGES, SKIP], ids=["fail", "skip"])
def test_the_number_of_workers_changes_no_byte(tmp_path, out, images):
    raw = write_raw(tmp_path / "raw", 40, {"000005": b"no image", "000011": b"no image"} if images is SKIP else {})
    first = build_shards(raw, out, images, SPLIT, workers=1)
    (tmp_path / "again").mkdir()
    # Twelve tasks or so: more than three workers hold at once.
    assert build_shards(raw, tmp_path / "again", images, SPLIT, workers=3) == first
    assert content(out) == content(tmp_path / "again")


def test_labels_are_joined_by_id_where_the_files_name_more_images(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12, labelled=50)
    build_shards(raw, out, IMAGES.model_copy(update={"limit": 10}), SPLIT, workers=1)
    shards = Shards.open(out)
    assert shards.ids.tolist() == [f"{i:06d}" for i in range(1, 11)]
    np.testing.assert_array_equal(shards.attributes, attributes_of(shards.ids))


def test_labels_in_another_order_are_joined_by_id(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 10)
    path = raw / labels.ATTRIBUTE_FILE
    count, names, *rows = path.read_text().splitlines()
    path.write_text("\n".join([count, names, *rows[::-1]]))
    build_shards(raw, out, IMAGES, SPLIT, workers=1)
    np.testing.assert_array_equal(Shards.open(out).attributes, attributes_of([f"{i:06d}" for i in range(1, 11)]))


def test_an_image_without_a_label_is_named(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12, labelled=10)
    expected = r"list_attr_celeba\.txt: expected a row for every image, received none for 000011\.jpg \(2 images"
    with pytest.raises(UserError, match=expected):
        build_shards(raw, out, IMAGES, SPLIT, workers=1)


def test_label_files_may_be_absent_and_factors_are_kept(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 10)
    for file in (labels.ATTRIBUTE_FILE, labels.PARTITION_FILE, labels.IDENTITY_FILE):
        (raw / file).unlink()
    (raw / "source.json").write_text('{"source": "toy"}')
    factors = np.random.default_rng(0).normal(size=(10, 2)).astype(np.float32)
    ids = [f"{i:06d}.jpg" for i in range(1, 11)]
    labels.write(raw / labels.FACTOR_FILE, labels.Table(ids, ("yaw", "smile"), factors))
    assert build_shards(raw, out, IMAGES, SPLIT, workers=1)["source"] == "toy"
    shards = Shards.open(out)
    np.testing.assert_array_equal(shards.factors, factors)
    assert shards.factor_names == ("yaw", "smile")
    assert shards.attributes is None
    assert shards.identities is None


@pytest.mark.parametrize("workers", [1, 3])
def test_the_bad_image_of_the_lowest_id_ends_it(tmp_path, out, workers):
    bad = {f"{i:06d}": b"no image" for i in (14, 15, 18)} | {"000010": jpeg(1)[:-60]}
    raw = write_raw(tmp_path / "raw", 20, bad)
    expected = r"raw/img_align_celeba\.zip: img_align_celeba/000010\.jpg: undecodable .*on_bad_image"
    with pytest.raises(UserError, match=expected):
        build_shards(raw, out, IMAGES, SPLIT, workers=workers)


def test_a_wrong_checksum_ends_it_and_names_the_entry(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12)
    damage_entry(raw / "img_align_celeba.zip", jpeg(7))
    with pytest.raises(UserError, match=r"img_align_celeba/000007\.jpg: damaged .*CRC"):
        build_shards(raw, out, IMAGES, SPLIT, workers=1)


def test_a_crop_box_beyond_an_image_ends_it_and_says_so(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12, {"000004": jpeg(4, width=20)})
    with pytest.raises(UserError, match=r"000004\.jpg: the crop box \[0, 3, 24, 27\] does not lie inside"):
        build_shards(raw, out, IMAGES, SPLIT, workers=1)


@pytest.mark.parametrize(
    "bad", [[1], [8], [20], [3, 4, 9], [17, 18, 19, 20], [1, 2, 3, 4, 5, 6, 7, 8], list(range(2, 20))]
)
def test_skipped_images_leave_no_gap(tmp_path, out, bad):
    raw = write_raw(tmp_path / "raw", 20, {f"{i:06d}": b"no image" for i in bad})
    measures = build_shards(raw, out, SKIP, Split(train=0.5), workers=1)
    kept = [f"{i:06d}" for i in range(1, 21) if i not in bad]
    shards = Shards.open(out)
    assert shards.ids.tolist() == kept
    np.testing.assert_array_equal(shards.read(np.arange(len(kept))), expected_pixels(kept))
    np.testing.assert_array_equal(shards.attributes, attributes_of(kept))
    assert measures["skipped"] == [{"id": f"{i:06d}", "reason": "not a JPEG, PNG or WebP image"} for i in bad]
    assert (measures["images"], measures["shards"]) == (len(kept), -(-len(kept) // 8))
    assert len(list(out.glob("*.npy"))) == measures["shards"] + 4


def test_only_bad_images_are_an_error_though_they_are_skipped(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 10, {f"{i:06d}": b"no image" for i in range(1, 11)})
    with pytest.raises(UserError, match="expected at least one image that can be used, received 10 bad ones"):
        build_shards(raw, out, SKIP, SPLIT, workers=1)


def test_an_impossible_split_is_told_before_anything_is_decoded(tmp_path, out, monkeypatch):
    monkeypatch.setattr(build, "decode_all", lambda *_: pytest.fail("decoded"))
    with pytest.raises(UserError, match=r"split\.train: expected 1 to 19 of the 20 images"):
        build_shards(write_raw(tmp_path / "raw", 20), out, IMAGES, Split(train=170000), workers=1)


def test_a_fault_in_the_labels_is_told_before_one_in_an_image(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12, {"000001": b"no image"}, labelled=10)
    with pytest.raises(UserError, match="expected a row for every image"):
        build_shards(raw, out, IMAGES, SPLIT, workers=1)


def test_a_small_archive_is_not_worth_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(build.progress, "workers", lambda: 8)
    (tmp_path / "a.zip").write_bytes(bytes(3000))
    for bytes_each, workers in ((1 << 20, 1), (1000, 3), (100, 8)):
        monkeypatch.setattr(build, "WORKER_BYTES", bytes_each)
        assert build._worthwhile(tmp_path / "a.zip") == workers


def test_what_was_understood_is_counted_and_said(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 12, {"000003": b"no image"}, labelled=50)
    with zipfile.ZipFile(raw / "img_align_celeba.zip", "a") as archive:
        archive.writestr("readme.txt", "x")
    measures = build_shards(raw, out, SKIP.model_copy(update={"limit": 10}), SPLIT, workers=1)
    assert measures.items() >= {"attributes": 40, "factors": 0, "identities": 26, "rows_without_image": 38}.items()
    assert (measures["ignored_files"], measures["crop"], measures["size"]) == (1, [0, 3, 24, 27], 8)
    assert describe(measures) == (
        "9 images of 8 x 8 pixels from [0, 3, 24, 27] (lanczos): 7 train, 2 held out, 1 skipped; 40 attributes, "
        "0 factors, 26 identities; 38 label rows without an image; 1 files ignored"
    )


def test_each_chunk_is_flushed(tmp_path, out, monkeypatch):
    unwritten, flush = [], os.fsync

    def sync(descriptor):
        unwritten.append(os.fstat(descriptor).st_size)
        flush(descriptor)

    monkeypatch.setattr(build.os, "fsync", sync)
    build_shards(write_raw(tmp_path / "raw", 10), out, IMAGES, SPLIT, workers=1)
    assert unwritten == [128 + rows * 8 * 8 * 3 for rows in (3, 6, 8, 1, 2)]


def test_few_images_are_shared_by_all_workers(tmp_path, out, monkeypatch):
    shares = []

    def decoded(transform, chunks, workers):
        shares.extend(map(len, chunks))
        yield from decode_all(transform, chunks, 1)

    monkeypatch.setattr(build, "decode_all", decoded)
    monkeypatch.setattr(build, "CHUNK_BYTES", 1 << 20)
    build_shards(write_raw(tmp_path / "raw", 20), out, IMAGES, SPLIT, workers=3)
    assert shares == [2] * 10


def test_official_and_identity_splits_follow_the_label_files(tmp_path, out):
    raw = write_raw(tmp_path / "raw", 20)
    build_shards(raw, out, IMAGES, Split(train=None, by="official"), workers=1)
    np.testing.assert_array_equal(Shards.open(out).split, np.arange(1, 21) % 3 == 0)
    (tmp_path / "identity").mkdir()
    build_shards(raw, tmp_path / "identity", IMAGES, Split(train=10, by="identity"), workers=1)
    shards = Shards.open(tmp_path / "identity")
    sides = [set(shards.identities[shards.rows(side)]) for side in ("train", "held_out")]
    assert sides[0].isdisjoint(sides[1])
    assert len(shards.rows("train")) == 10


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"source": "web"}'])
def test_a_source_that_is_not_known_is_named(tmp_path, out, text):
    raw = write_raw(tmp_path / "raw", 10)
    (raw / "source.json").write_text(text)
    with pytest.raises(UserError, match=r"source\.json: "):
        build_shards(raw, out, IMAGES, SPLIT, workers=1)


def test_a_full_disk_is_one_clear_line(tmp_path, out, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build.os, "fsync", full)
    with pytest.raises(UserError, match=r"shards: expected .*, received: No space left on device"):
        build_shards(write_raw(tmp_path / "raw", 10), out, IMAGES, SPLIT, workers=1)


def test_too_little_room_is_told_before_anything_is_decoded(tmp_path, out, monkeypatch):
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(UserError, match=r"shards: expected room for 0\.000 GB, received 0\.000 GB free"):
        build_shards(write_raw(tmp_path / "raw", 10), out, IMAGES, SPLIT, workers=1)
