import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zpoints.errors import UserError
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


@settings(max_examples=100, deadline=None)
@given(bounds=st.tuples(st.integers(0, N), st.integers(0, N)))
def test_rows_that_follow_one_another_are_read_as_from_one_stack(opened, bounds):
    start, stop = sorted(bounds)
    np.testing.assert_array_equal(opened.read(np.arange(start, stop)), PIXELS[start:stop])


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return Shards.open(write(tmp_path_factory.mktemp("store") / "shards"))


def test_images_read_can_be_changed_without_touching_the_disk(folder):
    shards = Shards.open(folder)
    shards.read([0, 1])[:] = 0
    np.testing.assert_array_equal(shards.read([0, 1]), PIXELS[:2])


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


@pytest.mark.parametrize("name", ARRAYS)
def test_a_file_of_another_shape_or_type_is_named(folder, name):
    for wrong in (ARRAYS[name][1:], ARRAYS[name][..., None], np.zeros(ARRAYS[name].shape, dtype=np.int64)):
        np.save(folder / name, wrong)
        with pytest.raises(UserError, match=rf"{name}: expected .* of shape .*, received .* of shape"):
            Shards.open(folder)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_file_cut_off_is_named(folder, name):
    whole = (folder / name).read_bytes()
    for length in (0, 5, 100, len(whole) - 1):
        (folder / name).write_bytes(whole[:length])
        with pytest.raises(UserError, match=rf"{name}: expected"):
            Shards.open(folder)


def test_a_pickle_is_not_loaded(folder):
    np.save(folder / "ids.npy", np.array([print] * N, dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"ids\.npy: expected"):
        Shards.open(folder)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ({"format": 2}, "expected format 1, received 2"),
        ({"images": N + 1}, "shards: expected 14 images, received 13 images"),
        ({"images": "many"}, "images: expected a whole number, received many"),
        ({"size": None}, "size: expected a whole number"),
        ({"source": "web"}, "source: expected toy or celeba, received web"),
        ({"attributes": "Bald"}, "attributes: expected a list of names"),
        ({"shards": [{"file": "../shard_000.npy", "images": N}]}, "shards: expected a list of files"),
        ({"shards": [{"file": "shard_000.npy", "images": -1}]}, "shards: expected a list of files"),
        ({"shards": None}, "shards: expected a list of files"),
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
    with pytest.raises(UserError, match=r"index\.json: expected the index of a shards folder"):
        Shards.open(tmp_path)
