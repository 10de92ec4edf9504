import errno
import gc
import json
import multiprocessing
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zpoints.errors import UserError
from zpoints.shards import store
from zpoints.shards.store import Shards

COUNTS = (5, 5, 3)
SIZE = 4
N = sum(COUNTS)
PIXELS = np.random.default_rng(0).integers(0, 256, (N, SIZE, SIZE, 3), dtype=np.uint8)
SPLIT = (np.arange(N) % 4 == 1).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "shards")


def write(folder, **index):
    folder.mkdir()
    files = []
    for k, first in enumerate((0, 5, 10)):
        files.append({"file": f"shard_{k:03d}.npy", "images": COUNTS[k]})
        np.save(folder / files[-1]["file"], PIXELS[first : first + COUNTS[k]])
    np.save(folder / "ids.npy", np.array([f"{i:06d}" for i in range(1, N + 1)]))
    np.save(folder / "split.npy", SPLIT)
    np.save(folder / "attributes.npy", np.tile(SPLIT[:, None], 2))
    np.save(folder / "identities.npy", np.arange(N, dtype=np.int32))
    np.save(folder / "factors.npy", np.arange(N, dtype=np.float32)[:, None] / 7)
    content = {"format": 1, "images": N, "size": SIZE, "shards": files, "attributes": ["Bald", "Young"]}
    content |= {"factors": ["yaw"], "source": "toy", "train": int(N - SPLIT.sum()), "held_out": int(SPLIT.sum())}
    (folder / "index.json").write_text(json.dumps(content | index))
    return folder


def test_a_folder_is_opened_with_all_that_belongs_to_it(folder):
    shards = Shards.open(folder)
    assert (len(shards), shards.size, shards.source) == (N, SIZE, "toy")
    assert (shards.attribute_names, shards.factor_names) == (("Bald", "Young"), ("yaw",))
    assert shards.ids[2] == "000003"
    assert shards.attributes.dtype == np.uint8
    assert shards.identities.dtype == np.int32
    assert shards.factors.dtype == np.float32
    np.testing.assert_array_equal(shards.split, SPLIT)


def test_both_sides_of_the_split_cover_all_rows_in_order(folder):
    shards = Shards.open(folder)
    train, held_out = shards.rows("train"), shards.rows("held_out")
    assert train.dtype == np.int64
    np.testing.assert_array_equal(held_out, [1, 5, 9])
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held_out])), np.arange(N))
    assert (np.diff(train) > 0).all()


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.integers(0, N - 1), max_size=30))
def test_any_rows_are_read_as_from_one_stack(opened, rows):
    images = opened.read(rows)
    assert (images.dtype, images.shape) == (np.uint8, (len(rows), SIZE, SIZE, 3))
    np.testing.assert_array_equal(images, PIXELS[np.array(rows, dtype=int)])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return Shards.open(write(tmp_path_factory.mktemp("store") / "shards"))


@pytest.fixture
def reads(monkeypatch):
    """Positions and lengths of what is read and of what is announced, as (kind, position, bytes)."""
    seen, read, advise = [], os.preadv, os.posix_fadvise

    def note_read(descriptor, buffers, position):
        seen.append(("read", position, sum(map(len, buffers))))
        return read(descriptor, buffers, position)

    def note_advice(descriptor, position, length, advice):
        assert advice == os.POSIX_FADV_WILLNEED
        seen.append(("announced", position, length))
        return advise(descriptor, position, length, advice)

    monkeypatch.setattr(os, "preadv", note_read)
    monkeypatch.setattr(os, "posix_fadvise", note_advice)
    return seen


@pytest.fixture
def used_memory(monkeypatch):
    """New arrays hold what nobody wrote; what malloc hands out may hold the very images of the test before."""
    monkeypatch.setattr(np, "empty", lambda shape, dtype: np.full(shape, 77, dtype))


needs_linux = pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="looks at Linux' own calls")
IMAGE = SIZE * SIZE * 3
SCATTERED = [12, 3, 1, 7, 2, 2, 11, 0]  # neighbours on disk among them, and one twice


@needs_linux
def test_rows_that_follow_one_another_on_disk_are_one_read(folder, reads):
    shards = Shards.open(folder)
    np.testing.assert_array_equal(shards.read([4, 2, 3, 0]), PIXELS[[4, 2, 3, 0]])
    assert [length for kind, _, length in reads if kind == "read"] == [IMAGE, 3 * IMAGE]
    reads.clear()
    shards.read(np.arange(2, 12))
    assert [length for kind, _, length in reads if kind == "read"] == [3 * IMAGE, 5 * IMAGE, 2 * IMAGE]


@needs_linux
def test_all_scattered_rows_are_announced_before_the_first_is_read(opened, reads):
    opened.read(SCATTERED)
    announced, read = reads[: len(reads) // 2], reads[len(reads) // 2 :]
    assert len(read) == 4
    assert [one[1:] for one in announced] == [one[1:] for one in read]
    assert {one[0] for one in announced} == {"announced"}
    assert {one[0] for one in read} == {"read"}


@needs_linux
def test_a_file_system_that_takes_no_advice_is_read_all_the_same(opened, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ESPIPE, "no advice")

    monkeypatch.setattr(os, "posix_fadvise", refuse)
    np.testing.assert_array_equal(opened.read(SCATTERED), PIXELS[SCATTERED])


@needs_linux
@pytest.mark.parametrize("most", [1, 7, IMAGE - 1, IMAGE, IMAGE + 5, 3 * IMAGE])
def test_reads_that_end_early_go_on_where_they_ended(opened, monkeypatch, used_memory, most):
    def read_less(descriptor, buffers, position, read=os.preadv):
        left, cut = most, []
        for buffer in buffers:
            cut.append(buffer[:left])
            left -= len(cut[-1])
        return read(descriptor, cut, position)

    monkeypatch.setattr(os, "preadv", read_less)
    for rows in (SCATTERED, [4, 2, 3, 1], np.arange(N)):
        np.testing.assert_array_equal(opened.read(rows), PIXELS[rows])


@needs_linux
def test_more_rows_than_one_read_can_fill_are_several(opened, monkeypatch, reads):
    monkeypatch.setattr(store, "BUFFERS", 2)
    np.testing.assert_array_equal(opened.read(np.arange(5)), PIXELS[:5])
    assert [length for _, _, length in reads] == [2 * IMAGE, 2 * IMAGE, IMAGE]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at Linux' own tables")
def test_images_that_were_read_stay_neither_mapped_nor_open(folder):
    def open_shards():
        # Other tests' descriptors come and go with the garbage collector: only this folder's count.
        links = (Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
        return sum(link.is_symlink() and os.readlink(link).startswith(f"{folder}/") for link in links)

    shards = Shards.open(folder)
    shards.read(np.arange(N))
    assert f"{folder}/shard_" not in Path("/proc/self/maps").read_text()
    assert open_shards() == len(COUNTS)
    del shards
    gc.collect()
    assert open_shards() == 0


def test_threads_read_side_by_side(opened):
    draws = [np.random.default_rng(seed).integers(0, N, 20) for seed in range(200)]
    with ThreadPoolExecutor(8) as pool:
        for rows, images in zip(draws, pool.map(opened.read, draws), strict=True):
            np.testing.assert_array_equal(images, PIXELS[rows])


def test_shards_are_pickled_without_their_images(opened):
    pickled = pickle.dumps(opened)
    assert PIXELS[0].tobytes() not in pickled
    np.testing.assert_array_equal(pickle.loads(pickled).read(SCATTERED), PIXELS[SCATTERED])


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_process_that_is_started_reads_the_same(opened, method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        np.testing.assert_array_equal(pool.apply(opened.read, (SCATTERED,)), PIXELS[SCATTERED])
    np.testing.assert_array_equal(opened.read(SCATTERED), PIXELS[SCATTERED])


def test_a_file_cut_off_after_it_was_opened_is_named(folder):
    shards = Shards.open(folder)
    with (folder / "shard_001.npy").open("r+b") as file:
        file.truncate(file.seek(0, os.SEEK_END) - 1)
    np.testing.assert_array_equal(shards.read([8]), PIXELS[[8]])
    for rows in ([9], range(5, 10), range(N)):
        with pytest.raises(UserError, match=r"shard_001\.npy: expected 368 bytes still, received .* cut off"):
            shards.read(rows)


@needs_linux
def test_a_disk_that_fails_is_told(opened, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "preadv", fail)
    with pytest.raises(UserError, match=r"shard_002\.npy: expected to read images, received: Input/output error"):
        opened.read([10])


def test_a_shard_in_fortran_order_is_refused(folder):
    np.save(folder / "shard_001.npy", np.asfortranarray(PIXELS[5:10]))
    with pytest.raises(UserError, match=r"shard_001\.npy: expected .* C order, received .* Fortran order"):
        Shards.open(folder)


@pytest.mark.parametrize("rows", [[-1], [N], [0, N], list(range(10, N + 1))])
def test_a_row_outside_is_an_error(opened, rows):
    with pytest.raises(IndexError, match=f"expected 0 to {N - 1}"):
        opened.read(rows)


def test_labels_that_do_not_exist_are_none(tmp_path):
    folder = write(tmp_path / "shards", attributes=[], factors=[])
    for name in ("attributes", "factors", "identities"):
        (folder / f"{name}.npy").unlink()
    shards = Shards.open(folder)
    assert shards.attributes is None
    assert shards.factors is None
    assert shards.identities is None
    assert shards.attribute_names == ()


ARRAYS = {
    "shard_001.npy": PIXELS[5:10],
    "ids.npy": np.array(["000001"] * N),
    "split.npy": SPLIT,
    "attributes.npy": np.zeros((N, 2), dtype=np.uint8),
    "identities.npy": np.zeros(N, dtype=np.int32),
    "factors.npy": np.zeros((N, 1), dtype=np.float32),
}


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "identities.npy"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(UserError, match=rf"{name}: expected an array, received"):
        Shards.open(folder)


def test_factors_are_finite(folder):
    np.save(folder / "factors.npy", np.full((N, 1), np.nan, dtype=np.float32))
    with pytest.raises(UserError, match=r"factors\.npy: expected finite numbers"):
        Shards.open(folder)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_file_of_another_shape_or_type_is_named(folder, name):
    for wrong in (ARRAYS[name][1:], ARRAYS[name][..., None], np.zeros(ARRAYS[name].shape, dtype=np.int64)):
        np.save(folder / name, wrong)
        with pytest.raises(UserError, match=rf"{name}: expected .* of shape .*, received .* of shape"):
            Shards.open(folder)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ({"format": 2}, "expected format 1, received 2"),
        ({"images": N + 1}, "shards: expected 14 images, received 13 images"),
        ({"images": "many"}, "images: expected a whole number, received many"),
        ({"size": None}, "size: expected a whole number"),
        ({"size": True}, "size: expected a whole number, received True"),
        ({"source": "web"}, "source: expected one of toy, celeba, folder, lfw, received web"),
        ({"attributes": "Bald"}, "attributes: expected a list of names"),
        ({"shards": [{"file": "../shard_000.npy", "images": N}]}, "shards: expected a list of files"),
        ({"shards": [{"file": "shard_000.npy", "images": -1}]}, "shards: expected a list of files"),
        ({"shards": [{"file": "index.json", "images": N}]}, "shards: expected a list of files"),
        ({"shards": None}, "shards: expected a list of files"),
        ({"train": 0}, "train: expected at least one image, received 0"),
        ({"held_out": 0}, "held_out: expected at least one image, received 0"),
    ],
)
def test_an_index_that_does_not_fit_is_named(tmp_path, index, expected):
    with pytest.raises(UserError, match=rf"index\.json: {expected}"):
        Shards.open(write(tmp_path / "shards", **index))


def test_counts_that_do_not_fit_the_split_are_told(tmp_path):
    with pytest.raises(UserError, match=r"split\.npy: expected 12 train rows, received 10"):
        Shards.open(write(tmp_path / "shards", train=12))


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
def test_an_index_that_is_no_object_is_named(folder, text):
    (folder / "index.json").write_text(text)
    with pytest.raises(UserError, match=r"index\.json: expected"):
        Shards.open(folder)


def test_a_folder_without_index_is_named(tmp_path):
    with pytest.raises(UserError, match=r"index\.json: expected JSON, received no such file"):
        Shards.open(tmp_path)
