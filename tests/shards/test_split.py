import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zpoints.errors import UserError
from zpoints.shards.split import split_rows


def ids(n):
    return [f"{i:06d}" for i in range(1, n + 1)]


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 300), seed=st.integers(0, 2**32), data=st.data())
def test_a_random_split_holds_exactly_the_count(n, seed, data):
    train = data.draw(st.integers(1, n - 1))
    split = split_rows(ids(n), train, "random", seed)
    assert (split.dtype, split.shape) == (np.uint8, (n,))
    assert np.count_nonzero(split == 0) == train
    assert np.count_nonzero(split == 1) == n - train


def test_a_fraction_is_that_part_of_the_images():
    assert np.count_nonzero(split_rows(ids(1000), 0.9, "random", 0) == 0) == 900


@pytest.mark.parametrize("by", ["random", "identity"])
def test_the_seed_alone_decides(by):
    identities = np.arange(500) // 2
    splits = [split_rows(ids(500), 400, by, seed, identities=identities) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(splits[0], splits[1])
    assert (splits[0] != splits[2]).sum() > 50


def test_every_image_is_held_out_as_often_as_any_other():
    held_out = sum(split_rows(ids(50), 40, "random", seed).astype(int) for seed in range(400))
    # Binomial(400, 0.2): mean 80, spread 8.
    assert held_out.min() > 40
    assert held_out.max() < 120


def test_large_identities_are_held_out_about_as_often_as_small_ones():
    sizes = np.arange(600) % 30 + 1
    identities = np.repeat(np.arange(600), sizes)
    held_out = np.zeros(600)
    for seed in range(40):
        split = split_rows(ids(9300), 7440, "identity", seed, identities=identities)
        held_out += np.bincount(identities, weights=split) > 0
    small, large = held_out[sizes <= 10].mean() / 40, held_out[sizes > 20].mean() / 40
    np.testing.assert_allclose([small, large], 0.2, atol=0.025)


@settings(max_examples=60, deadline=None)
@given(
    identities=st.lists(st.integers(0, 12), min_size=2, max_size=60).filter(lambda who: len(set(who)) > 1),
    seed=st.integers(0, 1000),
    data=st.data(),
)
def test_no_identity_is_on_both_sides_and_no_nearer_count_is_possible(identities, seed, data):
    n = len(identities)
    train = data.draw(st.integers(1, n - 1))
    split = split_rows(ids(n), train, "identity", seed, identities=np.array(identities))
    held_out = {who for who, side in zip(identities, split, strict=True) if side}
    assert held_out.isdisjoint(who for who, side in zip(identities, split, strict=True) if not side)
    reachable = {0}
    for size in np.unique(identities, return_counts=True)[1].tolist():
        reachable |= {total + size for total in reachable}
    nearest = min(abs(total - (n - train)) for total in reachable - {0, n})
    assert abs(int(split.sum()) - (n - train)) == nearest


def test_the_official_split_trains_on_partition_0():
    split = split_rows(ids(5), None, "official", 0, partition=np.array([0, 1, 2, 0, 2], dtype=np.int8))
    np.testing.assert_array_equal(split, [0, 1, 1, 0, 1])
    assert split.dtype == np.uint8


@pytest.mark.parametrize(
    ("train", "by", "labels", "expected"),
    [
        (10, "random", {}, r"split\.train: expected 1 to 9 of the 10 images.*received 10"),
        (170000, "random", {}, r"split\.train: expected 1 to 9 of the 10 images.*received 170000"),
        (0, "random", {}, r"split\.train: expected 1 to 9"),
        (0.99, "random", {}, r"split\.train: expected 1 to 9.*received 0\.99 \(10 images\)"),
        (0.01, "random", {}, r"split\.train: expected 1 to 9.*received 0\.01 \(0 images\)"),
        (None, "random", {}, r"split\.train: expected a count or a fraction.*received null"),
        (5, "identity", {}, r"split\.by: identity needs identity_CelebA\.txt"),
        (5, "identity", {"identities": np.zeros(10)}, r"split\.by: identity expected images of at least two persons"),
        (None, "official", {}, r"split\.by: official needs list_eval_partition\.txt"),
        (None, "official", {"partition": np.zeros(10)}, r"split\.by: official expected.*received 10 of 10"),
        (None, "official", {"partition": np.ones(10)}, r"split\.by: official expected.*received 0 of 10"),
        (5, "official", {"partition": np.arange(10) % 3}, r"split\.train: expected null with split\.by official.*5"),
        (5, "moon", {}, r"split\.by: expected random, identity or official, received moon"),
    ],
)
def test_a_split_that_is_impossible_is_an_error_naming_the_key(train, by, labels, expected):
    with pytest.raises(UserError, match=expected):
        split_rows(ids(10), train, by, 0, **labels)
